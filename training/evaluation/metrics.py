"""Evaluate a model: compare generated images with real images that it was not trained on.

The real images are split into three parts of equal size. The embedding is fitted to the first part, everything is
compared with the second, and the metrics of the third, real against real, are the floor: the best a model can reach.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from technogan.arrays import GreyArray
from technogan.errors import SettingError
from technogan.formats import SpectrogramFormat
from technogan.image import from_grey, mix_images, to_grey
from technogan.progress import Progress, ignore_progress
from training.dataset.images import Images
from training.dataset.manifest import Manifest
from training.evaluation.batches import IndexArray, iterate_batches, report_batches, stage
from training.evaluation.distances import compute_precision_recall, frechet_distance, mean_pairwise_distance
from training.evaluation.embedding import Embedding
from training.evaluation.rhythm import beat_autocorrelation, on_grid_share

# Numbers of images in each part: at most, at a checkpoint by default, and at least.
MAX_IMAGES, CHECKPOINT_IMAGES, MIN_IMAGES = 1000, 256, 16
PARTS = 3
_SPLIT_SEED = 0


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
        n = min(len(own.mel), len(real.mel))
        spread = mean_pairwise_distance(own.mel)
        return Metrics(
            mel=frechet_distance(own.mel, real.mel),
            texture=frechet_distance(own.texture, real.texture),
            onsets=frechet_distance(own.onsets, real.onsets),
            **compute_precision_recall(real.mel[:n], own.mel[:n]),
            diversity=spread / self._spread if self._spread else float(spread > 0),
            on_grid=on_grid_share(own.envelope, self._embedding.format),
            beat_autocorrelation=beat_autocorrelation(own.envelope, self._embedding.format),
        )


def make_evaluator(
    images: Images,
    at_most: int = CHECKPOINT_IMAGES,
    *,
    stem: int | None = None,
    progress: Progress = ignore_progress,
) -> tuple[Evaluator, Metrics]:
    """Build an evaluator with `at_most` images in each part; return it with the floor.

    stem: the index of the stem that is compared; the whole sound if None. Raises SettingError if the dataset has too
    few images.
    """
    parts = split(images.manifest, at_most)

    def read(part: int) -> Iterator[GreyArray]:
        batches = iterate_batches(images.array, parts[part])
        for batch in report_batches(batches, len(parts[part]), stage(progress, part / PARTS, (part + 1) / PARTS)):
            yield choose_stem(batch, images.manifest.format, stem)

    evaluator = Evaluator(images.manifest.format, read(0), read(1))
    return evaluator, evaluator.measure(read(2))


def choose_stem(batch: GreyArray, spectrogram_format: SpectrogramFormat, stem: int | None = None) -> GreyArray:
    """Return the images of one stem, or of the mix of all: uint8 (n, [stems,] n_bins, n_frames) to (n, n_bins, ...)."""
    if batch.ndim == 3:
        return batch
    return batch[:, stem] if stem is not None else to_grey(mix_images(from_grey(batch), spectrogram_format))


def split(manifest: Manifest, at_most: int = MAX_IMAGES) -> tuple[IndexArray, IndexArray, IndexArray]:
    """Split a dataset into three disjoint parts of equal size; the same dataset is always split in the same way.

    All images of a sound go into the same part, and a part takes one image of each sound before it takes a second of
    any. If the sounds are so few or so uneven that this would lose half of the images, images are split individually.

    Returns the indices of at most `at_most` images for each part.
    Raises SettingError if a part would have fewer than MIN_IMAGES images.
    """
    rng = np.random.default_rng(_SPLIT_SEED)
    parts = _split_sounds(_sounds(manifest), rng)
    if min(map(len, parts)) < manifest.images // (2 * PARTS):
        parts = _split_sounds(np.split(np.arange(manifest.images), manifest.images), rng)
    size = min(at_most, *map(len, parts))
    if size < MIN_IMAGES:
        wanted = f"{PARTS * MIN_IMAGES} or more for an evaluation"
        raise SettingError("the dataset's number of images", manifest.images, wanted)
    fit, reference, other = (part[:size] for part in parts)
    return fit, reference, other


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
    return [_interleave(shuffled[part::PARTS]) for part in range(PARTS)]


def _interleave(sounds: list[IndexArray]) -> IndexArray:
    """One image of each sound, then a second of each, and so on."""
    turns = [np.arange(len(sound)) for sound in sounds]
    if not turns:
        return np.zeros(0, np.intp)
    order = np.argsort(np.concatenate(turns), kind="stable")
    return np.concatenate(sounds)[order]
