"""Export one ONNX file from seed to sound: network, magnitude, phase and level in standard operators.

ONNX Runtime plays the file without Python. Input `seed`, (n, latent_size), in slider units; outputs `samples`,
(n, n_samples), and `image`, (n, n_bins, n_frames), all float32. A model with stems has the output `stems`, (n, n_stems,
n_samples), too, which add up to `samples`. A file for sequences takes (n, steps, latent_size) and returns loops that
are `steps` times as long. The metadata contain the spec of the model, and as `technogan.frequencies` a JSON list of the
frequencies of the image's rows, in cycles per sample. Needs the onnx package.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
import onnx.version_converter

from technogan.atomic import write_atomically
from technogan.audio_graph.constant_q import ConstantQGraph
from technogan.audio_graph.level import add_levelling
from technogan.audio_graph.phase import add_reconstruction
from technogan.audio_graph.stft import StftGraph
from technogan.audio_graph.transform import TransformGraph
from technogan.errors import BundleError, SpecError
from technogan.formats import SpectrogramFormat, StftSettings
from technogan.graphs.builder import Graph
from technogan.graphs.metadata import with_metadata
from technogan.image import to_image
from technogan.network.bundle import ModelBundle
from technogan.network.spec import ModelSpec
from technogan.network.writing import embed_spec, verify
from technogan.seeds.seed import Seed
from technogan.sound.loop import MIN_RATE
from technogan.transforms import row_frequencies

FREQUENCIES_KEY = "technogan.frequencies"

# The oldest opset in which ScatterElements can keep the larger of two values.
_OPSET = 18
_IMAGE_TOLERANCE = 1e-3


def export_audio(bundle: ModelBundle, target: Path, *, sequence: bool = False) -> None:
    """Write a model and its sound engine to one file, atomically.

    sequence: add an axis of steps: each loop consists of the loops of several seeds. Raises BundleError if the model is
    damaged or cannot be exported, OutputError if the file cannot be written.
    """
    verify(bundle)
    write_atomically(target, build_audio_graph(bundle, sequence=sequence))


def build_audio_graph(bundle: ModelBundle, *, sequence: bool = False) -> bytes:
    """Return the bytes of the file; see `export_audio`."""
    spec = bundle.spec
    sample_rate = spec.format.sample_rate(spec.bpm)
    if sample_rate < MIN_RATE:
        raise BundleError(bundle.path, f"its loops play at {sample_rate:.0f} Hz; at least {MIN_RATE} Hz is needed")
    network = _load_network(bundle)
    n = _batch_size(network)
    if sequence and isinstance(n, int):
        raise BundleError(bundle.path, "the network takes one seed at a time, so it cannot make sequences")
    try:
        graph = _write_graph(spec, network, n, sequence=sequence)
    except SpecError as error:
        raise BundleError(bundle.path, str(error)) from error
    frequencies = json.dumps([round(float(frequency), 7) for frequency in row_frequencies(spec.format)])
    data = with_metadata(embed_spec(graph, spec, bundle.path), {FREQUENCIES_KEY: frequencies}, bundle.path)
    _check(data, bundle, sequence=sequence)
    return data


def _check(data: bytes, bundle: ModelBundle, *, sequence: bool) -> None:
    """Compare the file's result for one seed with the engine's. Raises BundleError if they differ."""
    import onnxruntime

    from technogan.engine import Engine

    loop = Engine(bundle).render(Seed.of([0.0] * bundle.spec.latent_size))
    seed = np.zeros((1, 1, bundle.spec.latent_size) if sequence else (1, bundle.spec.latent_size), np.float32)
    try:
        session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
        samples, image = session.run(["samples", "image"], {"seed": seed})
    except Exception as error:  # ONNX Runtime's errors share no base class
        raise BundleError(bundle.path, f"ONNX Runtime cannot play the exported file: {error}") from error
    if samples.shape != (1, len(loop.samples)) or not np.isfinite(samples).all():
        raise BundleError(bundle.path, "the exported file does not return a loop of the model's length")
    wanted, _ = to_image(loop.magnitude, bundle.spec.format)
    # The weakest bins of a magnitude do not determine the image.
    heard = wanted > -1 + _IMAGE_TOLERANCE
    difference = float(np.abs(np.where(heard, image[0] - wanted, 0)).max())
    if difference > _IMAGE_TOLERANCE:
        raise BundleError(bundle.path, f"the image of the exported file differs by {difference:.2g}")


def _write_graph(spec: ModelSpec, network: onnx.ModelProto, n: int | str, *, sequence: bool) -> bytes:
    size, graph, n_stems = spec.format, Graph(), len(spec.stems)
    sliders = graph.add("Clip", "seed", graph.number(spec.slider_min), graph.number(spec.slider_max))
    latents = graph.reshape(graph.add("Mul", sliders, graph.number(spec.slider_scale)), -1, spec.latent_size)
    rows = _clip_image(graph, graph.include(network.graph, latents), size)
    if sequence:
        rows = _join_steps(graph, rows, size, max(n_stems, 1))
    magnitude = _to_magnitude(graph, rows, size)
    n_sequences = graph.slice(graph.add("Shape", rows), 0, 1, 0) if sequence else None
    transform = _make_transform(graph, size, n_sequences)
    pieces = add_reconstruction(graph, transform.from_rows(magnitude), transform)
    samples, stems = add_levelling(graph, pieces, size, sample_rate=size.sample_rate(spec.bpm), n_stems=n_stems)
    rows = _mix_rows(graph, magnitude, size, n_stems) if n_stems else rows
    image = graph.add("Transpose", rows, perm=[0, 2, 1])
    steps: tuple[str, ...] = ("steps",) if sequence else ()
    n_samples, n_frames = ("n_samples", "n_frames") if sequence else (size.n_samples, size.n_frames)
    return graph.model(
        {"seed": (n, *steps, spec.latent_size)},
        {
            "samples": (samples, (n, n_samples)),
            **({"stems": (stems, (n, n_stems, n_samples))} if n_stems else {}),
            "image": (image, (n, size.n_bins, n_frames)),
        },
        opset=max(_OPSET, _opset(network)),
    )


def _make_transform(graph: Graph, size: SpectrogramFormat, n_sequences: str | None) -> TransformGraph:
    settings = size.transform
    if isinstance(settings, StftSettings):
        return StftGraph(graph, n_fft=settings.n_fft, hop_length=size.hop_length, n_bins=size.n_bins)
    return ConstantQGraph(graph, size, settings, n_sequences)


def _load_network(bundle: ModelBundle) -> onnx.ModelProto:
    """Return the model's graph, converted to _OPSET if it is older."""
    try:
        network = onnx.load_model_from_string(bundle.read())
        if _opset(network) < _OPSET:
            network = onnx.version_converter.convert_version(network, _OPSET)
    except BundleError:
        raise
    except Exception as error:  # protobuf's and onnx's errors share no base class
        raise BundleError(bundle.path, f"its network cannot be read: {error}") from error
    foreign = {node.domain for node in network.graph.node} - {"", "ai.onnx"}
    if foreign or network.functions:
        raise BundleError(bundle.path, f"its network needs non-standard operators ({', '.join(sorted(foreign))})")
    return network


