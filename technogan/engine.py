"""From seeds to loops: network, magnitude, phase and level in one call."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from technogan.allocator import keep_freed_blocks
from technogan.arrays import FloatArray
from technogan.errors import Cancelled, SeedError, SpecMismatch
from technogan.formats import SpectrogramFormat, image_shape
from technogan.image import mix_magnitudes, to_magnitude
from technogan.network.bundle import ModelBundle
from technogan.network.generator import Generator
from technogan.network.library import DEFAULT_MODEL, find_model
from technogan.network.spec import ModelSpec
from technogan.phase.reconstruction import Method, find_method, reconstruct
from technogan.progress import Progress, Stop, ignore_progress
from technogan.seeds.origin import Origin
from technogan.seeds.seed import Seed, latents, require_seeds
from technogan.sound.level import level_stems, sum_stems
from technogan.sound.loop import Loop, check_bpm
from technogan.transforms import transform_of, uneven_rows
from technogan.transforms.base import Transform

# The network's share of the time of a render, for progress; the rest is reconstruction.
_NETWORK_SHARE = 0.3
_BATCH_SIZE = 4
# If the magnitude differs from the previous loop's by less than this share (-4.4 dB), the previous phases fit about as
# well as new ones and take half the time.
_SIMILAR = 0.6
# A stem this much weaker than the loudest one, 100 dB, is not reconstructed.
_INAUDIBLE = 1e-5


class Engine:
    """Renders loops with one model.

    The same seed, model and method always give the same samples. Call an engine from one thread at a time.

    Args:
        model: name of an installed model, path of an .onnx file or of a run's folder, or a `ModelBundle`.
        method: "fast", "best", "griffin-lim" or a `Method`.
        threads: threads of the network; by default one for each core except one, which is left to audio.
        provider: where ONNX Runtime runs the network: "cpu", "cuda", "coreml" or "directml".

    Raises:
        ModelNotFound: no model has this name.
        BundleError: the model cannot be used.
        SettingError: the method or the provider is unknown.
    """

    def __init__(
        self,
        model: str | Path | ModelBundle = DEFAULT_MODEL,
        *,
        method: str | Method = "fast",
        threads: int | None = None,
        provider: str = "cpu",
    ) -> None:
        find_method(method)
        keep_freed_blocks()
        self.method = method
        bundle = model if isinstance(model, ModelBundle) else find_model(model)
        self._generator = Generator(bundle, threads=threads, provider=provider)

    @property
    def spec(self) -> ModelSpec:
        """The model's metadata."""
        return self._generator.spec

    @property
    def notes(self) -> tuple[str, ...]:
        """Messages for the user about how the network runs, such as a provider that is not available."""
        return self._generator.notes

    def render(
        self,
        seed: Seed,
        *,
        bpm: float | None = None,
        previous: Loop | None = None,
        progress: Progress | None = None,
        stop: Stop | None = None,
    ) -> Loop:
        """Render the loop of one seed.

        Args:
            seed: as many values as the model has sliders.
            bpm: tempo; by default the model's own.
            previous: a loop of the same format. If the new one is similar, it starts from the phases of `previous`, so
                that a small move of a slider is a small change of timbre.
            progress: called with the share that is done, 0 to 1.
            stop: polled during the work.

        Returns:
            The levelled loop, at the sample rate that follows from the tempo. `Loop.resampled` converts it.

        Raises:
            SeedError: the seed has the wrong number of values.
            SettingError: the tempo is out of range.
            SpecMismatch: `previous` has another length.
            Cancelled: `stop` returned True.
        """
        return self._render_joined([seed], bpm, progress, stop, previous)

    def render_many(
        self,
        seeds: Sequence[Seed],
        *,
        bpm: float | None = None,
        progress: Progress | None = None,
        stop: Stop | None = None,
    ) -> Iterator[Loop]:
        """Yield the loops of several seeds in order; the network runs in batches. For arguments see `render`."""
        report = progress or ignore_progress
        for start in range(0, len(seeds), _BATCH_SIZE):
            batch = seeds[start : start + _BATCH_SIZE]
            for i, (seed, image) in enumerate(zip(batch, self._generate(batch), strict=True), start + 1):
                yield self._reconstruct(image[np.newaxis], [seed], bpm, None, stop)
                report(i / len(seeds))

    def render_sequence(
        self,
        seeds: Sequence[Seed],
        *,
        bpm: float | None = None,
        progress: Progress | None = None,
        stop: Stop | None = None,
    ) -> Loop:
        """Render several seeds, one after another, as ONE loop with a single reconstruction across the joins.

        There must be at least one seed; `fade`, `pingpong` and `walk` return such lists. See `render` for the other
        arguments.
        """
        return self._render_joined(seeds, bpm, progress, stop, None)

    def _render_joined(
        self,
        seeds: Sequence[Seed],
        bpm: float | None,
        progress: Progress | None,
        stop: Stop | None,
        previous: Loop | None,
    ) -> Loop:
        require_seeds(seeds)
        report = progress or ignore_progress
        images = []
        for start in range(0, len(seeds), _BATCH_SIZE):
            images.append(self._generate(seeds[start : start + _BATCH_SIZE]))
            report(_NETWORK_SHARE * min(start + _BATCH_SIZE, len(seeds)) / len(seeds))
            if stop is not None and stop():
                raise Cancelled

        def report_rest(done: float, total: float = 1.0, /) -> None:
            report(_NETWORK_SHARE + (1 - _NETWORK_SHARE) * done / total)

        return self._reconstruct(np.concatenate(images), seeds, bpm, report_rest, stop, previous)

    def _generate(self, seeds: Sequence[Seed]) -> FloatArray:
        wanted = self.spec.latent_size
        for seed in seeds:
            if len(seed) != wanted:
                raise SeedError(f"the model {self.spec.name} has {wanted} sliders; this seed has {len(seed)} values")
        return self._generator.generate(latents(seeds, self.spec.slider_scale))

    def _reconstruct(
        self,
        images: FloatArray,
        seeds: Sequence[Seed],
        bpm: float | None,
        progress: Progress | None,
        stop: Stop | None,
        previous: Loop | None = None,
    ) -> Loop:
        bpm = self.spec.bpm if bpm is None else bpm
        return loop_of_images(
            images,
            self.spec.format,
            stems=self.spec.stems,
            bpm=bpm,
            method=self.method,
            origin=Origin(self.spec.name, tuple(seeds), bpm, self.spec.format.beats * len(images), self.spec.version),
            previous=previous,
            progress=progress,
            stop=stop,
        )


