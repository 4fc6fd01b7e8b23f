"""Check the manifest of a dataset against its files, and its images for problems in training."""

import hashlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np

from technogan.arrays import GreyArray
from technogan.errors import OutputError, SourceError
from technogan.files.png import read_png_header
from technogan.formats import SpectrogramFormat
from technogan.progress import Progress, ignore_progress
from training.dataset.conversion import silent_grey
from training.dataset.images import open_images, read_picture
from training.dataset.manifest import MANIFEST, Manifest, read_manifest
from training.dataset.near_duplicates import find_near_duplicates, make_sketch
from training.sound_files import hash_file

WarningKind = Literal["duplicates", "near duplicates", "silent", "clipped", "unlisted", "few"]

# Fewer images get a warning.
_FEW_IMAGES = 1000
_MUCH_CLIPPED = 0.001
# A larger share of near duplicates gets a warning.
_MANY_NEAR_DUPLICATES = 0.2


@dataclass(slots=True)
class DatasetReport:
    """The result of a check. Images are named by their PNG file, or by their number in an array.

    Attributes:
        path: the dataset.
        format: name of the format.
        images: number of images in the manifest.
        readable: number of images that were read.
        duplicates, near_duplicates: pairs of an image and the earlier one that it equals, or almost equals.
        silent, distorted: images.
        faults: descriptions of files that are missing, damaged or inconsistent with the manifest.
        unlisted: PNG files that are not in the manifest.
        warnings: sentences for the user.
        warning_kinds: what each of the warnings is about, for programs.
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
    warning_kinds: list[WarningKind] = field(default_factory=list)

    @property
    def is_consistent(self) -> bool:
        """True if the manifest and the files agree."""
        return not self.faults

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return asdict(self) | {"sound": self.is_consistent}


def check_dataset(folder: Path, *, progress: Progress = ignore_progress) -> DatasetReport:
    """Read and check every image of a dataset. Raises SourceError if there is no dataset."""
    manifest = read_manifest(folder)
    report = DatasetReport(str(folder), manifest.format.name, manifest.images)
    names: list[str] = []
    sketches = []
    first_of: dict[bytes, str] = {}
    for name, image in _read_images(folder, manifest, report):
        first = first_of.setdefault(hashlib.blake2b(image.tobytes(), digest_size=16).digest(), name)
        if first != name:
            report.duplicates.append((name, first))
        else:
            names.append(name)
            sketches.append(make_sketch(image))
        _classify(name, image, manifest.format, report)
        progress(report.readable, manifest.images)
    if sketches:
        report.near_duplicates = [(names[i], names[j]) for i, j in find_near_duplicates(np.stack(sketches))]
    if report.readable != manifest.images and not report.faults:
        report.faults.append(f"the dataset has {report.readable} images, its manifest lists {manifest.images}")
    for kind, warning in _make_warnings(report):
        report.warning_kinds.append(kind)
        report.warnings.append(warning)
    return report


def rows_of_pictures(folder: Path) -> int | None:
    """Return the height of the first picture that can be read; None if there is none."""
    for path in _find_pictures(folder):
        try:
            return read_png_header(path).height
        except SourceError:
            continue
    return None


def adopt_pictures(folder: Path, spectrogram_format: SpectrogramFormat) -> tuple[Manifest, tuple[SourceError, ...]]:
    """Write a manifest for a folder of PNG files, which stay in place.

    Returns:
        The manifest, and the errors of files that cannot be read or have another size.

    Raises:
        SourceError: no file fits.
        OutputError: there is a manifest already, or it cannot be written.
    """
    if not folder.is_dir():
        raise SourceError(folder, "no such folder")
    if (folder / MANIFEST).exists():
        raise OutputError(folder / MANIFEST, "it already exists; check the dataset without --adopt")
    report = DatasetReport(str(folder), spectrogram_format.name, 0)
    entries, skipped, clipped, weak = [], [], 0.0, 0.0
    for path in _find_pictures(folder):
        try:
            image = read_picture(path, spectrogram_format)
        except SourceError as error:
            skipped.append(error)
            continue
        name = path.relative_to(folder).as_posix()
        entries.append({"path": name, "sha256": hash_file(path), "images": [name]})
        _classify(name, image, spectrogram_format, report)
        clipped += float(np.mean(image == 255))
        weak += float(np.mean(image == 0))
    if not entries:
        first = f"; the first: {skipped[0]}" if skipped else ""
        raise SourceError(folder, f"contains no pictures of format {spectrogram_format.name}{first}")
    figures = {
        "silent_images": len(report.silent),
        "distorted_images": len(report.distorted),
        "clipped_share": round(clipped / len(entries), 6),
        "weak_share": round(weak / len(entries), 6),
    }
    origin = {"adopted": folder.resolve().name, "left_out": [_describe(folder, error) for error in skipped]}
    manifest = Manifest(spectrogram_format, "png", len(entries), origin, figures, tuple(entries), pictures=".")
    manifest.save(folder)
    return manifest, tuple(skipped)


def _describe(folder: Path, error: SourceError) -> dict[str, str]:
    return {"path": error.path.relative_to(folder).as_posix(), "reason": error.reason}


def _classify(name: str, image: GreyArray, spectrogram_format: SpectrogramFormat, report: DatasetReport) -> None:
    report.readable += 1
    if int(image.max()) <= silent_grey(spectrogram_format):
        report.silent.append(name)
    if float((image == 255).mean()) > _MUCH_CLIPPED:
        report.distorted.append(name)


def _read_images(folder: Path, manifest: Manifest, report: DatasetReport) -> Iterator[tuple[str, GreyArray]]:
    if manifest.storage == "array":
        try:
            for i, image in enumerate(open_images(folder).array):
                yield str(i), image.reshape(-1, manifest.format.n_frames)
        except SourceError as error:
            report.faults.append(str(error))
        return
    home = folder / manifest.pictures
    names = manifest.names()
    found = {path.relative_to(home).as_posix() for path in home.rglob("*.png") if not path.name.startswith(".")}
    report.unlisted = sorted(found - set(names))
    for name in names:
        try:
            yield name, read_picture(home / name, manifest.format, manifest.stems)
        except SourceError as error:
            report.faults.append(f"{name}: {error.reason}")


def _make_warnings(report: DatasetReport) -> Iterator[tuple[WarningKind, str]]:
    if report.duplicates:
        yield "duplicates", f"{len(report.duplicates)} images are duplicates"
    n_near = len(report.near_duplicates)
    if n_near > _MANY_NEAR_DUPLICATES * report.readable:
        yield "near duplicates", f"{n_near} images are nearly equal to an earlier one; use fewer slices of each track"
    if report.silent:
        yield "silent", f"{len(report.silent)} images are silent"
    if report.distorted:
        n_clipped = len(report.distorted)
        yield "clipped", f"{n_clipped} images are clipped in more than 0.1 % of their bins; lower the level"
    if report.unlisted:
        yield "unlisted", f"{len(report.unlisted)} pictures are not in the manifest and are not used"
    if report.readable < _FEW_IMAGES:
        yield "few", f"only {report.readable} images; use at least {_FEW_IMAGES}"


def _find_pictures(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.suffix.lower() == ".png" and not p.name.startswith("."))
