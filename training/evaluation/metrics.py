"""How good a model is: what it dreams against real images that it never saw, in figures that need no trained network.

Real images are dealt out to three parts of one size. The first gives the embedding its axes, the second is what
everything is held against, the third says how near other real images come: the floor, under which nobody can be.
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
from training.evaluation.embedding import Embedding, IndexArray, in_batches
from training.evaluation.likeness import frechet, neighbourhood, spread
from training.evaluation.rhythm import beat_autocorrelation, on_grid
from training.evaluation.sliders import SEEDS, SliderFigures, slider_figures

# Images in each part, and generated: for a verdict, for a glance during training, and at the very least.
VERDICT, GLANCE, FEWEST = 1000, 256, 16
_PARTS = 3
_DEAL = 0
# One seed for the sliders for so many images: a glance then takes a few seconds.
_IMAGES_A_SEED = 8


@dataclass(frozen=True, slots=True)
class Figures:
    """One set of images against the reference.

    mel, texture, onsets: Frechet distances in the three views of `training.evaluation.embedding`. precision, recall, density,
    coverage: see `training.evaluation.likeness`, in the mel view. diversity: the mean distance between two of these images, over
    that between two of the reference. on_grid, beat_autocorrelation: see `training.evaluation.rhythm`; of the images alone.
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


_WORDS = {
    "mel": "mel distance",
    "texture": "texture distance",
    "onsets": "onset distance",
    "on_grid": "onsets on the grid",
    "beat_autocorrelation": "autocorrelation, a beat",
}


@dataclass(frozen=True, slots=True)
class Report:
    """A model's figures. images: how many in each part and how many generated. floor: of real images."""

    model: str
    checksum: str
    format: str
    dataset: str
    images: int
    generated: Figures
    floor: Figures
    sliders: SliderFigures

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        values = asdict(self)
        told = {name: getattr(self.sliders, name) for name in ("weakest", "strongest", "idle", "balanced")}
        return values | {"sliders": values["sliders"] | told}

    def table(self) -> str:
        """For people: one line a figure."""
        sliders = self.sliders
        idle = ", ".join(map(str, sliders.idle)) or "none"
        lines = [
            f"{self.model} ({self.format}) against {self.dataset}: {self.images} images each",
            "",
            f"{'':24} {'generated':>10} {'real':>10} {'ratio':>7}",
            *(self._line(field.name) for field in fields(Figures)),
            "",
            f"sliders, dB of the log-mel picture, over {sliders.seeds} seeds",
            f"{'moved by 1':24} {sliders.step:10.3f}",
            f"{'moved by 32, weakest':24} {sliders.weakest:10.3f}",
            f"{'moved by 32, strongest':24} {sliders.strongest:10.3f}",
            f"{'phases begun anew':24} {sliders.restart:10.3f}",
            f"{'two random seeds':24} {sliders.apart:10.3f}",
            f"{sliders.within:.1%} of moves by 32 lie between twice new phases and two random seeds",
            f"moved by 32, not more than twice new phases: {idle}",
        ]
        return "\n".join(lines)

    def _line(self, name: str) -> str:
        generated, real = getattr(self.generated, name), getattr(self.floor, name)
        if generated is None or real is None:
            return f"{_WORDS.get(name, name):24} {'-':>10} {'-':>10} {'-':>7}"
        ratio = f"{generated / real:7.2f}" if real else f"{'-':>7}"
        return f"{_WORDS.get(name, name):24} {generated:10.3f} {real:10.3f} {ratio}"


class Judge:
    """Holds images against real ones.

    fit: real images that give the axes; reference: other real ones that all are held against; both as batches, uint8
    (n, n_bins, n_frames), in all more than 5. Making one costs seconds; it can be asked as often as wanted.
    """

    def __init__(
        self, spectrogram_format: SpectrogramFormat, fit: Iterable[GreyArray], reference: Iterable[GreyArray]
    ) -> None:
        self._embedding = Embedding(spectrogram_format, fit)
        self._real = self._embedding.points(reference)
        self._spread = spread(self._real.mel)

    def figures(self, batches: Iterable[GreyArray]) -> Figures:
        """Of images in batches, more than 5 in all. Fair against figures of as many images only."""
        own, real = self._embedding.points(batches), self._real
        n = min(len(own), len(real))
        near = neighbourhood(real.mel[:n], own.mel[:n])
        return Figures(
            mel=frechet(own.mel, real.mel),
            texture=frechet(own.texture, real.texture),
            onsets=frechet(own.onsets, real.onsets),
            precision=near.precision,
            recall=near.recall,
            density=near.density,
            coverage=near.coverage,
            diversity=spread(own.mel) / self._spread if self._spread else float(spread(own.mel) > 0),
            on_grid=on_grid(own.envelope, self._embedding.format),
            beat_autocorrelation=beat_autocorrelation(own.envelope, self._embedding.format),
        )


