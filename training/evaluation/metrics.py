"""Evaluate a model: compare generated images with real images that it was not trained on.

The real images are split into three parts of equal size. The embedding is fitted to the first part, everything is
compared with the second, and the metrics of the third, real against real, are the floor: the best a model can reach.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from technogan.allocator import keep_freed_blocks
from technogan.arrays import GreyArray
from technogan.errors import SettingError, SpecMismatch
from technogan.formats import SpectrogramFormat
from technogan.image import to_grey
from technogan.network.bundle import ModelBundle
from technogan.network.generator import Generator, usable_cores
from technogan.progress import Progress, ignore_progress
from technogan.seeds.seed import Seed, latents
from training.dataset.images import Images, open_images
from training.dataset.manifest import Manifest, read_manifest
from training.evaluation.distances import compute_precision_recall, frechet_distance, mean_pairwise_distance
from training.evaluation.embedding import Embedding, IndexArray, iterate_batches
from training.evaluation.rhythm import beat_autocorrelation, on_grid_share
from training.evaluation.sliders import SEEDS, SliderEffects, measure_sliders

# Numbers of images in each part: at most, at a checkpoint by default, and at least.
MAX_IMAGES, CHECKPOINT_IMAGES, MIN_IMAGES = 1000, 256, 16
_PARTS = 3
_SPLIT_SEED = 0
# Sliders are measured from one seed for this many images.
_IMAGES_PER_SEED = 8


@dataclass(frozen=True, slots=True)
class Metrics:
    """Metrics of a set of images against the reference.

    mel, texture, onsets: Fréchet distances of these features (see `training.evaluation.embedding`). precision, recall,
    density, coverage: of the mel features (see `training.evaluation.distances`). diversity: mean pairwise distance
    relative to that of the reference. on_grid, beat_autocorrelation: rhythm of these images alone (see
    `training.evaluation.rhythm`); the latter is None for loops of one beat.
    """

    mel: float
    texture: float
    onsets: float
    precision: float
    recall: float
    density: float
    coverage: float
    diversity: float
    on_grid: float
    beat_autocorrelation: float | None


_LABELS = {
    "mel": "mel distance",
    "texture": "texture distance",
    "onsets": "onset distance",
    "on_grid": "onsets on the grid",
    "beat_autocorrelation": "autocorrelation, a beat",
}


@dataclass(frozen=True, slots=True)
class EvaluationReport:
    """The evaluation of a model.

    images: number of generated images, and of real images in each part. floor: metrics of real images.
    """

    model: str
    checksum: str
    format: str
    dataset: str
    images: int
    generated: Metrics
    floor: Metrics
    sliders: SliderEffects

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        values = asdict(self)
        derived = {name: getattr(self.sliders, name) for name in ("weakest", "strongest", "idle", "balanced")}
        return values | {"sliders": values["sliders"] | derived}

    def table(self) -> str:
        """Return a table with one metric per line."""
        sliders = self.sliders
        idle = ", ".join(map(str, sliders.idle)) or "none"
        lines = [
            f"{self.model} ({self.format}) against {self.dataset}: {self.images} images each",
            "",
            f"{'':24} {'generated':>10} {'real':>10} {'ratio':>7}",
            *(self._line(field.name) for field in fields(Metrics)),
            "",
            f"sliders, dB of the log-mel spectrogram, over {sliders.seeds} seeds",
            f"{'moved by 1':24} {sliders.step:10.3f}",
            f"{'moved by 32, weakest':24} {sliders.weakest:10.3f}",
            f"{'moved by 32, strongest':24} {sliders.strongest:10.3f}",
            f"{'other initial phases':24} {sliders.restart:10.3f}",
            f"{'two random seeds':24} {sliders.apart:10.3f}",
            f"{sliders.within:.1%} of moves by 32 are between twice other initial phases and two random seeds",
            f"moved by 32, at most twice other initial phases: {idle}",
        ]
        return "\n".join(lines)

    def _line(self, name: str) -> str:
        generated, real = getattr(self.generated, name), getattr(self.floor, name)
        if generated is None or real is None:
            return f"{_LABELS.get(name, name):24} {'-':>10} {'-':>10} {'-':>7}"
        ratio = f"{generated / real:7.2f}" if real else f"{'-':>7}"
        return f"{_LABELS.get(name, name):24} {generated:10.3f} {real:10.3f} {ratio}"


class Evaluator:
    """Comparison of images with real ones. Building one takes seconds; it can then be used any number of times.

    fit: real images to which the embedding is fitted. reference: other real images, with which all are compared. Both
    are batches of uint8 (n, n_bins, n_frames), more than 5 images in all.
    """

    def __init__(
        self, spectrogram_format: SpectrogramFormat, fit: Iterable[GreyArray], reference: Iterable[GreyArray]
    ) -> None:
        self._embedding = Embedding(spectrogram_format, fit)
        self._real = self._embedding.project(reference)
        self._spread = mean_pairwise_distance(self._real.mel)

    def measure(self, batches: Iterable[GreyArray]) -> Metrics:
        """Compute the metrics of batches of images, more than 5 in all; compare only metrics of equally many images."""
        own, real = self._embedding.project(batches), self._real
        n = min(len(own), len(real))
        scores = compute_precision_recall(real.mel[:n], own.mel[:n])
        spread = mean_pairwise_distance(own.mel)
        return Metrics(
            mel=frechet_distance(own.mel, real.mel),
            texture=frechet_distance(own.texture, real.texture),
            onsets=frechet_distance(own.onsets, real.onsets),
            precision=scores.precision,
            recall=scores.recall,
            density=scores.density,
            coverage=scores.coverage,
            diversity=spread / self._spread if self._spread else float(spread > 0),
            on_grid=on_grid_share(own.envelope, self._embedding.format),
            beat_autocorrelation=beat_autocorrelation(own.envelope, self._embedding.format),
        )


def make_evaluator(
    images: Images, at_most: int = CHECKPOINT_IMAGES, *, progress: Progress = ignore_progress
) -> tuple[Evaluator, Metrics]:
    """Build an evaluator with `at_most` images in each part; return it with the floor.

    Raises SettingError if the dataset has too few images.
    """
    fit, reference, other = split(images.manifest, at_most)
    total = len(fit) + len(reference) + len(other)
    done = 0

    def read(indices: IndexArray) -> Iterator[GreyArray]:
        nonlocal done
        for batch in iterate_batches(images.array, indices):
            yield batch
            done += len(batch)
            progress(done / total)

    evaluator = Evaluator(images.manifest.format, read(fit), read(reference))
    return evaluator, evaluator.measure(read(other))


def split(manifest: Manifest, at_most: int = MAX_IMAGES) -> tuple[IndexArray, IndexArray, IndexArray]:
    """Split a dataset into three disjoint parts of equal size; the same dataset is always split in the same way.

    All images of a sound go into the same part, and a part takes one image of each sound before it takes a second of
    any. If the sounds are so few or so uneven that this would lose half of the images, images are split individually.

    Returns the indices of at most `at_most` images for each part.
    Raises SettingError if a part would have fewer than MIN_IMAGES images.
    """
    rng = np.random.default_rng(_SPLIT_SEED)
    parts = _split_sounds(_sounds(manifest), rng)
    if min(map(len, parts)) < manifest.images // (2 * _PARTS):
        parts = _split_sounds(np.split(np.arange(manifest.images), manifest.images), rng)
    size = min(at_most, *map(len, parts))
    if size < MIN_IMAGES:
        wanted = f"{_PARTS * MIN_IMAGES} or more for an evaluation"
        raise SettingError("the dataset's number of images", manifest.images, wanted)
    fit, reference, other = (part[:size] for part in parts)
    return fit, reference, other


def generate_images(generator: Generator, count: int) -> Iterator[GreyArray]:
    """Generate the images of the seeds of the integers 0 to count - 1, in batches, in 8 bits as in a dataset."""
    spec = generator.spec
    for start in range(0, count, generator.batch_size):
        numbers = range(start, min(start + generator.batch_size, count))
        seeds = [Seed.from_integer(number, spec.latent_size) for number in numbers]
        yield to_grey(generator.generate(latents(seeds, spec.slider_scale)))


def evaluate(
    bundle: ModelBundle, dataset: Path, count: int | None = None, *, progress: Progress = ignore_progress
) -> EvaluationReport:
    """Compare a model with the images of a dataset, preferably of sounds that it was not trained on.

    Args:
        bundle: the model.
        dataset: folder of the dataset.
        count: images to generate and in each part; by default a third of the dataset, at most MAX_IMAGES.
        progress: called with the share that is done.

    Raises:
        SettingError: there are too few images, or `count` is out of range.
        SpecMismatch: the dataset has another format.
        TechnoganError: the dataset cannot be read, or the network cannot be used.
    """
    keep_freed_blocks()
    manifest = read_manifest(dataset)
    _check_format(bundle, manifest.format)
    n = _images_per_part(manifest, count)
    generator = Generator(bundle, threads=usable_cores())
    evaluator, floor = make_evaluator(open_images(dataset), n, progress=_stage(progress, 0, 0.4))
    generated = evaluator.measure(_count(generate_images(generator, n), n, _stage(progress, 0.4, 0.6)))
    seeds = min(SEEDS, max(2, n // _IMAGES_PER_SEED))
    sliders = measure_sliders(generator, seeds, progress=_stage(progress, 0.6, 1))
    return EvaluationReport(
        model=bundle.spec.name,
        checksum=bundle.checksum,
        format=bundle.spec.format.name,
        dataset=str(dataset),
        images=n,
        generated=generated,
        floor=floor,
        sliders=sliders,
    )


def _stage(progress: Progress, start: float, end: float) -> Progress:
    """Map the progress of one stage to its share of the whole."""
    return lambda done, total=1.0: progress(start + (end - start) * done / total)


def _images_per_part(manifest: Manifest, count: int | None) -> int:
    most = len(split(manifest, MAX_IMAGES if count is None else max(count, MIN_IMAGES))[0])
    if count is not None and not MIN_IMAGES <= count <= most:
        wanted = f"from {MIN_IMAGES} to {most}: the dataset's {manifest.images} images are split into {_PARTS} parts"
        raise SettingError("images", count, wanted)
    return most


def _count(batches: Iterable[GreyArray], total: int, progress: Progress) -> Iterator[GreyArray]:
    """Report progress by the images that were consumed."""
    done = 0
    for batch in batches:
        yield batch
        done += len(batch)
        progress(done / total)


def _sounds(manifest: Manifest) -> list[IndexArray]:
    """The indices of each sound's images; each image separately if the sounds are unknown."""
    sizes = [len(source["images"]) for source in manifest.sources]
    bars = manifest.origin.get("bars")
    if not sizes and isinstance(bars, int) and bars > 0 and manifest.images % bars == 0:
        sizes = [manifest.images // bars] * bars
    if sum(sizes) != manifest.images:
        sizes = [1] * manifest.images
    return np.split(np.arange(manifest.images), np.cumsum(sizes)[:-1])


def _split_sounds(sounds: list[IndexArray], rng: np.random.Generator) -> list[IndexArray]:
    order = rng.permutation(len(sounds))
    shuffled = [rng.permutation(sounds[i]) for i in order]
    return [_interleave(shuffled[part::_PARTS]) for part in range(_PARTS)]


def _interleave(sounds: list[IndexArray]) -> IndexArray:
    """One image of each sound, then a second of each, and so on."""
    turns = [np.arange(len(sound)) for sound in sounds]
    if not turns:
        return np.zeros(0, np.intp)
    order = np.argsort(np.concatenate(turns), kind="stable")
    return np.concatenate(sounds)[order]


def _check_format(bundle: ModelBundle, found: SpectrogramFormat) -> None:
    wanted = bundle.spec.format
    if found == wanted:
        return
    expected, actual = wanted.to_dict(), found.to_dict()
    differing = [name for name in expected if expected[name] != actual[name]]
    shown = differing[:1] if "name" in differing else differing
    raise SpecMismatch(
        f"the dataset's format, for the model {bundle.spec.name}",
        ", ".join(f"{name} {expected[name]}" for name in shown),
        ", ".join(f"{name} {actual[name]}" for name in shown),
    )
