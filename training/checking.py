"""Checking a dataset: its manifest against its files, and its images for what training would suffer from."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from technogan.errors import SourceError
from training.conversion import GreyArray, silent_grey
from training.dataset import PICTURES, Manifest, open_images, read_manifest, read_picture

# Fewer make no instrument; a warning, not an error.
_FEW_IMAGES = 1000
_MUCH_CLIPPED = 0.001


@dataclass(slots=True)
class Report:
    """What a check found.

    faults: files that are missing, damaged or of another size, by name. unlisted: pictures the manifest does not know.
    duplicates: images that are equal to an earlier one. warnings: sentences for people.
    """

    path: str
    format: str
    images: int
    readable: int = 0
    duplicates: int = 0
    silent: int = 0
    distorted: int = 0
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


def check(folder: Path) -> Report:
    """Look at every image of a dataset. Raises SourceError where there is none."""
    manifest = read_manifest(folder)
    report = Report(str(folder), manifest.format.name, manifest.images)
    seen: set[bytes] = set()
    for image in _images(folder, manifest, report):
        digest = hashlib.blake2b(image.tobytes(), digest_size=16).digest()
        report.duplicates += digest in seen
        seen.add(digest)
        report.readable += 1
        report.silent += int(image.max()) <= silent_grey(manifest.format)
        report.distorted += bool((image == 255).mean() > _MUCH_CLIPPED)
    if report.readable != manifest.images and not report.faults:
        report.faults.append(f"{report.readable} images where the manifest says {manifest.images}")
    report.warnings = list(_warnings(report))
    return report


def _images(folder: Path, manifest: Manifest, report: Report) -> Iterator[GreyArray]:
    if manifest.storage == "array":
        try:
            yield from open_images(folder).array
        except SourceError as error:
            report.faults.append(str(error))
        return
    names = manifest.names()
    report.unlisted = sorted({path.name for path in (folder / PICTURES).glob("*.png")} - set(names))
    for name in names:
        try:
            yield read_picture(folder / PICTURES / name, manifest.format)
        except SourceError as error:
            report.faults.append(f"{name}: {error.reason}")


def _warnings(report: Report) -> Iterator[str]:
    if report.duplicates:
        yield f"{report.duplicates} images are there more than once"
    if report.silent:
        yield f"{report.silent} images are silent"
    if report.distorted:
        yield f"{report.distorted} images are clipped in more than a thousandth of their points; lower the level"
    if report.unlisted:
        yield f"{len(report.unlisted)} pictures are not in the manifest and will not be used"
    if report.readable < _FEW_IMAGES:
        yield f"{report.readable} images are few; a thousand is a beginning"