def loop_of_images(
    images: FloatArray,
    spectrogram_format: SpectrogramFormat,
    *,
    stems: tuple[str, ...] = (),
    bpm: float,
    method: str | Method = "fast",
    origin: Origin | None = None,
    previous: Loop | None = None,
    progress: Progress | None = None,
    stop: Stop | None = None,
) -> Loop:
    """Return one levelled loop of one or more images, joined in time.

    Args:
        images: float32 (n_images, [stems,] n_bins, n_frames), [-1, 1].
        spectrogram_format: the format of the images.
        stems: the names of the stems, if each has an image of its own.
        bpm: tempo.
        method: "fast", "best", "griffin-lim" or a `Method`.
        origin: the model and seeds to store in the loop.
        previous: a loop of the same format whose phases to start from if the new one is similar.
        progress: called with the share that is done, 0 to 1.
        stop: polled during the work.

    Raises:
        SpecMismatch: the images or `previous` have another shape than the format.
        SettingError: the tempo is out of range, or the method is unknown.
        Cancelled: `stop` returned True.
    """
    check_bpm(bpm)
    magnitudes = _magnitudes_by_stem(images, spectrogram_format, stems)
    magnitude = mix_magnitudes(np.stack(magnitudes)) if stems else magnitudes[0]
    starts: Sequence[FloatArray] = ()
    if previous is not None:
        wanted = spectrogram_format.n_samples * len(images)
        if len(previous.samples) != wanted:
            raise SpecMismatch("previous loop's samples", wanted, len(previous.samples))
        if tuple(previous.stems) == stems and _is_similar(magnitude, previous.magnitude):
            starts = tuple(previous.stems.values()) or (previous.samples,)
    parts = _reconstruct_all(magnitudes, spectrogram_format, method, starts, progress or ignore_progress, stop)
    sample_rate, beats = spectrogram_format.sample_rate(bpm), spectrogram_format.beats * len(images)
    parts, levels = level_stems(parts, sample_rate)
    named = dict(zip(stems, parts, strict=True)) if stems else {}
    return Loop(
        sum_stems(parts), sample_rate, bpm, beats, magnitude, levels, origin, named, _cached_rows(spectrogram_format)
    )


