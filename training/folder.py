"""Converting a folder of sounds to a dataset of PNG files: what can be read is converted, what cannot is named."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from technogan.errors import OutputError, SourceError
from technogan.files import explain
from technogan.image import from_grey, write_png
from technogan.spec import SpectrogramFormat
from technogan.transform import FloatArray
from training.conversion import Tally, images_of
from training.dataset import MANIFEST, PICTURES, Manifest, read_manifest
from training.parallel import in_order

SUFFIXES = frozenset({".wav", ".flac", ".aif", ".aiff", ".ogg", ".mp3"})

_JOURNAL = ".unfinished.jsonl"
# Longer files are no slices but tracks, and would not fit into memory as one circle.
_MOST_LOOPS = 64

# progress(files done, files in all)
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Converted:
    """The dataset that was made, and the sounds that were left out."""

    manifest: Manifest
    skipped: tuple[SourceError, ...]


@dataclass(frozen=True, slots=True)
class _Source:
    """One sound. path: below the folder, as the manifest has it. name: of its pictures, without number and suffix."""

    path: str
    name: str


@dataclass(slots=True)
class _Result:
    path: str
    sha256: str = ""
    images: list[str] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)
    error: SourceError | OutputError | None = None

    def to_dict(self) -> dict[str, Any]:
        return {"path": self.path, "sha256": self.sha256, "images": self.images, "tally": self.tally.to_dict()}


def convert(
    source: Path,
    spectrogram_format: SpectrogramFormat,
    target: Path,
    *,
    jobs: int | None = None,
    progress: Progress = lambda *_: None,
) -> Converted:
    """Convert all sounds in a folder and the folders below it.

    Sounds may have any rate and any number of channels (mixed to one), and hold a whole number of the format's loops,
    sample by sample; levels stay as they are. Sounds that were converted before and have not changed since are not
    converted again. Raises SourceError where there is no sound or none can be converted, OutputError where the target
    cannot be written.
    """
    sources = _sources(source)
    known = _known(target, spectrogram_format)
    work = partial(_convert_one, folder=source, target=target, spectrogram_format=spectrogram_format, known=known)
    results: list[_Result] = []
    try:
        with _journal(target, spectrogram_format, known.values()) as journal:
            for result in in_order(work, sources, jobs=jobs):
                results.append(result)
                _note(journal, result)
                progress(len(results), len(sources))
    except OSError as error:
        raise OutputError(target, explain(error)) from error
    return _finished(source, spectrogram_format, target, results)


def read_samples(path: Path, spectrogram_format: SpectrogramFormat) -> FloatArray:
    """A sound as one channel: float32 (k * n_samples,). Raises SourceError if it is unreadable or of wrong length."""
    import soundfile

    try:
        with soundfile.SoundFile(path) as file:
            _check_length(path, file.frames, spectrogram_format)
            samples = file.read(dtype="float32", always_2d=True)
    except (OSError, soundfile.SoundFileError) as error:
        reason = explain(error) if isinstance(error, OSError) else "no sound that can be read"
        raise SourceError(path, reason) from error
    # A truncated file promises more than it holds.
    _check_length(path, len(samples), spectrogram_format)
    mono: FloatArray = samples.mean(axis=1, dtype=np.float32)
    if not np.isfinite(mono).all():
        raise SourceError(path, "holds values that are no numbers")
    return mono


def _check_length(path: Path, frames: int, spectrogram_format: SpectrogramFormat) -> None:
    loops, rest = divmod(frames, spectrogram_format.n_samples)
    if loops == 0 or rest:
        raise SourceError(
            path,
            f"is {frames} samples long; format {spectrogram_format.name} needs {spectrogram_format.n_samples} "
            "or a whole number of times that",
        )
    if loops > _MOST_LOOPS:
        raise SourceError(path, f"holds {loops} loops, more than {_MOST_LOOPS}; slice it first")


def _sources(folder: Path) -> list[_Source]:
    if not folder.is_dir():
        raise SourceError(folder, "no such folder")
    found = sorted(
        path.relative_to(folder)
        for path in folder.rglob("*")
        if path.suffix.lower() in SUFFIXES and not path.name.startswith(".") and path.is_file()
    )
    if not found:
        raise SourceError(folder, f"no sounds in it ({', '.join(sorted(SUFFIXES))})")
    stems = ["_".join(path.with_suffix("").parts) for path in found]
    count = Counter(stem.casefold() for stem in stems)
    names = [s if count[s.casefold()] == 1 else f"{s}_{i + 1}" for i, s in enumerate(stems)]
    return [_Source(path.as_posix(), name) for path, name in zip(found, names, strict=True)]


def _convert_one(
    source: _Source,
    *,
    folder: Path,
    target: Path,
    spectrogram_format: SpectrogramFormat,
    known: Mapping[str, Mapping[str, Any]],
) -> _Result:
    path = folder / source.path
    try:
        sha256 = _digest(path)
        before = known.get(source.path)
        if (
            before
            and before["sha256"] == sha256
            and all((target / PICTURES / name).exists() for name in before["images"])
        ):
            return _Result(source.path, sha256, list(before["images"]), Tally.from_dict(dict(before["tally"])))
        images, tally = images_of(read_samples(path, spectrogram_format), spectrogram_format)
        names = [f"{source.name}.png" if len(images) == 1 else f"{source.name}-{i + 1}.png" for i in range(len(images))]
        for name, image in zip(names, images, strict=True):
            write_png(target / PICTURES / name, from_grey(image), comment=source.path)
    except (SourceError, OutputError) as error:
        return _Result(source.path, error=error)
    return _Result(source.path, sha256, names, tally)


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise SourceError(path, explain(error)) from error


def _known(target: Path, spectrogram_format: SpectrogramFormat) -> dict[str, Mapping[str, Any]]:
    """What an earlier run, finished or not, has already converted: by path."""
    if (target / MANIFEST).exists():
        manifest = read_manifest(target)
        if manifest.format != spectrogram_format or manifest.storage != "png":
            raise OutputError(target, "another dataset is there; choose another folder")
        return {entry["path"]: entry for entry in manifest.sources}
    try:
        lines = (target / _JOURNAL).read_text(encoding="utf-8").splitlines()
        header, *entries = (json.loads(line) for line in lines if line.endswith("}"))
    except (OSError, ValueError):
        return {}
    if header != {"format": spectrogram_format.to_dict()}:
        raise OutputError(target, "another, unfinished dataset is there; choose another folder or delete it")
    return {entry["path"]: entry for entry in entries}


def _note(journal: TextIO, result: _Result) -> None:
    if isinstance(result.error, OutputError):
        raise result.error
    if result.error is None:
        journal.write(json.dumps(result.to_dict(), ensure_ascii=False) + "\n")
        journal.flush()


def _journal(target: Path, spectrogram_format: SpectrogramFormat, known: Iterable[Mapping[str, Any]]) -> TextIO:
    target.mkdir(parents=True, exist_ok=True)
    file = (target / _JOURNAL).open("w", encoding="utf-8")
    for entry in ({"format": spectrogram_format.to_dict()}, *known):
        file.write(json.dumps(entry, ensure_ascii=False) + "\n")
    return file


def _finished(
    source: Path, spectrogram_format: SpectrogramFormat, target: Path, results: Sequence[_Result]
) -> Converted:
    made = [result for result in results if result.error is None]
    skipped = {result.path: result.error for result in results if isinstance(result.error, SourceError)}
    if not made:
        first = next(iter(skipped.values()))
        raise SourceError(source, f"none of {len(results)} sounds can be converted; the first: {first}")
    tally = Tally()
    for result in made:
        tally.add(result.tally)
    left_out = [{"path": path, "reason": error.reason} for path, error in skipped.items()]
    origin = {"folder": source.resolve().name, "files": len(made), "left_out": left_out}
    entries = tuple(result.to_dict() for result in made)
    manifest = Manifest(spectrogram_format, "png", tally.images, origin, tally.summary(), entries)
    manifest.save(target)
    (target / _JOURNAL).unlink(missing_ok=True)
    return Converted(manifest, tuple(skipped.values()))
