"""The exported file from seed to sound, run by ONNX Runtime, compared with the engine."""

import json
from dataclasses import replace

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import helper

from technogan.audio_graph.export import FREQUENCIES_KEY, build_audio_graph, export_audio
from technogan.engine import Engine
from technogan.errors import BundleError, OutputError
from technogan.formats import FORMATS, ConstantQSettings, SpectrogramFormat, StftSettings
from technogan.graphs.metadata import metadata_of
from technogan.image import to_image
from technogan.network.bundle import SPEC_KEY, ModelBundle
from technogan.network.library import find_model
from technogan.network.writing import write_bundle
from technogan.seeds.paths import pingpong
from technogan.seeds.seed import Seed
from technogan.sound.level import TRUE_PEAK_CEILING, loudness, true_peak
from technogan.transforms import transform_of
from tests.networks import LATENT_SIZE, STEMS, TINY, model_of, stems_network, tiny_network, tiny_spec
from tests.signals import convergence_at_best_gain

# The small format of other tests, at an audible sample rate.
SMALL = SpectrogramFormat("small", 48, 32, beats=1, hop_length=16, transform=StftSettings(64))
SMALL_CQ = replace(SMALL, hop_length=8, transform=ConstantQSettings(widest_spacing=1 / 4))
BPM = 128.0 * 5

BOTH_TRANSFORMS = pytest.mark.parametrize("size", [SMALL, SMALL_CQ], ids=["stft", "constant-q"])


def session_of(data):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])


def run(session, *seeds):
    return session.run(["samples", "image"], {"seed": np.array([seed.values for seed in seeds], np.float32)})


def small_bundle(folder, *, size=SMALL, **network):
    data = tiny_network(batch="n", layout="plain", **network)
    return write_bundle(data, tiny_spec(format=size, bpm=BPM), folder / "small.onnx")


def stems_bundle(folder, *, size=SMALL):
    return write_bundle(stems_network(), tiny_spec(format=size, bpm=BPM, stems=STEMS), folder / "stems.onnx")


def is_as_consistent(samples, loop, size):
    """Return whether samples match a magnitude as well as the engine's loop does, within half a decibel."""
    wanted = convergence_at_best_gain(loop.samples, loop.magnitude, size)
    return convergence_at_best_gain(samples, loop.magnitude, size) == pytest.approx(wanted, abs=0.5)


@pytest.fixture(scope="module", params=["beat", "half-cq"])
def engine(request):
    return Engine(find_model(request.param))


@pytest.fixture(scope="module")
def loops(engine):
    """The exported file of the engine's model."""
    return session_of(build_audio_graph(find_model(engine.spec.name)))


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_seed_gives_the_engines_image_and_quality(loops, engine, number):
    seed, size = Seed.from_integer(number), engine.spec.format
    loop = engine.render(seed)
    (samples,), (image,) = run(loops, seed)
    assert samples.shape == loop.samples.shape
    assert samples.dtype == np.float32
    np.testing.assert_allclose(image, to_image(loop.magnitude, size)[0], atol=1e-3)
    assert is_as_consistent(samples, loop, size)


def test_it_is_as_loud_as_the_engine(loops, engine):
    rate = engine.spec.format.sample_rate(engine.spec.bpm)
    for number in range(3):
        (samples,), _ = run(loops, Seed.from_integer(number))
        assert loudness(samples, rate) == pytest.approx(
            engine.render(Seed.from_integer(number)).levels.loudness, abs=0.1
        )
        assert true_peak(samples) <= TRUE_PEAK_CEILING + 0.01


def test_the_same_seed_gives_the_same_loop(loops):
    seed = Seed.from_integer(5)
    assert (run(loops, seed)[0] == run(loops, seed)[0]).all()


def test_a_batch_gives_the_same_loops_as_single_seeds(loops):
    seeds = [Seed.from_integer(i) for i in range(3)]
    together = run(loops, *seeds)[0]
    for seed, samples in zip(seeds, together, strict=True):
        (alone,), _ = run(loops, seed)
        # The batch changes the last bits of a network's output, and the reconstruction with them.
        assert np.corrcoef(samples, alone)[0, 1] > 0.99


def test_values_beyond_the_sliders_are_clipped(loops, engine):
    size = engine.spec.latent_size
    far, end = np.full((1, size), 900, np.float32), np.full((1, size), engine.spec.slider_max, np.float32)
    images = [loops.run(["image"], {"seed": seed})[0] for seed in (far, end)]
    assert (images[0] == images[1]).all()


