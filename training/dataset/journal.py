"""The options of a conversion and the sounds it has converted: in a journal while it runs, then in the manifest."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal, TextIO

from technogan.errors import OutputError, SourceError, SpecError
from technogan.formats import FORMATS, SpectrogramFormat, find_format, read_format
from technogan.records import parse_json, read_file, read_record
from training.dataset.conversion import Tally
from training.dataset.manifest import MANIFEST, read_manifest, require_inside
from training.dataset.sounds import LevelMode
from training.sound_files import hash_file

StemMode = Literal["one", "split"]

JOURNAL = ".unfinished.jsonl"


@dataclass(frozen=True, slots=True)
class ConversionOptions:
    """How sounds become images.

    Attributes:
        format: format of the images.
        beats: length of every sound; if None, slices.json next to a sound states it, or it is one loop.
        level: "keep" keeps the level, "track" normalises all sounds of a folder together, "slice" each alone.
        stems: "one" image of the whole sound, or "split" it into approximate stems, each with an image of its own.
        source: what `identify_source` returns for the folder of sounds; "" if an older version converted them.
    """

    format: SpectrogramFormat
    beats: int | None = None
    level: LevelMode = "keep"
    stems: StemMode = "one"
    source: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        split = {} if self.stems == "one" else {"stems": self.stems}
        values = {"format": self.format.to_dict(), "beats": self.beats, "level": self.level, "source": self.source}
        return values | split


@dataclass(frozen=True, slots=True)
class Entry:
    """A converted sound: an entry of the manifest, and a line of the journal."""

    path: str
    sha256: str
    beats: int | None
    gain: float
    images: tuple[str, ...]
    tally: Tally

    def __post_init__(self) -> None:
        require_inside([self.path, *self.images])


def identify_source(source: Path, target: Path) -> str:
    """Return a digest of the way from a dataset to its folder of sounds; it stays if both are moved together."""
    try:
        way = os.path.relpath(source.resolve(), target.resolve())
    except ValueError:  # on another drive
        way = str(source.resolve())
    return hashlib.sha256(way.encode(errors="surrogateescape")).hexdigest()[:16]


def open_journal(target: Path, options: ConversionOptions, known: Iterable[Entry]) -> TextIO:
    """Start a journal with the sounds that are converted already."""
    target.mkdir(parents=True, exist_ok=True)
    file = (target / JOURNAL).open("w", encoding="utf-8", errors="backslashreplace")
    for line in (options.to_dict(), *map(asdict, known)):
        file.write(json.dumps(line, ensure_ascii=False) + "\n")
    file.flush()
    return file


def read_converted(
    source: Path, target: Path, options: ConversionOptions
) -> tuple[ConversionOptions, dict[str, Entry]]:
    """Return the options to continue an earlier run with, finished or not, and the sounds that it converted, by path.

    Raises:
        OutputError: the target contains a dataset of other options or of another folder of sounds.
        SourceError: the target contains a damaged dataset.
    """
    name = source.resolve().name
    if (target / MANIFEST).exists():
        manifest = read_manifest(target)
        earlier = _read_options(manifest.origin.get("choices"))
        tables: Iterable[Mapping[str, Any]] = manifest.sources
        name = str(manifest.origin.get("folder"))
        reason = "another dataset is there; choose another folder"
    else:
        header, *tables = _read_journal(target / JOURNAL) or [options.to_dict()]
        earlier = _read_options(header)
        reason = "another, unfinished dataset is there; choose another folder or delete it"
    if earlier is None or not _is_continued(earlier, options):
        raise OutputError(target, reason)
    try:
        known = {entry.path: entry for entry in (read_record(Entry, table) for table in tables)}
    except SpecError as error:
        raise SourceError(target, f"contains a damaged dataset: {error}") from error
    same = earlier.source == options.source if earlier.source else name == source.resolve().name
    if known and not same and not any(_is_there(source, entry) for entry in known.values()):
        raise OutputError(target, "the dataset of another folder of sounds is there; choose another folder")
    return replace(earlier, source=options.source), known


def _is_there(source: Path, entry: Entry) -> bool:
    """Return whether a folder contains the sound of an entry, as it does if it was moved."""
    try:
        return hash_file(source / entry.path) == entry.sha256
    except SourceError:
        return False


def _read_options(table: object) -> ConversionOptions | None:
    if not isinstance(table, Mapping):
        return None
    try:
        return read_record(ConversionOptions, table, {SpectrogramFormat: read_format})
    except SpecError:
        return None


def _is_continued(earlier: ConversionOptions, options: ConversionOptions) -> bool:
    """Return whether options are those of an earlier run, which may have called "bar-256" by its old name, "bar"."""
    name = earlier.format.name
    if name in FORMATS:
        current = find_format(name, rows=earlier.format.n_bins)
        if replace(current, name=name) == earlier.format and options.format in (current, FORMATS[name]):
            options = replace(options, format=earlier.format)
    return replace(earlier, source=options.source) == options


def _read_journal(path: Path) -> list[Mapping[str, Any]]:
    """Return the lines of a journal up to the first one that is cut off."""
    lines: list[Mapping[str, Any]] = []
    with contextlib.suppress(OSError, SpecError):
        for line in read_file(path).splitlines():
            lines.append(parse_json(line))
    return lines