def samples_of_images(
    images: FloatArray,
    spectrogram_format: SpectrogramFormat,
    *,
    stems: tuple[str, ...] = (),
    method: str | Method = "fast",
) -> FloatArray:
    """Return the samples of one or more images, joined in time, at the level of the images: float32 (n_samples,).

    For arguments and errors see `loop_of_images`.
    """
    magnitudes = _magnitudes_by_stem(images, spectrogram_format, stems)
    return sum_stems(_reconstruct_all(magnitudes, spectrogram_format, method, (), ignore_progress, None))


def _reconstruct_all(
    magnitudes: Sequence[FloatArray],
    spectrogram_format: SpectrogramFormat,
    method: str | Method,
    starts: Sequence[FloatArray],
    progress: Progress,
    stop: Stop | None,
) -> FloatArray:
    """Reconstruct the samples of each magnitude, from the phases of `starts` if there are any: (n, n_samples).

    Stems that are inaudible next to the loudest one are silent, which saves their time.
    """
    transform = _cached_transform(spectrogram_format, len(magnitudes[0]) // spectrogram_format.n_frames)
    parts = np.zeros((len(magnitudes), transform.n_samples), np.float32)
    levels = [float(np.linalg.norm(magnitude)) for magnitude in magnitudes]
    for i, magnitude in enumerate(magnitudes):
        if levels[i] < _INAUDIBLE * max(levels):
            continue

        def report(done: float, total: float = 1.0, /, *, index: int = i) -> None:
            progress((index + done / total) / len(magnitudes))

        parts[i] = reconstruct(
            transform.from_rows(magnitude),
            transform,
            method=method,
            # Methods that start from random phases always draw the same ones, so that a seed has one sound.
            rng=np.random.default_rng(0),
            previous=starts[i] if starts else None,
            progress=report,
            stop=stop,
        )
    return parts


def _magnitudes_by_stem(
    images: FloatArray, spectrogram_format: SpectrogramFormat, stems: tuple[str, ...]
) -> list[FloatArray]:
    """Return the joined magnitudes of each stem, or of the whole sound: float32 (n_images * n_frames, n_bins)."""
    wanted = image_shape(spectrogram_format, stems)
    if images.shape[1:] != wanted:
        raise SpecMismatch("images", ("n", *wanted), images.shape)
    sequences = np.moveaxis(images, 1, 0) if stems else [images]
    return [np.concatenate([to_magnitude(image, spectrogram_format) for image in sequence]) for sequence in sequences]


def _is_similar(magnitude: FloatArray, previous: FloatArray) -> bool:
    return float(np.linalg.norm(magnitude - previous)) < _SIMILAR * float(np.linalg.norm(magnitude))


@lru_cache(maxsize=4)
def _cached_transform(spectrogram_format: SpectrogramFormat, n_loops: int) -> Transform:
    return transform_of(spectrogram_format, n_loops)


@lru_cache(maxsize=4)
def _cached_rows(spectrogram_format: SpectrogramFormat) -> FloatArray | None:
    return uneven_rows(spectrogram_format)