def judge_of(images: Images, at_most: int = GLANCE, *, progress: Progress = ignore_progress) -> tuple[Judge, Figures]:
    """A judge by a dataset's images, and the floor; by a few images unless asked otherwise, for use during training.

    at_most, and what is raised: as `split`.
    """
    fit, reference, other = split(images.manifest, at_most)
    total = len(fit) + len(reference) + len(other)
    done = 0

    def read(indices: IndexArray) -> Iterator[GreyArray]:
        nonlocal done
        for batch in in_batches(images.array, indices):
            yield batch
            done += len(batch)
            progress(done / total)

    judge = Judge(images.manifest.format, read(fit), read(reference))
    return judge, judge.figures(read(other))


def split(manifest: Manifest, at_most: int = VERDICT) -> tuple[IndexArray, IndexArray, IndexArray]:
    """Indices of three disjoint parts of one size, as large as there are images for; always the same for one dataset.

    Images of one sound go to one part, and one image of each sound comes before a second of any; but where there are so
    few sounds, or so uneven ones, that this would lose half the images, each goes by itself. Raises SettingError where
    a part would have fewer than FEWEST.
    """
    rng = np.random.default_rng(_DEAL)
    parts = _dealt(_sounds(manifest), rng)
    if min(map(len, parts)) < manifest.images // (2 * _PARTS):
        parts = _dealt(np.split(np.arange(manifest.images), manifest.images), rng)
    size = min(at_most, *map(len, parts))
    if size < FEWEST:
        raise SettingError("the dataset's number of images", manifest.images, f"{_PARTS * FEWEST} or more to be judged")
    fit, reference, other = (part[:size] for part in parts)
    return fit, reference, other


def dream(generator: Generator, count: int) -> Iterator[GreyArray]:
    """The images of the seeds of the integers 0 to count - 1, in batches, in 8 bits as in a dataset."""
    spec = generator.spec
    for start in range(0, count, generator.batch_size):
        numbers = range(start, min(start + generator.batch_size, count))
        seeds = [Seed.from_integer(number, spec.latent_size) for number in numbers]
        yield to_grey(generator.generate(latents(seeds, spec.slider_scale)))


def evaluate(
    bundle: ModelBundle, dataset: Path, count: int | None = None, *, progress: Progress = ignore_progress
) -> Report:
    """Hold a model against a dataset's images; these should be of sounds it was not trained on.

    count: images in each part and generated; None takes a third of the dataset, at most VERDICT. Raises SourceError or
    OutputError as `open_images`, SpecMismatch where the dataset is of another format, SettingError for too few images
    or too many, BundleError where the network cannot be used.
    """
    keep_freed_blocks()
    manifest = read_manifest(dataset)
    _check_format(bundle, manifest.format)
    n = _images_each(manifest, count)
    generator = Generator(bundle, threads=usable_cores())
    judge, floor = judge_of(open_images(dataset), n, progress=lambda done: progress(0.4 * done))
    generated = judge.figures(_told(dream(generator, n), n, lambda done: progress(0.4 + 0.2 * done)))
    seeds = min(SEEDS, max(2, n // _IMAGES_A_SEED))
    sliders = slider_figures(generator, seeds, progress=lambda done: progress(0.6 + 0.4 * done))
    return Report(
        model=bundle.spec.name,
        checksum=bundle.checksum,
        format=bundle.spec.format.name,
        dataset=str(dataset),
        images=n,
        generated=generated,
        floor=floor,
        sliders=sliders,
    )


def _images_each(manifest: Manifest, count: int | None) -> int:
    most = len(split(manifest, VERDICT if count is None else max(count, FEWEST))[0])
    if count is not None and not FEWEST <= count <= most:
        wanted = f"from {FEWEST} to {most} here: the dataset's {manifest.images} images serve three purposes"
        raise SettingError("images", count, wanted)
    return most


def _told(batches: Iterable[GreyArray], total: int, progress: Progress) -> Iterator[GreyArray]:
    done = 0
    for batch in batches:
        yield batch
        done += len(batch)
        progress(done / total)


def _sounds(manifest: Manifest) -> list[IndexArray]:
    """The indices of each sound's images; each image by itself where nothing is known."""
    sizes = [len(source["images"]) for source in manifest.sources]
    bars = manifest.origin.get("bars")
    if not sizes and isinstance(bars, int) and bars > 0 and manifest.images % bars == 0:
        sizes = [manifest.images // bars] * bars
    if sum(sizes) != manifest.images:
        sizes = [1] * manifest.images
    return np.split(np.arange(manifest.images), np.cumsum(sizes)[:-1])


def _dealt(sounds: list[IndexArray], rng: np.random.Generator) -> list[IndexArray]:
    order = rng.permutation(len(sounds))
    shuffled = [rng.permutation(sounds[i]) for i in order]
    return [_in_turns(shuffled[part::_PARTS]) for part in range(_PARTS)]


def _in_turns(sounds: list[IndexArray]) -> IndexArray:
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
