"""Evaluate a model: its images or sounds against a dataset, its stems, its sliders and its directions."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from technogan.allocator import keep_freed_blocks
from technogan.arrays import FloatArray, GreyArray
from technogan.engine import samples_of_images
from technogan.errors import SettingError, SpecMismatch
from technogan.formats import SpectrogramFormat
from technogan.image import to_grey
from technogan.network.bundle import ModelBundle
from technogan.network.generator import Generator, usable_cores
from technogan.network.spec import ModelSpec
from technogan.progress import Progress, ignore_progress
from technogan.seeds.seed import Seed, latents
from training.dataset.conversion import images_of
from training.dataset.images import Images, open_images
from training.dataset.manifest import Manifest, read_manifest
from training.evaluation.batches import generate_batches, report_batches, stage
from training.evaluation.directions import TEST_SEEDS, DirectionEffect, measure_directions
from training.evaluation.metrics import MAX_IMAGES, MIN_IMAGES, PARTS, Metrics, choose_stem, make_evaluator, split
from training.evaluation.sliders import SEEDS, SliderEffects, measure_sliders

# Sliders are measured from one seed for this many images.
_IMAGES_PER_SEED = 8
_LABELS = {
    "mel": "mel distance",
    "texture": "texture distance",
    "onsets": "onset distance",
    "on_grid": "onsets on the grid",
    "beat_autocorrelation": "autocorrelation, a beat",
}
_STEM_METRICS = ("mel", "texture", "onsets", "recall", "coverage")


@dataclass(frozen=True, slots=True)
class EvaluationReport:
    """The evaluation of a model.

    images: number of generated images, and of real images in each part. floor: metrics of real images. stems: for each
    stem, the metrics of its generated and of its real images. by_sound: whether generated images were reconstructed,
    and their sound was compared with the dataset.
    """

    model: str
    checksum: str
    format: str
    dataset: str
    images: int
    generated: Metrics
    floor: Metrics
    sliders: SliderEffects
    stems: Mapping[str, tuple[Metrics, Metrics]] = field(default_factory=dict)
    by_sound: bool = False
    directions: tuple[DirectionEffect, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        values = asdict(self)
        derived = {name: getattr(self.sliders, name) for name in ("weakest", "strongest", "idle", "balanced")}
        return values | {"sliders": values["sliders"] | derived}

    def table(self) -> str:
        """Return a table with one metric per line."""
        sliders = self.sliders
        idle, kind = ", ".join(map(str, sliders.idle)) or "none", "sounds" if self.by_sound else "images"
        lines = [
            f"{self.model} ({self.format}) against {self.dataset}: {self.images} {kind} each",
            "",
            f"{'':24} {'generated':>10} {'real':>10} {'ratio':>7}",
            *(_format_line(field.name, self.generated, self.floor) for field in fields(Metrics)),
            "",
            *(line for name, pair in self.stems.items() for line in _format_stem(name, *pair)),
            f"sliders, dB of the log-mel spectrogram, over {sliders.seeds} seeds",
            f"{'moved by 1':24} {sliders.step:10.3f}",
            f"{'moved by 32, weakest':24} {sliders.weakest:10.3f}",
            f"{'moved by 32, strongest':24} {sliders.strongest:10.3f}",
            f"{'other initial phases':24} {sliders.restart:10.3f}",
            f"{'two random seeds':24} {sliders.apart:10.3f}",
            f"{sliders.within:.1%} of moves by 32 are between twice other initial phases and two random seeds",
            f"moved by 32, at most twice other initial phases: {idle}",
            *_format_directions(self.directions),
        ]
        return "\n".join(lines)


def _format_line(name: str, generated: Metrics, floor: Metrics) -> str:
    value, real = getattr(generated, name), getattr(floor, name)
    if value is None or real is None:
        return f"{_LABELS.get(name, name):24} {'-':>10} {'-':>10} {'-':>7}"
    ratio = f"{value / real:7.2f}" if real else f"{'-':>7}"
    return f"{_LABELS.get(name, name):24} {value:10.3f} {real:10.3f} {ratio}"


def _format_directions(effects: Sequence[DirectionEffect]) -> list[str]:
    if not effects:
        return []
    head = ["", f"{'directions':24} {'effect':>10} {'purity':>10} {'agreeing':>9}"]
    return head + [f"{e.name:24} {e.effect:10.2f} {e.purity:10.2f} {e.agreement:9.0%}" for e in effects]


def _format_stem(name: str, generated: Metrics, floor: Metrics) -> list[str]:
    return [name, *(_format_line(metric, generated, floor) for metric in _STEM_METRICS), ""]


def generate_images(generator: Generator, count: int, stem: int | None = None) -> Iterator[GreyArray]:
    """Generate the images of the seeds of the integers 0 to count - 1, in batches, in 8 bits as in a dataset.

    stem: the index of the stem that is returned; the mix of all if None.
    """
    for images in _generate(generator, count):
        yield choose_stem(to_grey(images), generator.spec.format, stem)


def generate_sounds(generator: Generator, count: int, spectrogram_format: SpectrogramFormat) -> Iterator[GreyArray]:
    """Generate the sounds of the seeds of the integers 0 to count - 1, and return their images in another format."""
    spec = generator.spec
    for images in _generate(generator, count):
        sounds = [samples_of_images(image[np.newaxis], spec.format, stems=spec.stems) for image in images]
        yield np.concatenate([images_of(samples, spectrogram_format)[0] for samples in sounds])


def _generate(generator: Generator, count: int) -> Iterator[FloatArray]:
    spec = generator.spec
    seeds = [Seed.from_integer(number, spec.latent_size) for number in range(count)]
    return generate_batches(generator, latents(seeds, spec.slider_scale))


def evaluate(
    bundle: ModelBundle, dataset: Path, count: int | None = None, *, progress: Progress = ignore_progress
) -> EvaluationReport:
    """Compare a model with the images of a dataset, preferably of sounds that it was not trained on.

    If the dataset has another transform, or no stems where the model has them, generated images are first turned into
    sound, by the method "fast". So models of different formats can be compared.

    count: images to generate and in each part; by default a third of the dataset, at most MAX_IMAGES. progress: called
    with the share that is done.

    Raises:
        SettingError: there are too few images, or `count` is out of range.
        SpecMismatch: the dataset has loops of another length, or other stems.
        TechnoganError: the dataset cannot be read, or the network cannot be used.
    """
    keep_freed_blocks()
    manifest = read_manifest(dataset)
    by_sound = _must_compare_sounds(bundle.spec, manifest)
    n = _images_per_part(manifest, count)
    generator = Generator(bundle, threads=usable_cores())
    images = open_images(dataset)
    evaluator, floor = make_evaluator(images, n, progress=stage(progress, 0, 0.3))
    own = generate_sounds(generator, n, manifest.format) if by_sound else generate_images(generator, n)
    generated = evaluator.measure(report_batches(own, n, stage(progress, 0.3, 0.5)))
    stems = {} if by_sound else _measure_stems(generator, images, n)
    seeds = min(SEEDS, max(2, n // _IMAGES_PER_SEED))
    sliders = measure_sliders(generator, seeds, progress=stage(progress, 0.6, 1))
    return EvaluationReport(
        model=bundle.spec.name,
        checksum=bundle.checksum,
        format=bundle.spec.format.name,
        dataset=str(dataset),
        images=n,
        generated=generated,
        floor=floor,
        sliders=sliders,
        stems=stems,
        by_sound=by_sound,
        directions=measure_directions(generator, seeds=min(TEST_SEEDS, n)),
    )


def _measure_stems(generator: Generator, images: Images, count: int) -> dict[str, tuple[Metrics, Metrics]]:
    """Return the metrics of each stem's generated images, and of its real ones."""
    found = {}
    for index, name in enumerate(images.manifest.stems):
        evaluator, floor = make_evaluator(images, count, stem=index)
        found[name] = (evaluator.measure(generate_images(generator, count, index)), floor)
    return found


def _images_per_part(manifest: Manifest, count: int | None) -> int:
    most = len(split(manifest, MAX_IMAGES if count is None else max(count, MIN_IMAGES))[0])
    if count is not None and not MIN_IMAGES <= count <= most:
        wanted = f"from {MIN_IMAGES} to {most}: the dataset's {manifest.images} images are split into {PARTS} parts"
        raise SettingError("images", count, wanted)
    return most


def _must_compare_sounds(spec: ModelSpec, manifest: Manifest) -> bool:
    """Return whether generated images must be turned into sound. Raises SpecMismatch if that does not help either."""
    found, wanted = manifest.format, spec.format
    # "bar" of 256 rows and "bar-256" are names of the same format.
    if (replace(found, name=wanted.name), manifest.stems) == (wanted, spec.stems):
        return False
    lengths = [f"loops of {f.beats} beats and {f.n_samples} samples" for f in (wanted, found)]
    if lengths[0] != lengths[1]:
        raise SpecMismatch(f"the dataset's format, for the model {spec.name}", *lengths)
    if manifest.stems:
        raise SpecMismatch(f"the dataset's stems, for the model {spec.name}", spec.stems or "none", manifest.stems)
    return True
