"""Compare rendering with the prototype's method: its time, and the spectral convergence of its sound.

The prototype's method is rebuilt from its documentation: its network layout with random weights, run by ONNX Runtime
with default options; images rounded to 8 bits; librosa's Griffin-Lim with 32 iterations in double precision; the pieces
of a fade joined as samples. The two methods take turns, so that other load on the machine affects both.
"""

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from technogan.arrays import FloatArray
from technogan.engine import Engine
from technogan.formats import SpectrogramFormat, StftSettings, find_format
from technogan.image import to_magnitude
from technogan.network.generator import usable_cores
from technogan.network.library import available_models, bundled_dir
from technogan.network.prototype import import_prototype, prototype_spec
from technogan.network.prototype_network import build_prototype_network
from technogan.phase.reconstruction import reconstruct, spectral_convergence
from technogan.seeds.paths import fade
from technogan.seeds.seed import Seed, latents
from technogan.sound.loop import Loop
from technogan.transforms import transform_of
from technogan.transforms.base import Transform

_FADE_STEPS = 16
_ITERATIONS = 32


@dataclass(frozen=True, slots=True)
class Comparison:
    """Median times in ms, and spectral convergence in dB (lower is closer to the picture)."""

    what: str
    prototype_ms: float
    ours_ms: float
    prototype_db: float
    ours_db: float

    @property
    def ratio(self) -> float:
        """The prototype's time divided by ours."""
        return self.prototype_ms / self.ours_ms


def compare_formats(names: Sequence[str], repeats: int) -> Iterator[Comparison]:
    """Yield the comparisons of each format: with the prototype's network, and with our model if it is installed."""
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            prototype, imported = _open_same_network(name, Path(folder))
            yield _compare_single(f"{name}, the prototype's network", prototype, imported, repeats)
            yield _compare_fade(f"{name}, the prototype's network", prototype, imported)
            ours = _open_bundled_model(name)
            if ours is not None:
                if isinstance(ours.spec.format.transform, StftSettings):
                    yield _compare_phase(name, ours, repeats)
                yield _compare_single(f"{name}, our model", prototype, ours, repeats)
                yield _compare_fade(f"{name}, our model", prototype, ours)


class Prototype:
    """The prototype's method, from latents to samples, with one of its networks."""

    def __init__(self, network: bytes, spectrogram_format: SpectrogramFormat) -> None:
        self._session = onnxruntime.InferenceSession(network, providers=["CPUExecutionProvider"])
        self._format = spectrogram_format

    def generate(self, latents: FloatArray) -> FloatArray:
        """Return one image, float32 (n_bins, n_frames), [-1, 1]."""
        image: FloatArray = self._session.run(None, {self._session.get_inputs()[0].name: latents})[0]
        return image.reshape(self._format.n_bins, self._format.n_frames)

    def render(self, latents: FloatArray) -> Any:
        """Return the samples of one latent; see `render_image`."""
        return render_image(self.generate(latents), self._format)

    def render_fade(self, latents: FloatArray) -> Any:
        """Return the joined samples of several latents, each reconstructed alone."""
        return np.concatenate([self.render(latent[np.newaxis]) for latent in latents])

    def convergence(self, latents: FloatArray) -> float:
        """Return the spectral convergence in dB of a fade, with each piece padded to its full length."""
        transform = transform_of(self._format, len(latents))
        images = [self.generate(latent[np.newaxis]) for latent in latents]
        magnitude = np.concatenate([to_magnitude(image, self._format) for image in images])
        pieces = [render_image(image, self._format) for image in images]
        padded = [np.pad(piece, (0, self._format.n_samples - len(piece))) for piece in pieces]
        return _convergence(np.concatenate(padded), transform.from_rows(magnitude), transform)


def render_image(image: FloatArray, spectrogram_format: SpectrogramFormat) -> Any:
    """Return the samples of an image of an STFT, float64; like the prototype's, they are one hop too short."""
    return griffin_lim(quantised_magnitude(image, spectrogram_format))


def quantised_magnitude(image: FloatArray, spectrogram_format: SpectrogramFormat) -> Any:
    """Return the magnitude, float64 (n_bins + 1, n_frames), of an image that is rounded to 8 bits."""
    value = np.round(np.clip(image.astype(np.float64) * 127.5 + 127.5, 0, 255)) / 255
    return np.pad(spectrogram_format.scale * value**spectrogram_format.power, ((0, 1), (0, 0)))


