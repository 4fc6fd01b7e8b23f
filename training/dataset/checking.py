"""Checking a dataset: its manifest against its files, and its images for what training would suffer from."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from technogan.arrays import GreyArray
from technogan.errors import OutputError, SourceError
from technogan.formats import SpectrogramFormat
from technogan.progress import Progress, ignore_progress
from training.dataset.conversion import silent_grey
from training.dataset.images import open_images, read_picture
from training.dataset.manifest import MANIFEST, Manifest, read_manifest
from training.dataset.twins import sketch, twins

# Fewer make no instrument; a warning, not an error.
_FEW_IMAGES = 1000
_MUCH_CLIPPED = 0.001
# A share of images nearly equal to others that is worth a word.
_MANY_TWINS = 0.2


@dataclass(slots=True)
class Report:
    """What a check found, images by name: a PNG file's, or a number in an array.

    faults: what is missing, damaged or of another size, or does not agree. unlisted: pictures the manifest does not
    know. duplicates, near_duplicates: an image and the earlier one that is equal or almost equal to it. silent,
    distorted: images. warnings: sentences for people.
    """

    path: str
    format: str
    images: int
    readable: int = 0
    duplicates: list[tuple[str, str]] = field(default_factory=list)
    near_duplicates: list[tuple[str, str]] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)
    distorted: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    unlisted: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Whether manifest and files agree."""
        return not self.faults

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self) | {"sound": self.sound}


def check(folder: Path, *, progress: Progress = ignore_progress) -> Report:
    """Look at every image of a dataset. Raises SourceError where there is none."""
    manifest = read_manifest(folder)
    report = Report(str(folder), manifest.format.name, manifest.images)
    names: list[str] = []
    sketches = []
    first_of: dict[bytes, str] = {}
    for name, image in _images(folder, manifest, report):
        first = first_of.setdefault(hashlib.blake2b(image.tobytes(), digest_size=16).digest(), name)
        if first != name:
            report.duplicates.append((name, first))
        else:
            names.append(name)
            sketches.append(sketch(image))
        _look(name, image, manifest.format, report)
        progress(report.readable, manifest.images)
    if sketches:
        report.near_duplicates = [(names[i], names[j]) for i, j in twins(np.stack(sketches))]
    if report.readable != manifest.images and not report.faults:
        report.faults.append(f"{report.readable} images where the manifest says {manifest.images}")
    report.warnings = list(_warnings(report))
    return report


def adopt(folder: Path, spectrogram_format: SpectrogramFormat) -> tuple[Manifest, tuple[SourceError, ...]]:
    """Make a dataset of a folder of PNG files, where they lie: write the manifest that the prototype had none of.

    Returns it, and the pictures that were left out because they cannot be read or have another size. Raises
    SourceError for a folder without any that fit, OutputError where there is a manifest or none can be written.
    """
    if not folder.is_dir():
        raise SourceError(folder, "no such folder")
    if (folder / MANIFEST).exists():
        raise OutputError(folder / MANIFEST, "it is there already; check it without --adopt")
    report = Report(str(folder), spectrogram_format.name, 0)
    entries, skipped, clipped, weak = [], [], 0.0, 0.0
    for path in sorted(p for p in folder.rglob("*") if p.suffix.lower() == ".png" and not p.name.startswith(".")):
        try:
            image = read_picture(path, spectrogram_format)
        except SourceError as error:
            skipped.append(error)
            continue
        name = path.relative_to(folder).as_posix()
        entries.append({"path": name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "images": [name]})
        _look(name, image, spectrogram_format, report)
        clipped += float(np.mean(image == 255))
        weak += float(np.mean(image == 0))
    if not entries:
        first = f"; the first: {skipped[0]}" if skipped else ""
        raise SourceError(folder, f"no pictures of format {spectrogram_format.name} in it{first}")
    figures = {
        "silent_images": len(report.silent),
        "distorted_images": len(report.distorted),
        "clipped_share": round(clipped / len(entries), 6),
        "weak_share": round(weak / len(entries), 6),
    }
    origin = {"adopted": folder.resolve().name, "left_out": [_reason(folder, error) for error in skipped]}
    manifest = Manifest(spectrogram_format, "png", len(entries), origin, figures, tuple(entries), pictures=".")
    manifest.save(folder)
    return manifest, tuple(skipped)


def _reason(folder: Path, error: SourceError) -> dict[str, str]:
    return {"path": error.path.relative_to(folder).as_posix(), "reason": error.reason}


def _look(name: str, image: GreyArray, spectrogram_format: SpectrogramFormat, report: Report) -> None:
    report.readable += 1
    if int(image.max()) <= silent_grey(spectrogram_format):
        report.silent.append(name)
    if float((image == 255).mean()) > _MUCH_CLIPPED:
        report.distorted.append(name)


def _images(folder: Path, manifest: Manifest, report: Report) -> Iterator[tuple[str, GreyArray]]:
    if manifest.storage == "array":
        try:
            for i, image in enumerate(open_images(folder).array):
                yield str(i), image
        except SourceError as error:
            report.faults.append(str(error))
        return
    home = folder / manifest.pictures
    names = manifest.names()
    found = {path.relative_to(home).as_posix() for path in home.rglob("*.png") if not path.name.startswith(".")}
    report.unlisted = sorted(found - set(names))
    for name in names:
        try:
            yield name, read_picture(home / name, manifest.format)
        except SourceError as error:
            report.faults.append(f"{name}: {error.reason}")


def _warnings(report: Report) -> Iterator[str]:
    if report.duplicates:
        yield f"{len(report.duplicates)} images are there more than once"
    if len(report.near_duplicates) > _MANY_TWINS * report.readable:
        yield f"{len(report.near_duplicates)} images are nearly equal to an earlier one; slice fewer of each track"
    if report.silent:
        yield f"{len(report.silent)} images are silent"
    if report.distorted:
        yield f"{len(report.distorted)} images are clipped in more than a thousandth of their points; lower the level"
    if report.unlisted:
        yield f"{len(report.unlisted)} pictures are not in the manifest and will not be used"
    if report.readable < _FEW_IMAGES:
        yield f"{report.readable} images are few; a thousand is a beginning"