def _opset(network: onnx.ModelProto) -> int:
    return max(int(each.version) for each in network.opset_import if each.domain in ("", "ai.onnx"))


def _batch_size(network: onnx.ModelProto) -> int | str:
    """Return 1 if the network takes one latent at a time, else "n"."""
    constants = {constant.name for constant in network.graph.initializer}
    (source,) = [each for each in network.graph.input if each.name not in constants]
    first = [tensor.type.tensor_type.shape.dim[0] for tensor in (source, network.graph.output[0])]
    return 1 if any(dimension.dim_value == 1 for dimension in first) else "n"


def _clip_image(graph: Graph, output: str, size: SpectrogramFormat) -> str:
    """Convert the network's output in any layout to images (n, n_frames, n_bins), clipped to [-1, 1]."""
    image = graph.reshape(output, -1, size.n_bins, size.n_frames)
    # NaN compares as false with everything: the search for the strongest pass would never end.
    image = graph.add("Where", graph.add("IsNaN", image), graph.number(-1), image)
    image = graph.add("Clip", image, graph.number(-1), graph.number(1))
    return graph.add("Transpose", image, perm=[0, 2, 1])


def _join_steps(graph: Graph, rows: str, size: SpectrogramFormat, n_stems: int) -> str:
    """Join the images of all steps: (n * steps * n_stems, n_frames, n_bins) -> (n * n_stems, steps * n_frames, n_bins).

    The numbers n and steps are those of the seed.
    """
    n_and_steps = graph.slice(graph.add("Shape", "seed"), 0, 2, 0)
    shape = graph.add("Concat", n_and_steps, graph.integers(n_stems, size.n_frames, size.n_bins), axis=0)
    steps = graph.add("Transpose", graph.add("Reshape", rows, shape), perm=[0, 2, 1, 3, 4])
    n_loops = graph.add("Mul", graph.slice(n_and_steps, 0, 1, 0), graph.integers(n_stems))
    return graph.add("Reshape", steps, graph.add("Concat", n_loops, graph.integers(-1, size.n_bins), axis=0))


def _mix_rows(graph: Graph, magnitude: str, size: SpectrogramFormat, n_stems: int) -> str:
    """Return the image rows, [-1, 1], of the sum of stems; see `technogan.image.mix_magnitudes`."""
    mixed = graph.add("ReduceL2", graph.group(magnitude, n_stems), graph.integers(1), keepdims=0)
    value = graph.add("Pow", graph.times(mixed, np.array(1 / size.scale)), graph.number(1 / size.power))
    value = graph.add("Min", value, graph.number(1))
    return graph.add("Sub", graph.add("Add", value, value), graph.number(1))


def _to_magnitude(graph: Graph, rows: str, size: SpectrogramFormat) -> str:
    """Add `technogan.image.to_magnitude`."""
    half = graph.number(0.5)
    value = graph.add("Add", graph.add("Mul", rows, half), half)
    if size.power in (2, 3):
        # A general power takes ten times as long.
        powered = graph.add("Mul", *[value] * 2)
        powered = graph.add("Mul", powered, value) if size.power == 3 else powered
    else:
        powered = graph.add("Pow", value, graph.number(size.power))
    return graph.times(powered, np.array(size.scale, np.float32))