def griffin_lim(magnitude: Any) -> Any:
    """Run librosa's Griffin-Lim as the prototype did. Returns float64 ((n_frames - 1) * hop_length,)."""
    import librosa

    return librosa.griffinlim(magnitude, n_iter=_ITERATIONS, hop_length=128, n_fft=512, random_state=0)


def _measure_in_turns(first: Callable[[], Any], second: Callable[[], Any], repeats: int) -> tuple[float, float]:
    """Return the median times in ms of two functions that take turns. The first turn of each does not count."""
    times: tuple[list[float], list[float]] = ([], [])
    for i in range(repeats + 1):
        for function, measured in zip((first, second), times, strict=True):
            start = time.perf_counter()
            function()
            if i:
                measured.append(1000 * (time.perf_counter() - start))
    return statistics.median(times[0]), statistics.median(times[1])


def _open_same_network(name: str, folder: Path) -> tuple[Prototype, Engine]:
    spectrogram_format = find_format(f"{name}-256")
    network = build_prototype_network(spectrogram_format.n_frames)
    source, target = folder / f"{name}-source.onnx", folder / f"{name}.onnx"
    source.write_bytes(network)
    imported = import_prototype(
        source, target, prototype_spec(name, spectrogram_format.name, power=spectrogram_format.power)
    )
    return Prototype(network, spectrogram_format), Engine(imported.bundle, threads=usable_cores())


def _open_bundled_model(format_name: str) -> Engine | None:
    found = (b for b in available_models() if b.spec.format.name == format_name and b.path.parent == bundled_dir())
    bundle = next(found, None)
    return None if bundle is None else Engine(bundle, threads=usable_cores())


def _compare_single(what: str, prototype: Prototype, engine: Engine, repeats: int) -> Comparison:
    seed = Seed.from_integer(1)
    latent = latents([seed])
    times = _measure_in_turns(lambda: prototype.render(latent), lambda: engine.render(seed), repeats)
    decibels = prototype.convergence(latent), _convergence_of_loop(engine, engine.render(seed))
    return Comparison(f"{what}: one loop", *times, *decibels)


def _compare_fade(what: str, prototype: Prototype, engine: Engine) -> Comparison:
    seeds = fade(Seed.from_integer(1), Seed.from_integer(2), _FADE_STEPS)
    batch = latents(seeds)
    times = _measure_in_turns(lambda: prototype.render_fade(batch), lambda: engine.render_sequence(seeds), 1)
    decibels = prototype.convergence(batch), _convergence_of_loop(engine, engine.render_sequence(seeds))
    return Comparison(f"{what}: fade of {_FADE_STEPS}", *times, *decibels)


def _compare_phase(name: str, engine: Engine, repeats: int) -> Comparison:
    """Compare phase reconstruction alone, on pictures of our own model."""
    transform = transform_of(engine.spec.format)
    pictures = [transform.from_rows(engine.render(Seed.from_integer(i)).magnitude) for i in range(8)]
    doubles = [picture.T.astype("float64") for picture in pictures]
    times = _measure_in_turns(lambda: griffin_lim(doubles[0]), lambda: reconstruct(pictures[0], transform), repeats)
    theirs = [_convergence(griffin_lim(d), p, transform) for d, p in zip(doubles, pictures, strict=True)]
    ours = [_convergence(reconstruct(p, transform), p, transform) for p in pictures]
    return Comparison(f"{name}, our model: phase alone", *times, statistics.median(theirs), statistics.median(ours))


def _convergence_of_loop(engine: Engine, loop: Loop) -> float:
    spectrogram_format = engine.spec.format
    transform = transform_of(spectrogram_format, loop.beats // spectrogram_format.beats)
    # The gain of levelling is not an error of the reconstruction.
    samples = loop.samples / 10 ** (loop.levels.gain_db / 20)
    return _convergence(samples, transform.from_rows(loop.magnitude), transform)


def _convergence(samples: Any, magnitude: FloatArray, transform: Transform) -> float:
    padded = np.zeros(transform.n_samples, np.float32)
    padded[: len(samples)] = samples
    return spectral_convergence(padded, magnitude, transform)
