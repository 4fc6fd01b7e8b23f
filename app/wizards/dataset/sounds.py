"""Sound files as the dataset wizard sees them: what they say of themselves, and their wave, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from app.wizards.dataset.project import Track, safe_name
from technogan.arrays import FloatArray
from technogan.atomic import explain
from technogan.errors import Cancelled, SourceError
from technogan.progress import Progress, Stop

SUFFIXES = frozenset({".wav", ".flac", ".aif", ".aiff", ".ogg", ".mp3"})
PLAYLISTS = frozenset({".m3u", ".m3u8"})

# What the commands take, s.
SHORTEST_S, LONGEST_S = 20.0, 1800.0

# Frames of one column of an overview, and of a block that is read at once.
COLUMN = 512
_BLOCK = COLUMN << 10
_MOST_FILES = 5000

Peaks = npt.NDArray[np.int8]


@dataclass(frozen=True, slots=True, eq=False)
class Overview:
    """The wave of a file, as the lowest and highest of every 512 frames. peaks: int8 (n, 2), 127 at full scale."""

    path: Path
    sample_rate: int
    seconds: float
    peaks: Peaks

    def outline(self, start: float, span: float, n_columns: int) -> FloatArray:
        """Lowest and highest of each of n_columns equal parts of `span` seconds: float32 (n_columns, 2), -1..1.

        0 before the beginning and behind the end.
        """
        places = (start + span * np.arange(n_columns + 1) / n_columns) * self.sample_rate / COLUMN
        edges = np.clip(places, 0, len(self.peaks)).astype(np.intp)
        shown = np.zeros((n_columns, 2), np.float32)
        inside = np.flatnonzero((places[1:] > 0) & (places[:-1] < len(self.peaks)))
        if len(inside):
            first = np.minimum(edges[inside], len(self.peaks) - 1)
            last = edges[inside[-1] + 1]
            peaks = self.peaks[: max(last, first[-1] + 1)]
            shown[inside, 0] = np.minimum.reduceat(peaks[:, 0], first)
            shown[inside, 1] = np.maximum.reduceat(peaks[:, 1], first)
        return shown / np.float32(127)


def tracks_in(paths: Iterable[Path], progress: Progress, stop: Stop) -> list[Track]:
    """All tracks that files, folders and playlists hold, those of no use with the reason. Raises Cancelled."""
    files = list(dict.fromkeys(_files(paths)))[:_MOST_FILES]
    found = []
    for i, path in enumerate(files):
        if stop():
            raise Cancelled
        found.append(probed(path))
        progress((i + 1) / len(files))
    return found


def probed(path: Path) -> Track:
    """A file as a track; what is wrong with it stands in `problem`."""
    import soundfile

    track = Track(str(path.absolute()), safe_name(path.stem))
    try:
        with soundfile.SoundFile(str(path)) as file:
            seconds = file.frames / file.samplerate
            found = Track(track.path, track.name, seconds, file.samplerate, file.channels, _unfit(seconds))
            if not found.problem:
                file.read(file.samplerate, dtype="float32")
            return found
    except soundfile.SoundFileError:
        return Track(track.path, track.name, problem=_unreadable(path))
    except OSError as error:
        return Track(track.path, track.name, problem=explain(error))


def _unfit(seconds: float) -> str:
    if seconds <= 0:
        return "empty: there is no sound in it"
    if seconds < SHORTEST_S:
        return f"{seconds:.1f} s long: a tempo needs {SHORTEST_S:g} s"
    if seconds > LONGEST_S:
        return f"{seconds / 60:.0f} minutes long: cut it into its tracks first, up to {LONGEST_S / 60:g} minutes each"
    return ""


def _unreadable(path: Path) -> str:
    if not path.exists():
        return "not there any more"
    return "no sound that can be read; export it as WAV or FLAC"


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            inside = sorted(path.rglob("*"))
            yield from (
                p for p in inside if p.suffix.lower() in SUFFIXES and not p.name.startswith(".") and p.is_file()
            )
        elif path.suffix.lower() in PLAYLISTS:
            yield from _listed(path)
        else:
            yield path


def _listed(path: Path) -> Iterator[Path]:
    try:
        lines = path.read_text(encoding="utf-8-sig", errors="replace").splitlines()
    except OSError as error:
        raise SourceError(path, explain(error)) from error
    for line in lines:
        if line.strip() and not line.startswith("#"):
            yield path.parent / line.strip()


def read_overview(path: Path, progress: Progress, stop: Stop) -> Overview:
    """A file's wave, block by block. Raises SourceError, Cancelled."""
    import soundfile

    parts: list[Peaks] = []
    try:
        with soundfile.SoundFile(str(path)) as file:
            rate, total, seen = file.samplerate, max(file.frames, 1), 0
            while len(block := file.read(_BLOCK, dtype="float32", always_2d=True)):
                if stop():
                    raise Cancelled
                parts.append(_peaks(block))
                seen += len(block)
                progress(min(seen / total, 1.0))
    except soundfile.SoundFileError as error:
        raise SourceError(path, "no sound that can be read") from error
    except OSError as error:
        raise SourceError(path, explain(error)) from error
    if not parts:
        raise SourceError(path, "is empty")
    return Overview(path, rate, seen / rate, np.concatenate(parts))


def _peaks(block: FloatArray) -> Peaks:
    # A product takes a tenth of the time of a mean over so short an axis.
    mono = block @ np.full(block.shape[1], 1 / block.shape[1], np.float32)
    cells = np.pad(mono, (0, -len(mono) % COLUMN), mode="edge").reshape(-1, COLUMN)
    both = np.nan_to_num(np.stack([cells.min(axis=1), cells.max(axis=1)], axis=1))
    return np.asarray(np.rint(np.clip(both, -1, 1) * 127), np.int8)


def read_span(path: Path, start: float, span: float) -> tuple[FloatArray, int]:
    """A stretch of a file, all channels mixed: float32 (n,), and its rate; silence before and behind the file.

    Raises SourceError.
    """
    import soundfile

    try:
        with soundfile.SoundFile(str(path)) as file:
            first, n = round(start * file.samplerate), round(span * file.samplerate)
            file.seek(min(max(first, 0), file.frames))
            late = min(max(-first, 0), n)
            samples = file.read(n - late, dtype="float32", always_2d=True).mean(axis=1)
            whole = np.zeros(n, np.float32)
            whole[late : late + len(samples)] = np.nan_to_num(samples)
            return whole, int(file.samplerate)
    except soundfile.SoundFileError as error:
        raise SourceError(path, "no sound that can be read") from error
    except OSError as error:
        raise SourceError(path, explain(error)) from error