def test_a_seed_with_nan_gives_silence_and_does_not_affect_others(loops, engine):
    seeds = np.zeros((2, engine.spec.latent_size), np.float32)
    seeds[0, 7] = np.nan
    samples, _ = loops.run(["samples", "image"], {"seed": seeds})
    assert (samples[0] == 0).all()
    assert np.abs(samples[1]).max() > 0.1


def test_a_sequence_is_one_loop_over_its_steps(engine):
    seeds = pingpong(Seed.from_integer(1), Seed.from_integer(2), 3)
    session = session_of(build_audio_graph(find_model(engine.spec.name), sequence=True))
    steps = np.array([[seed.values for seed in seeds]], np.float32)
    (samples,), (image,) = session.run(["samples", "image"], {"seed": steps})
    loop, size = engine.render_sequence(seeds), engine.spec.format
    assert samples.shape == loop.samples.shape
    assert image.shape == (size.n_bins, 3 * size.n_frames)
    assert is_as_consistent(samples, loop, size)


def test_the_seam_is_not_larger_than_steps_inside_the_loop(loops):
    for number in range(8):
        (samples,), _ = run(loops, Seed.from_integer(number))
        steps = np.abs(np.diff(samples))
        assert abs(samples[0] - samples[-1]) <= np.quantile(steps, 0.999)


def test_silence_stays_silent(tmp_path):
    black = np.full((LATENT_SIZE, 32 * 48), -1e4, np.float32)
    session = session_of(build_audio_graph(small_bundle(tmp_path, matrix=black)))
    samples, image = session.run(["samples", "image"], {"seed": np.full((1, LATENT_SIZE), 64, np.float32)})
    assert (image == -1).all()
    assert (samples == 0).all()


@BOTH_TRANSFORMS
@pytest.mark.parametrize("power", [1.5, 2.0, 3.0])
def test_every_power_gives_the_engines_sound(tmp_path, size, power):
    size = replace(size, power=power)
    bundle = small_bundle(tmp_path, size=size)
    seed = Seed.from_integer(3, LATENT_SIZE)
    loop = Engine(bundle).render(seed)
    (samples,), _ = run(session_of(build_audio_graph(bundle)), seed)
    assert is_as_consistent(samples, loop, size)


@BOTH_TRANSFORMS
def test_stems_are_the_engines_and_add_up(tmp_path, size):
    bundle = stems_bundle(tmp_path, size=size)
    session = session_of(build_audio_graph(bundle))
    assert [output.name for output in session.get_outputs()] == ["samples", "stems", "image"]
    seeds = [Seed.from_integer(i, LATENT_SIZE) for i in range(2)]
    samples, stems, image = session.run(None, {"seed": np.array([seed.values for seed in seeds], np.float32)})
    assert stems.shape == (2, len(STEMS), size.n_samples)
    np.testing.assert_allclose(stems.sum(axis=1), samples, atol=1e-6)
    for i, seed in enumerate(seeds):
        loop = Engine(bundle).render(seed)
        np.testing.assert_allclose(image[i], to_image(loop.magnitude, size)[0], atol=1e-3)
        assert loudness(samples[i], loop.sample_rate) == pytest.approx(loop.levels.loudness, abs=0.1)
        for found, wanted in zip(stems[i], loop.stems.values(), strict=True):
            spectra = [np.abs(transform_of(size).forward(part)) for part in (found, wanted)]
            assert np.linalg.norm(spectra[0]) == pytest.approx(np.linalg.norm(spectra[1]), rel=0.02)
            assert np.corrcoef(spectra[0].ravel(), spectra[1].ravel())[0, 1] > 0.95


@BOTH_TRANSFORMS
def test_a_sequence_of_stems_is_as_long_as_its_steps(tmp_path, size):
    bundle = stems_bundle(tmp_path, size=size)
    session = session_of(build_audio_graph(bundle, sequence=True))
    seeds = [[Seed.from_integer(3 * i + j, LATENT_SIZE) for j in range(3)] for i in range(2)]
    steps = np.array([[seed.values for seed in each] for each in seeds], np.float32)
    samples, stems, image = session.run(None, {"seed": steps})
    assert stems.shape == (2, len(STEMS), 3 * size.n_samples)
    assert image.shape == (2, size.n_bins, 3 * size.n_frames)
    np.testing.assert_allclose(stems.sum(axis=1), samples, atol=1e-6)
    for i, each in enumerate(seeds):
        loop = Engine(bundle).render_sequence(each)
        assert is_as_consistent(samples[i], loop, size)
        wanted = np.sqrt(np.mean(np.square(list(loop.stems.values())), axis=1))
        np.testing.assert_allclose(np.sqrt(np.mean(np.square(stems[i]), axis=1)), wanted, rtol=0.05)


