"""Sound files for the dataset wizard: whether they can be used, and their waveform, in bounded memory."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from app.wizards.dataset.project import Track, make_track_name
from technogan.arrays import FloatArray
from technogan.errors import Cancelled, SourceError
from technogan.files.sound_paths import list_sounds
from technogan.files.sound_reader import open_sound
from technogan.progress import Progress, Stop

# Lengths in seconds that the commands accept.
SHORTEST_S, LONGEST_S = 20.0, 1800.0

# Frames of a column of an overview, and of a block.
COLUMN = 512
_BLOCK = COLUMN << 10
_MAX_FILES = 5000

Peaks = npt.NDArray[np.int8]


@dataclass(frozen=True, slots=True, eq=False)
class Overview:
    """The waveform of a file; `peaks` has the minimum and maximum of every 512 frames: int8 (n, 2), full scale 127."""

    path: Path
    sample_rate: int
    seconds: float
    peaks: Peaks

    def outline(self, start: float, span: float, n_columns: int) -> FloatArray:
        """Return the minimum and maximum of n_columns equal parts of `span` seconds: float32 (n_columns, 2), -1..1.

        They are 0 before the start and after the end of the file.
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


def find_tracks(paths: Iterable[Path], progress: Progress, stop: Stop) -> list[Track]:
    """Return the tracks in files, folders and playlists; those that cannot be used state the reason.

    Raises SourceError for a playlist that cannot be read, and Cancelled.
    """
    files = list(dict.fromkeys(file for path in paths for file in list_sounds(path)))[:_MAX_FILES]
    found = []
    for i, path in enumerate(files):
        if stop():
            raise Cancelled
        found.append(probe(path))
        progress((i + 1) / len(files))
    return found


def probe(path: Path) -> Track:
    """Return a file as a track; `problem` states why it cannot be used."""
    track = Track(str(path.absolute()), make_track_name(path))
    try:
        with open_sound(path, allow_truncated=True) as sound:
            problem = _check_length(sound.seconds)
            if not problem:
                sound.read(count=sound.sample_rate, allow_nan=True)
            return Track(track.path, track.name, sound.seconds, sound.sample_rate, sound.n_channels, problem)
    except SourceError as error:
        return Track(track.path, track.name, problem=error.reason if path.exists() else "the file no longer exists")


def _check_length(seconds: float) -> str:
    if seconds <= 0:
        return "empty: it contains no sound"
    if seconds < SHORTEST_S:
        return f"{seconds:.1f} s long: measuring a tempo takes {SHORTEST_S:g} s"
    if seconds > LONGEST_S:
        return f"{seconds / 60:.0f} minutes long: cut it into tracks of up to {LONGEST_S / 60:g} minutes first"
    return ""


def read_overview(path: Path, progress: Progress, stop: Stop) -> Overview:
    """Read the waveform of a file, block by block. Raises SourceError, Cancelled."""
    parts: list[Peaks] = []
    n_frames = 0
    with open_sound(path, allow_truncated=True) as sound:
        for block in sound.blocks(size=_BLOCK):
            if stop():
                raise Cancelled
            parts.append(_find_peaks(block))
            n_frames += len(block)
            progress(min(n_frames / max(sound.n_frames, 1), 1.0))
    if not parts:
        raise SourceError(path, "is empty")
    return Overview(path, sound.sample_rate, n_frames / sound.sample_rate, np.concatenate(parts))


def _find_peaks(block: FloatArray) -> Peaks:
    # A matrix product takes a tenth of the time of a mean over such a short axis.
    mono = block @ np.full(block.shape[1], 1 / block.shape[1], np.float32)
    cells = np.pad(mono, (0, -len(mono) % COLUMN), mode="edge").reshape(-1, COLUMN)
    both = np.nan_to_num(np.stack([cells.min(axis=1), cells.max(axis=1)], axis=1))
    return np.asarray(np.rint(np.clip(both, -1, 1) * 127), np.int8)


def read_span(path: Path, start: float, span: float) -> tuple[FloatArray, int]:
    """Read part of a file as mono, padded with silence before and after the file.

    Returns float32 (n,) and the sample rate. Raises SourceError.
    """
    with open_sound(path, allow_truncated=True) as sound:
        first, n = round(start * sound.sample_rate), round(span * sound.sample_rate)
        late = min(max(-first, 0), n)
        whole = np.zeros(n, np.float32)
        if n > late:
            samples = sound.read(max(first, 0), n - late, mono=True, allow_nan=True)
            whole[late : late + len(samples)] = np.nan_to_num(samples)
        return whole, sound.sample_rate
