"""Convert a folder of sounds to a dataset of PNG files; sounds that cannot be read are skipped and reported."""

from __future__ import annotations

import contextlib
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any, Literal, TextIO, cast, get_args

import numpy as np

from technogan.arrays import FloatArray, GreyArray
from technogan.atomic import explain
from technogan.errors import OutputError, SettingError, SourceError, SpecError
from technogan.formats import FORMATS, SpectrogramFormat, find_format, read_format
from technogan.progress import Progress, ignore_progress
from technogan.records import parse_json, read_record
from training.corpus import STEMS
from training.dataset.conversion import Tally, images_of, images_of_stems
from training.dataset.manifest import MANIFEST, PICTURES, Manifest, read_manifest
from training.dataset.png import write_grey
from training.dataset.separation import split_stems
from training.dataset.sounds import LevelMode, SourceSound, find_sounds, gain_for, measure_peak, read_loops
from training.parallel import map_in_order
from training.sound_files import hash_file

StemMode = Literal["one", "split"]

_JOURNAL = ".unfinished.jsonl"


@dataclass(frozen=True, slots=True)
class ConversionOptions:
    """How sounds become images.

    Attributes:
        format: format of the images.
        beats: length of every sound; if None, slices.json next to a sound states it, or it is one loop.
        level: "keep" keeps the level, "track" normalises all sounds of a folder together, "slice" each alone.
        stems: "one" image of the whole sound, or "split" it into approximate stems, each with an image of its own.
    """

    format: SpectrogramFormat
    beats: int | None = None
    level: LevelMode = "keep"
    stems: StemMode = "one"

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        split = {} if self.stems == "one" else {"stems": self.stems}
        return {"format": self.format.to_dict(), "beats": self.beats, "level": self.level} | split


@dataclass(frozen=True, slots=True)
class ConvertedDataset:
    """The manifest of a new dataset, and the errors of the sounds that were skipped."""

    manifest: Manifest
    skipped: tuple[SourceError, ...]


@dataclass(frozen=True, slots=True)
class _Entry:
    """A converted sound: an entry of the manifest, and a line of the journal."""

    path: str
    sha256: str
    beats: int | None
    gain: float
    images: tuple[str, ...]
    tally: Tally


@dataclass(slots=True)
class _PartialDataset:
    entries: list[_Entry] = field(default_factory=list)
    skipped: dict[str, SourceError] = field(default_factory=dict)
    tally: Tally = field(default_factory=Tally)

    @property
    def n_sounds(self) -> int:
        return len(self.entries) + len(self.skipped)


def find_stem_mode(name: str) -> StemMode:
    """Return the mode of this name. Raises SettingError for an unknown name."""
    for mode in get_args(StemMode):
        if name == mode:
            return cast(StemMode, mode)
    raise SettingError("stems", name, f"one of {', '.join(get_args(StemMode))}")


def convert_folder(
    source: Path,
    spectrogram_format: SpectrogramFormat,
    target: Path,
    *,
    beats: int | None = None,
    level: LevelMode = "keep",
    stems: StemMode = "one",
    excluded: Collection[str] = (),
    jobs: int | None = None,
    scheduler: str | None = None,
    progress: Progress = ignore_progress,
) -> ConvertedDataset:
    """Convert all sounds in a folder and its subfolders, of any sample rate, length and number of channels.

    A second run converts only new and changed sounds, and deletes the pictures of sounds that are gone or excluded.
    See `ConversionOptions`, `find_sounds` and `map_in_order` for the arguments.

    Raises:
        SourceError: there are no sounds, or none can be converted.
        OutputError: the target cannot be written, or contains another dataset.
    """
    options = ConversionOptions(spectrogram_format, beats, level, stems)
    in_parallel = partial(map_in_order, jobs=jobs, scheduler=scheduler)
    sounds = find_sounds(source, beats, level, excluded=excluded)
    if not sounds:
        raise SourceError(source, "all sounds in it are excluded")
    options, known = _read_converted(target, options)
    if level == "track":
        sounds = _level_tracks(sounds, in_parallel(partial(_measure_peak, folder=source.resolve()), sounds))
    work = partial(_convert_sound, folder=source.resolve(), target=target.resolve(), options=options)
    dataset = _PartialDataset()
    try:
        with _open_journal(target, options, known.values()) as journal:
            results = in_parallel(work, ((sound, known.get(sound.path)) for sound in sounds))
            for sound, result in zip(sounds, results, strict=True):
                _add_result(sound, result, dataset, journal)
                progress(dataset.n_sounds, len(sounds))
    except OSError as error:
        raise OutputError(target, explain(error)) from error
    converted = _write_manifest(source, options, target, dataset)
    _delete_stale_pictures(target, known.values(), dataset)
    return converted


def _delete_stale_pictures(target: Path, known: Iterable[_Entry], dataset: _PartialDataset) -> None:
    kept = {name for entry in dataset.entries for name in entry.images}
    for name in {name for entry in known for name in entry.images} - kept:
        (target / PICTURES / name).unlink(missing_ok=True)


def _measure_peak(sound: SourceSound, *, folder: Path) -> float:
    return measure_peak(folder / sound.path)


def _level_tracks(sounds: Sequence[SourceSound], peaks: Iterator[float]) -> list[SourceSound]:
    highest: dict[PurePosixPath, float] = defaultdict(float)
    for sound, peak in zip(sounds, peaks, strict=True):
        home = PurePosixPath(sound.path).parent
        highest[home] = max(highest[home], peak)
    return [replace(sound, gain=gain_for(highest[PurePosixPath(sound.path).parent])) for sound in sounds]


