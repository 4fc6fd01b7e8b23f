"""Converting a folder of sounds to a dataset of PNG files: what can be read is converted, what cannot is named."""

from __future__ import annotations

import contextlib
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any, TextIO

import numpy as np

from technogan.atomic import explain
from technogan.errors import OutputError, SourceError
from technogan.formats import SpectrogramFormat
from technogan.progress import Progress, ignore_progress
from training.dataset.conversion import Tally, images_of
from training.dataset.manifest import MANIFEST, PICTURES, Manifest, read_manifest
from training.dataset.png import write_grey
from training.dataset.sounds import Level, Sound, gain_for, peak_of, read_loops, sounds_in
from training.parallel import in_order
from training.sound_files import digest

_JOURNAL = ".unfinished.jsonl"


@dataclass(frozen=True, slots=True)
class Choices:
    """How sounds become images.

    beats: of every sound; what slices.json beside it says, or one loop of the format, if None. level: "keep" the
    samples' own; one gain for all sounds of a folder ("track"), or for each alone ("slice"), that brings the highest
    peak to .95.
    """

    format: SpectrogramFormat
    beats: int | None = None
    level: Level = "keep"

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {"format": self.format.to_dict(), "beats": self.beats, "level": self.level}


@dataclass(frozen=True, slots=True)
class Converted:
    """The dataset that was made, and the sounds that were left out."""

    manifest: Manifest
    skipped: tuple[SourceError, ...]


@dataclass(slots=True)
class _Made:
    """The dataset so far. entries: the manifest's, one a sound."""

    entries: list[dict[str, Any]] = field(default_factory=list)
    skipped: dict[str, SourceError] = field(default_factory=dict)
    tally: Tally = field(default_factory=Tally)

    @property
    def sounds(self) -> int:
        return len(self.entries) + len(self.skipped)


@dataclass(slots=True)
class _Result:
    path: str
    sha256: str = ""
    beats: int | None = None
    gain: float = 1.0
    images: list[str] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)
    error: SourceError | OutputError | None = None

    def to_dict(self) -> dict[str, Any]:
        facts = {name: getattr(self, name) for name in ("path", "sha256", "beats", "gain", "images")}
        return facts | {"tally": self.tally.to_dict()}


def convert(
    source: Path,
    spectrogram_format: SpectrogramFormat,
    target: Path,
    *,
    beats: int | None = None,
    level: Level = "keep",
    excluded: Collection[str] = (),
    jobs: int | None = None,
    scheduler: str | None = None,
    progress: Progress = ignore_progress,
) -> Converted:
    """Convert all sounds in a folder and the folders below it.

    Sounds may have any rate, length and number of channels (mixed to one). What a sound holds, and how loud it
    becomes: see `Choices`. Sounds that were converted before and have not changed since are not converted again;
    pictures of those that have gone, or are excluded now, are deleted. excluded: see `sounds_in`. jobs, scheduler: see
    `in_order`. Raises SourceError where there is no sound or none can be converted, OutputError where the target cannot
    be written.
    """
    choices = Choices(spectrogram_format, beats, level)
    spread = partial(in_order, jobs=jobs, scheduler=scheduler)
    sounds = sounds_in(source, beats, level, excluded=excluded)
    if not sounds:
        raise SourceError(source, "all sounds in it are excluded")
    known = _known(target, choices)
    if level == "track":
        sounds = _levelled(sounds, spread(partial(_peak, folder=source.resolve()), sounds))
    work = partial(_convert_one, folder=source.resolve(), target=target.resolve(), choices=choices)
    made = _Made()
    try:
        with _journal(target, choices, known.values()) as journal:
            for result in spread(work, ((sound, known.get(sound.path)) for sound in sounds)):
                _take_in(result, made, journal)
                progress(made.sounds, len(sounds))
    except OSError as error:
        raise OutputError(target, explain(error)) from error
    converted = _finished(source, choices, target, made)
    _forget(target, known.values(), made)
    return converted


def _forget(target: Path, known: Iterable[Mapping[str, Any]], made: _Made) -> None:
    """Delete pictures that an earlier run made and this one did not."""
    kept = {name for entry in made.entries for name in entry["images"]}
    for name in {name for entry in known for name in entry["images"]} - kept:
        (target / PICTURES / name).unlink(missing_ok=True)


def _peak(sound: Sound, *, folder: Path) -> float:
    return peak_of(folder / sound.path)