@pytest.mark.parametrize("layout", ["nhwc", "nchw", "plain"])
def test_a_network_for_one_seed_gives_a_file_for_one_seed(tmp_path, layout):
    bundle = write_bundle(tiny_network(layout=layout), tiny_spec(format=SMALL, bpm=BPM), tmp_path / "small.onnx")
    session = session_of(build_audio_graph(bundle))
    assert session.get_inputs()[0].shape == [1, LATENT_SIZE]
    samples, image = run(session, Seed.from_integer(3, LATENT_SIZE))
    assert samples.shape == (1, SMALL.n_samples)
    assert image.shape == (1, SMALL.n_bins, SMALL.n_frames)
    with pytest.raises(BundleError, match="one seed at a time"):
        build_audio_graph(bundle, sequence=True)


def test_the_file_carries_the_spec_of_its_model(tmp_path):
    bundle = find_model("beat")
    export_audio(bundle, tmp_path / "beat.audio.onnx")
    data = (tmp_path / "beat.audio.onnx").read_bytes()
    assert metadata_of(data)[SPEC_KEY] == bundle.spec.to_json()
    assert ModelBundle.open(tmp_path / "beat.audio.onnx").spec == bundle.spec
    assert len(data) - bundle.path.stat().st_size < 5_000_000
    # Standard operators only.
    assert {opset.domain for opset in onnx.load_model_from_string(data).opset_import} == {""}


def test_the_file_lists_the_frequencies_of_the_rows(loops, engine):
    metadata = loops.get_modelmeta().custom_metadata_map
    found, size = np.array(json.loads(metadata[FREQUENCIES_KEY])), engine.spec.format
    assert len(found) == size.n_bins
    row = size.n_bins // 2
    tone = np.cos(2 * np.pi * found[row] * np.arange(size.n_samples)).astype(np.float32)
    transform = transform_of(size)
    magnitude = transform.to_rows(np.abs(transform.forward(tone)))
    assert magnitude[size.n_frames // 2].argmax() == row


@pytest.mark.parametrize(("name", "most"), [("beat-256", 2_500_000), ("beat", 500_000), ("bar", 500_000)])
def test_the_sound_engine_needs_little_space(tmp_path, name, most):
    size = FORMATS[name]
    image = helper.make_node("Constant", [], ["zeros"], value_float=0.0)
    shape = {"shape": np.array([1, size.n_bins, size.n_frames], np.int64)}
    expand = helper.make_node("Expand", ["zeros", "shape"], ["image"])
    data = model_of([image, expand], shape, [("x", [1, 8])], [("image", [1, size.n_bins, size.n_frames])])
    bundle = write_bundle(data, tiny_spec(format=size), tmp_path / "black.onnx")
    assert len(build_audio_graph(bundle)) < most


def test_an_unusual_constant_q_model_is_refused(tmp_path):
    size = replace(SMALL_CQ, n_frames=50)
    bundle = small_bundle(tmp_path)
    with pytest.raises(BundleError, match="multiple of 4"):
        build_audio_graph(replace(bundle, spec=replace(bundle.spec, format=size)))


def test_a_sample_rate_that_is_too_low_is_refused(tmp_path):
    bundle = small_bundle(tmp_path, size=TINY)
    with pytest.raises(BundleError, match="Hz"):
        build_audio_graph(replace(bundle, spec=replace(bundle.spec, bpm=20.0)))


def test_a_network_with_non_standard_operators_is_refused(tmp_path):
    bundle = small_bundle(tmp_path)
    model = onnx.load_model_from_string(bundle.read())
    model.graph.node[1].domain = "com.example"
    model.opset_import.append(onnx.helper.make_opsetid("com.example", 1))
    with pytest.raises(BundleError, match=r"com\.example"):
        build_audio_graph(replace(bundle, _data=model.SerializeToString()))


def test_a_damaged_model_is_refused(tmp_path):
    data = bytearray(small_bundle(tmp_path).read())
    data[len(data) // 2] ^= 1
    (tmp_path / "damaged.onnx").write_bytes(data)
    with pytest.raises(BundleError, match="damaged"):
        export_audio(ModelBundle.open(tmp_path / "damaged.onnx"), tmp_path / "damaged.audio.onnx")


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OutputError):
        export_audio(small_bundle(tmp_path), tmp_path / "file" / "small.audio.onnx")