def _convert_sound(
    task: tuple[SourceSound, _Entry | None], *, folder: Path, target: Path, options: ConversionOptions
) -> _Entry | SourceError | OutputError:
    sound, before = task
    path = folder / sound.path
    try:
        sha256 = hash_file(path)
        if before and _is_current(before, sound, sha256, target):
            return before
        samples = read_loops(path, options.format, sound.beats)
        gain = gain_for(float(np.abs(samples).max())) if sound.gain is None else sound.gain
        images, tally = _make_images(samples if gain == 1 else samples * np.float32(gain), options)
        names = [f"{sound.name}.png" if len(images) == 1 else f"{sound.name}-{i + 1}.png" for i in range(len(images))]
        for name, image in zip(names, images, strict=True):
            write_grey(target / PICTURES / name, image, comment=sound.path)
    except (SourceError, OutputError) as error:
        return error
    return _Entry(sound.path, sha256, sound.beats, gain, tuple(names), tally)


def _make_images(samples: FloatArray, options: ConversionOptions) -> tuple[GreyArray, Tally]:
    """Return the pictures of a sound, uint8 (k, height, n_frames); those of stems are one above another."""
    if options.stems == "one":
        return images_of(samples, options.format)
    images, tally = images_of_stems(split_stems(samples, options.format), options.format)
    return images.reshape(len(images), -1, options.format.n_frames), tally


def _is_current(before: _Entry, sound: SourceSound, sha256: str, target: Path) -> bool:
    same = before.sha256 == sha256 and before.beats == sound.beats and sound.gain in (None, before.gain)
    return same and all((target / PICTURES / name).exists() for name in before.images)


def _read_converted(target: Path, options: ConversionOptions) -> tuple[ConversionOptions, dict[str, _Entry]]:
    """Return the options of an earlier run, finished or not, and the sounds that it converted, by path."""
    if (target / MANIFEST).exists():
        manifest = read_manifest(target)
        earlier = _read_options(manifest.origin.get("choices"))
        tables: Iterable[Mapping[str, Any]] = manifest.sources
        reason = "another dataset is there; choose another folder"
    else:
        header, *tables = _read_journal(target / _JOURNAL) or [options.to_dict()]
        earlier = _read_options(header)
        reason = "another, unfinished dataset is there; choose another folder or delete it"
    if earlier is None or not _is_continued(earlier, options):
        raise OutputError(target, reason)
    try:
        return earlier, {entry.path: entry for entry in (read_record(_Entry, table) for table in tables)}
    except SpecError as error:
        raise SourceError(target, f"contains a damaged dataset: {error}") from error


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
    return earlier == options


def _read_journal(path: Path) -> list[Mapping[str, Any]]:
    """Return the lines of a journal up to the first one that is cut off."""
    lines: list[Mapping[str, Any]] = []
    with contextlib.suppress(OSError, SpecError):
        for line in path.read_bytes().splitlines():
            lines.append(parse_json(line))
    return lines


def _add_result(
    sound: SourceSound, result: _Entry | SourceError | OutputError, dataset: _PartialDataset, journal: TextIO
) -> None:
    if isinstance(result, OutputError):
        raise result
    if isinstance(result, SourceError):
        dataset.skipped[sound.path] = result
        return
    dataset.entries.append(result)
    dataset.tally.add(result.tally)
    journal.write(json.dumps(asdict(result), ensure_ascii=False) + "\n")
    journal.flush()


def _open_journal(target: Path, options: ConversionOptions, known: Iterable[_Entry]) -> TextIO:
    target.mkdir(parents=True, exist_ok=True)
    file = (target / _JOURNAL).open("w", encoding="utf-8")
    for line in (options.to_dict(), *map(asdict, known)):
        file.write(json.dumps(line, ensure_ascii=False) + "\n")
    file.flush()
    return file


def _write_manifest(
    source: Path, options: ConversionOptions, target: Path, dataset: _PartialDataset
) -> ConvertedDataset:
    if not dataset.entries:
        first = next(iter(dataset.skipped.values()))
        raise SourceError(source, f"none of {dataset.n_sounds} sounds can be converted; the first: {first}")
    origin = {
        "folder": source.resolve().name,
        "files": len(dataset.entries),
        "left_out": [{"path": path, "reason": error.reason} for path, error in dataset.skipped.items()],
        "choices": options.to_dict(),
        **({"stems": "approximate, split by harmonic-percussive separation"} if options.stems == "split" else {}),
        "warnings": list(_make_warnings(dataset.tally, len(dataset.skipped))),
    }
    figures, sources = dataset.tally.summary(), tuple(map(asdict, dataset.entries))
    stems = STEMS if options.stems == "split" else ()
    manifest = Manifest(options.format, "png", dataset.tally.images, origin, figures, sources, stems=stems)
    manifest.save(target)
    for leftover in (target / _JOURNAL, *(target / PICTURES).glob(".*.part")):
        leftover.unlink(missing_ok=True)
    return ConvertedDataset(manifest, tuple(dataset.skipped.values()))


def _make_warnings(tally: Tally, n_skipped: int) -> Iterator[str]:
    if n_skipped:
        yield f"{n_skipped} sounds were left out"
    if tally.silent:
        yield f"{tally.silent} of {tally.images} images are silent"
    if tally.distorted:
        yield f"{tally.distorted} of {tally.images} images are clipped in more than 0.1 % of their bins"
