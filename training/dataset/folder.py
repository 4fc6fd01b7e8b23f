"""Convert a folder of sounds to a dataset of PNG files; sounds that cannot be read are skipped and reported."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any, TextIO, cast, get_args

import numpy as np

from technogan.arrays import FloatArray, GreyArray
from technogan.atomic import delete_leftovers, explain
from technogan.errors import OutputError, SettingError, SourceError
from technogan.formats import SpectrogramFormat
from technogan.progress import Progress, ignore_progress
from technogan.run_folder import RunFolder
from training.corpus import STEMS
from training.dataset.conversion import Tally, images_of, images_of_stems
from training.dataset.journal import (
    JOURNAL,
    ConversionOptions,
    Entry,
    StemMode,
    identify_source,
    open_journal,
    read_converted,
)
from training.dataset.manifest import PICTURES, Manifest
from training.dataset.picture_names import check_own, is_own
from training.dataset.png import write_grey
from training.dataset.separation import split_stems
from training.dataset.sounds import LevelMode, SourceSound, find_sounds, gain_for, measure_peak, read_loops
from training.parallel import map_in_order
from training.sound_files import hash_file


@dataclass(frozen=True, slots=True)
class ConvertedDataset:
    """The manifest of a new dataset, and the errors of the sounds that were skipped."""

    manifest: Manifest
    skipped: tuple[SourceError, ...]


@dataclass(slots=True)
class _PartialDataset:
    entries: list[Entry] = field(default_factory=list)
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
    options = ConversionOptions(spectrogram_format, beats, level, stems, identify_source(source, target))
    in_parallel = partial(map_in_order, jobs=jobs, scheduler=scheduler)
    sounds = find_sounds(source, beats, level, excluded=excluded)
    if not sounds:
        raise SourceError(source, "all sounds in it are excluded")
    try:
        target.mkdir(parents=True, exist_ok=True)
        with RunFolder(target).lock():
            return _convert(source, target, sounds, options, in_parallel, progress)
    except OSError as error:
        raise OutputError(target, explain(error)) from error


def _convert(
    source: Path,
    target: Path,
    sounds: Sequence[SourceSound],
    options: ConversionOptions,
    in_parallel: Callable[..., Iterator[Any]],
    progress: Progress,
) -> ConvertedDataset:
    options, known = read_converted(source, target, options)
    if options.level == "track":
        sounds = _level_tracks(sounds, in_parallel(partial(_measure_peak, folder=source.resolve()), sounds))
    gone = frozenset(known).difference(sound.path for sound in sounds)
    work = partial(_convert_sound, folder=source.resolve(), target=target.resolve(), options=options, gone=gone)
    dataset = _PartialDataset()
    with open_journal(target, options, known.values()) as journal:
        results = in_parallel(work, ((sound, known.get(sound.path)) for sound in sounds))
        for sound, result in zip(sounds, results, strict=True):
            _add_result(sound, result, dataset, journal)
            progress(dataset.n_sounds, len(sounds))
    converted = _write_manifest(source, options, target, dataset)
    _delete_stale_pictures(target, known.values(), dataset)
    return converted


def _delete_stale_pictures(target: Path, known: Iterable[Entry], dataset: _PartialDataset) -> None:
    kept = {name for entry in dataset.entries for name in entry.images}
    for entry in known:
        for picture in (target / PICTURES / name for name in entry.images if name not in kept):
            # A manifest of a stranger may list pictures that it did not make.
            if is_own(picture, [entry.path]):
                picture.unlink()


def _measure_peak(sound: SourceSound, *, folder: Path) -> float:
    return measure_peak(folder / sound.path)


def _level_tracks(sounds: Sequence[SourceSound], peaks: Iterator[float]) -> list[SourceSound]:
    highest: dict[PurePosixPath, float] = defaultdict(float)
    for sound, peak in zip(sounds, peaks, strict=True):
        home = PurePosixPath(sound.path).parent
        highest[home] = max(highest[home], peak)
    return [replace(sound, gain=gain_for(highest[PurePosixPath(sound.path).parent])) for sound in sounds]


def _convert_sound(
    task: tuple[SourceSound, Entry | None],
    *,
    folder: Path,
    target: Path,
    options: ConversionOptions,
    gone: frozenset[str],
) -> Entry | SourceError | OutputError:
    """Write the pictures of a sound; those of sounds that are gone may be replaced."""
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
            check_own(target / PICTURES / name, {sound.path, *gone})
            write_grey(target / PICTURES / name, image, comment=sound.path)
    except (SourceError, OutputError) as error:
        return error
    return Entry(sound.path, sha256, sound.beats, gain, tuple(names), tally)


def _make_images(samples: FloatArray, options: ConversionOptions) -> tuple[GreyArray, Tally]:
    """Return the pictures of a sound, uint8 (k, height, n_frames); those of stems are one above another."""
    if options.stems == "one":
        return images_of(samples, options.format)
    images, tally = images_of_stems(split_stems(samples, options.format), options.format)
    return images.reshape(len(images), -1, options.format.n_frames), tally


def _is_current(before: Entry, sound: SourceSound, sha256: str, target: Path) -> bool:
    same = before.sha256 == sha256 and before.beats == sound.beats and sound.gain in (None, before.gain)
    return same and all((target / PICTURES / name).exists() for name in before.images)


def _add_result(
    sound: SourceSound, result: Entry | SourceError | OutputError, dataset: _PartialDataset, journal: TextIO
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
    (target / JOURNAL).unlink(missing_ok=True)
    delete_leftovers(target / PICTURES)
    return ConvertedDataset(manifest, tuple(dataset.skipped.values()))


def _make_warnings(tally: Tally, n_skipped: int) -> Iterator[str]:
    if n_skipped:
        yield f"{n_skipped} sounds were left out"
    if tally.silent:
        yield f"{tally.silent} of {tally.images} images are silent"
    if tally.distorted:
        yield f"{tally.distorted} of {tally.images} images are clipped in more than 0.1 % of their bins"
