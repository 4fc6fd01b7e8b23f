"""From seeds to loops: network, magnitude, phase, level. The one way in for everything that makes sound."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np

from technogan.allocator import keep_freed_blocks
from technogan.arrays import FloatArray
from technogan.errors import Cancelled, SeedError, SpecMismatch
from technogan.formats import SpectrogramFormat
from technogan.image import to_magnitude
from technogan.network.bundle import ModelBundle
from technogan.network.generator import Generator
from technogan.network.spec import ModelSpec
from technogan.phase.reconstruction import method_named, reconstruct
from technogan.progress import Progress, Stop
from technogan.seeds.origin import Origin
from technogan.seeds.seed import Seed, latents
from technogan.sound.level import level
from technogan.sound.loop import Loop, check_bpm
from technogan.transforms import transform_of
from technogan.transforms.base import Transform

# How much of a render the network is, for progress: the rest is reconstruction.
_NETWORK_SHARE = 0.3
_GROUP = 4
# Phases of a loop whose magnitude is off by less than this share of it (-4.4 dB) fit about as well as new ones, in half
# the time.
_ALIKE = 0.6


class Engine:
    """Renders loops with one model. Deterministic for a given seed, model and method; safe to call from one thread at
    a time.

    method: "fast", "best" or "griffin-lim" (see `technogan.phase.reconstruction`). threads, provider: see `Generator`.
    """

    def __init__(
        self, bundle: ModelBundle, *, method: str = "fast", threads: int | None = None, provider: str = "cpu"
    ) -> None:
        method_named(method)
        keep_freed_blocks()
        self.method = method
        self._generator = Generator(bundle, threads=threads, provider=provider)

    @property
    def spec(self) -> ModelSpec:
        """The model's facts."""
        return self._generator.spec

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user should know about how the network runs."""
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
        """The loop of one seed.

        bpm: None takes the model's own. previous: a loop of the same format whose phases are taken up if it is alike,
        so that a small move of a slider stays a small change of timbre. progress: called with 0..1. stop: polled;
        Cancelled is raised when it says so. Raises SeedError for a seed of another size than the model's.
        """
        return self._joined([seed], bpm, progress, stop, previous)

    def render_many(
        self,
        seeds: Sequence[Seed],
        *,
        bpm: float | None = None,
        progress: Progress | None = None,
        stop: Stop | None = None,
    ) -> Iterator[Loop]:
        """One loop a seed, in order, the network run in batches. Yields each as soon as it is done."""
        for start in range(0, len(seeds), _GROUP):
            group = seeds[start : start + _GROUP]
            images = self._images(group)
            for i, (seed, image) in enumerate(zip(group, images, strict=True)):
                yield self._reconstructed(image[np.newaxis], [seed], bpm, None, stop)
                if progress is not None:
                    progress((start + i + 1) / len(seeds))

    def render_sequence(
        self,
        seeds: Sequence[Seed],
        *,
        bpm: float | None = None,
        progress: Progress | None = None,
        stop: Stop | None = None,
    ) -> Loop:
        """All seeds one after another as ONE loop: their images are joined and a single circular reconstruction runs
        over the join.
        """
        return self._joined(seeds, bpm, progress, stop, None)

    def _joined(
        self,
        seeds: Sequence[Seed],
        bpm: float | None,
        progress: Progress | None,
        stop: Stop | None,
        previous: Loop | None,
    ) -> Loop:
        if not seeds:
            raise SeedError("there is no seed to render")
        images = []
        for start in range(0, len(seeds), _GROUP):
            images.append(self._images(seeds[start : start + _GROUP]))
            if progress is not None:
                progress(_NETWORK_SHARE * min(start + _GROUP, len(seeds)) / len(seeds))
            if stop is not None and stop():
                raise Cancelled
        rest = None if progress is None else lambda done: progress(_NETWORK_SHARE + (1 - _NETWORK_SHARE) * done)
        return self._reconstructed(np.concatenate(images), seeds, bpm, rest, stop, previous)

    def _images(self, seeds: Sequence[Seed]) -> FloatArray:
        wanted = self.spec.latent_size
        for seed in seeds:
            if len(seed) != wanted:
                raise SeedError(f"the model {self.spec.name} has {wanted} sliders; this seed has {len(seed)} values")
        return self._generator.generate(latents(seeds, self.spec.slider_scale))

    def _reconstructed(
        self,
        images: FloatArray,
        seeds: Sequence[Seed],
        bpm: float | None,
        progress: Progress | None,
        stop: Stop | None,
        previous: Loop | None = None,
    ) -> Loop:
        bpm = self.spec.bpm if bpm is None else bpm
        origin = Origin(self.spec.name, tuple(seeds), bpm, self.spec.format.beats * len(images))
        return loop_of_images(
            images,
            self.spec.format,
            bpm=bpm,
            method=self.method,
            origin=origin,
            previous=previous,
            progress=progress,
            stop=stop,
        )


def loop_of_images(
    images: FloatArray,
    spectrogram_format: SpectrogramFormat,
    *,
    bpm: float,
    method: str = "fast",
    origin: Origin | None = None,
    previous: Loop | None = None,
    progress: Progress | None = None,
    stop: Stop | None = None,
) -> Loop:
    """One levelled loop from one or more images of a format, joined in time.

    images: float32 (n, n_bins, n_frames), [-1, 1]. Other arguments as `Engine.render`. Raises SpecMismatch for images
    of another shape, SettingError for a tempo or method that makes no sense, Cancelled.
    """
    check_bpm(bpm)
    magnitude = np.concatenate([to_magnitude(image, spectrogram_format) for image in images])
    transform = _transform(spectrogram_format, len(images))
    if previous is not None and len(previous.samples) != transform.n_samples:
        raise SpecMismatch("previous loop's samples", transform.n_samples, len(previous.samples))
    samples = reconstruct(
        transform.from_rows(magnitude),
        transform,
        method=method_named(method),
        # Only a method that begins with random phases draws from it: always the same ones, so that a seed has one
        # sound.
        rng=np.random.default_rng(0),
        previous=previous.samples if previous is not None and _alike(magnitude, previous.magnitude) else None,
        progress=progress,
        stop=stop,
    )
    sample_rate = spectrogram_format.sample_rate(bpm)
    levelled, levels = level(samples, sample_rate)
    return Loop(levelled, sample_rate, bpm, spectrogram_format.beats * len(images), magnitude, levels, origin)


def _alike(magnitude: FloatArray, previous: FloatArray) -> bool:
    return float(np.linalg.norm(magnitude - previous)) < _ALIKE * float(np.linalg.norm(magnitude))


@lru_cache(maxsize=4)
def _transform(spectrogram_format: SpectrogramFormat, n_loops: int) -> Transform:
    return transform_of(spectrogram_format, n_loops)