def _levelled(sounds: Sequence[Sound], peaks: Iterator[float]) -> list[Sound]:
    highest: dict[PurePosixPath, float] = defaultdict(float)
    for sound, peak in zip(sounds, peaks, strict=True):
        home = PurePosixPath(sound.path).parent
        highest[home] = max(highest[home], peak)
    return [replace(sound, gain=gain_for(highest[PurePosixPath(sound.path).parent])) for sound in sounds]


def _convert_one(
    task: tuple[Sound, Mapping[str, Any] | None], *, folder: Path, target: Path, choices: Choices
) -> _Result:
    sound, before = task
    path = folder / sound.path
    try:
        sha256 = digest(path)
        if before and _still_true(before, sound, sha256, target):
            tally = Tally.from_dict(dict(before["tally"]))
            return _Result(sound.path, sha256, sound.beats, before["gain"], list(before["images"]), tally)
        samples = read_loops(path, choices.format, sound.beats)
        gain = gain_for(float(np.abs(samples).max())) if sound.gain is None else sound.gain
        images, tally = images_of(samples if gain == 1 else samples * np.float32(gain), choices.format)
        names = [f"{sound.name}.png" if len(images) == 1 else f"{sound.name}-{i + 1}.png" for i in range(len(images))]
        for name, image in zip(names, images, strict=True):
            write_grey(target / PICTURES / name, image, comment=sound.path)
    except (SourceError, OutputError) as error:
        return _Result(sound.path, error=error)
    return _Result(sound.path, sha256, sound.beats, gain, names, tally)


def _still_true(before: Mapping[str, Any], sound: Sound, sha256: str, target: Path) -> bool:
    same = before["sha256"] == sha256 and before["beats"] == sound.beats and sound.gain in (None, before["gain"])
    return same and all((target / PICTURES / name).exists() for name in before["images"])


def _known(target: Path, choices: Choices) -> dict[str, Mapping[str, Any]]:
    """What an earlier run, finished or not, has already converted: by path."""
    if (target / MANIFEST).exists():
        manifest = read_manifest(target)
        if manifest.origin.get("choices") != choices.to_dict():
            raise OutputError(target, "another dataset is there; choose another folder")
        return {entry["path"]: entry for entry in manifest.sources}
    header, *entries = _journalled(target / _JOURNAL) or [choices.to_dict()]
    if header != choices.to_dict():
        raise OutputError(target, "another, unfinished dataset is there; choose another folder or delete it")
    return {entry["path"]: entry for entry in entries}


def _journalled(path: Path) -> list[dict[str, Any]]:
    """The lines of a journal, the last of which may have been cut off."""
    lines = []
    with contextlib.suppress(OSError, ValueError):
        for line in path.read_text(encoding="utf-8").splitlines():
            lines.append(json.loads(line))
    return lines


def _take_in(result: _Result, made: _Made, journal: TextIO) -> None:
    if isinstance(result.error, OutputError):
        raise result.error
    if result.error is not None:
        made.skipped[result.path] = result.error
        return
    made.entries.append(result.to_dict())
    made.tally.add(result.tally)
    journal.write(json.dumps(made.entries[-1], ensure_ascii=False) + "\n")
    journal.flush()


def _journal(target: Path, choices: Choices, known: Iterable[Mapping[str, Any]]) -> TextIO:
    target.mkdir(parents=True, exist_ok=True)
    file = (target / _JOURNAL).open("w", encoding="utf-8")
    for entry in (choices.to_dict(), *known):
        file.write(json.dumps(entry, ensure_ascii=False) + "\n")
    file.flush()
    return file


def _finished(source: Path, choices: Choices, target: Path, made: _Made) -> Converted:
    if not made.entries:
        first = next(iter(made.skipped.values()))
        raise SourceError(source, f"none of {made.sounds} sounds can be converted; the first: {first}")
    origin = {
        "folder": source.resolve().name,
        "files": len(made.entries),
        "left_out": [{"path": path, "reason": error.reason} for path, error in made.skipped.items()],
        "choices": choices.to_dict(),
        "warnings": list(_warnings(made.tally, len(made.skipped))),
    }
    figures = made.tally.summary()
    manifest = Manifest(choices.format, "png", made.tally.images, origin, figures, tuple(made.entries))
    manifest.save(target)
    for left in (target / _JOURNAL, *(target / PICTURES).glob(".*.part")):
        left.unlink(missing_ok=True)
    return Converted(manifest, tuple(made.skipped.values()))


def _warnings(tally: Tally, left_out: int) -> Iterator[str]:
    if left_out:
        yield f"{left_out} sounds were left out"
    if tally.silent:
        yield f"{tally.silent} of {tally.images} images are silent"
    if tally.distorted:
        yield f"{tally.distorted} of {tally.images} images clip in more than a thousandth of their points"
