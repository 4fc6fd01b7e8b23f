"""Conform a track to an exact tempo.

Resampling at a varying rate first puts its beats on a constant grid; this undoes the drift of tape, vinyl or analogue
oscillators in time and pitch alike. One pass of a pitch-preserving time stretch then sets the tempo.
"""

import math
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast, get_args

import numpy as np

from technogan.arrays import FloatArray
from technogan.atomic import explain, open_atomically
from technogan.errors import OutputError, SettingError, SourceError
from technogan.file_names import free_path
from technogan.sound.loop import check_bpm
from technogan.sound.wav import read_comment
from training.sound_files import hash_file, hash_path, read_track, write_sound
from training.tempo import Tempo, estimate_tempo
from training.tempo.analysis import EXACT_MS, HIGHEST, LOWEST
from training.tempo.beat_map import BeatMap, Times
from training.tracks.warping import warp

Method = Literal["stretch", "resample"]

# Smaller tempo changes resample, which shifts the pitch by at most two cents and keeps the attacks intact.
_MAX_RESAMPLED_CHANGE = 0.001
# Beats over which a beat map is smoothed: a measured beat is only accurate to half a millisecond.
_SMOOTH = 5


@dataclass(frozen=True, slots=True)
class ConformedTrack:
    """A track at its new tempo. copied: it was exact already. first_downbeat: the new time of the first downbeat, s."""

    path: Path
    before: Tempo
    after: Tempo
    copied: bool
    first_downbeat: float

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "path": str(self.path),
            "copied": self.copied,
            "first_downbeat_s": round(self.first_downbeat, 5),
            "before": self.before.to_dict(),
            "after": self.after.to_dict(),
        }


def find_method(name: str) -> Method:
    """Return the method of this name. Raises SettingError for an unknown name."""
    for method in get_args(Method):
        if method == name:
            return cast(Method, method)
    raise SettingError("method", name, f"one of {', '.join(get_args(Method))}")


def conform_track(
    path: Path,
    bpm: float,
    folder: Path,
    *,
    name: str | None = None,
    method: Method = "stretch",
    lowest: float = LOWEST,
    highest: float = HIGHEST,
    first_downbeat: float | None = None,
) -> ConformedTrack:
    """Write a track at exactly `bpm` as 24-bit WAV with the same sample rate and channels.

    A track that already has this exact tempo is copied. An earlier file of the same track is replaced; if another file
    of that name is there, a number is appended.

    Args:
        path: the track.
        bpm: the new tempo.
        folder: the folder to write to.
        name: stem of the new file; None to use the track's stem.
        method: "stretch" keeps the pitch; "resample" changes it with the tempo.
        lowest: lower limit of the track's own tempo, BPM.
        highest: upper limit, BPM.
        first_downbeat: time of the first downbeat in the track, s; measured if None.

    Raises:
        SourceError: the track cannot be read, or has no steady beat.
        OutputError: the file cannot be written, or is the track itself.
        SettingError: a tempo is out of range.
    """
    check_bpm(bpm)
    name = name or path.stem
    track = read_track(path)
    before = estimate_tempo(track.mono, track.sample_rate, path=path, lowest=lowest, highest=highest)
    if before.verdict == "unusable":
        raise SourceError(path, f"has no steady beat to conform (confidence {before.confidence:.2f})")
    if before.verdict == "unclear":
        reason = f"may be at {before.rival_bpm:.1f} BPM instead of {before.grid.bpm:.1f}"
        raise SourceError(path, f"{reason}; search another range (--min-bpm, --max-bpm), or state its tempo (--grids)")
    downbeat = max(before.grid.start, 0.0) if first_downbeat is None else first_downbeat
    if is_exact(before, bpm):
        return ConformedTrack(_copy(path, folder / f"{name}{path.suffix}"), before, before, True, downbeat)
    samples = conform_samples(track.samples, track.sample_rate, before, bpm, method=method)
    target = folder / f"{name}.wav"
    _refuse_same_file(path, target)
    comment = f"TechnoGAN conformed {hash_path(path)}"
    target = free_path(target, lambda found: read_comment(found) == comment)
    write_sound(target, samples, track.sample_rate, comment=comment)
    mono = samples.mean(axis=1, dtype=np.float32)
    after = estimate_tempo(mono, track.sample_rate, path=target, lowest=0.9 * bpm, highest=1.1 * bpm)
    return ConformedTrack(target, before, after, False, _map_downbeat(downbeat, before, bpm))


def _map_downbeat(downbeat: float, tempo: Tempo, bpm: float) -> float:
    """Return the time of a downbeat, s, in the conformed track: whole bars later if it is before the start."""
    beat_map = _smooth_beats(tempo)
    first, beat = beat_map.beats_at(np.array([0.0, downbeat]))
    place = float(beat - first)
    return (place + 4 * max(math.ceil(-place / 4 - 1e-6), 0)) * 60 / bpm


def is_exact(tempo: Tempo, bpm: float) -> bool:
    """Return whether the beats stay on a grid of `bpm` from the start of the track to its end."""
    drift_ms = abs(tempo.grid.bpm / bpm - 1) * tempo.duration * 1000
    return tempo.verdict == "exact" and drift_ms <= EXACT_MS


def conform_samples(
    samples: FloatArray, sample_rate: int, tempo: Tempo, bpm: float, *, method: Method = "stretch"
) -> FloatArray:
    """Conform samples, float32 (n, n_channels), to `bpm`; the result is exactly as long as its beats at that tempo."""
    beat_map = _smooth_beats(tempo)
    first, last = beat_map.beats_at(np.array([0.0, len(samples) / sample_rate]))
    length = round((last - first) * 60 / bpm * sample_rate)
    stretching = method == "stretch" and abs(tempo.grid.bpm / bpm - 1) > _MAX_RESAMPLED_CHANGE
    steady_bpm = tempo.grid.bpm if stretching else bpm

    def source(places: Times) -> Times:
        return beat_map.times_at(first + places * (steady_bpm / 60 / sample_rate)) * sample_rate

    steady = warp(samples, source, round((last - first) * 60 / steady_bpm * sample_rate))
    return _stretch(steady, sample_rate, length) if stretching else steady


def _smooth_beats(tempo: Tempo) -> BeatMap:
    """Return the smoothed beat map, or the grid itself if the track is exact."""
    beat_map = tempo.beat_map
    if tempo.verdict == "exact":
        return BeatMap(beat_map.beats, tempo.grid.times_at(beat_map.beats))
    window = np.hanning(_SMOOTH + 2)[1:-1]
    off = np.pad(tempo.deviations, _SMOOTH // 2, mode="edge")
    smooth = np.convolve(off, window / window.sum(), "valid") / 1000
    return BeatMap(beat_map.beats, tempo.grid.times_at(beat_map.beats) + smooth)


def _stretch(samples: FloatArray, sample_rate: int, length: int) -> FloatArray:
    """Change the length and keep the pitch: float32 (n, n_channels) -> (length, n_channels)."""
    from python_stretch import Signalsmith

    stretch = Signalsmith.Stretch()
    stretch.preset(samples.shape[1], float(sample_rate))
    stretch.setTimeFactor(len(samples) / length)
    out = np.asarray(stretch.process(np.ascontiguousarray(samples.T)), np.float32).T[:length]
    return np.ascontiguousarray(np.pad(out, ((0, length - len(out)), (0, 0))), np.float32)


def _copy(path: Path, target: Path) -> Path:
    _refuse_same_file(path, target)
    target = free_path(target, lambda found: hash_file(found) == hash_file(path))
    with open_atomically(target) as file:
        try:
            with path.open("rb") as source:
                shutil.copyfileobj(source, file)
        except OSError as error:
            raise OutputError(target, explain(error)) from error
    return target


def _refuse_same_file(path: Path, target: Path) -> None:
    if target.exists() and target.samefile(path):
        raise OutputError(target, "this would overwrite the track itself; choose another folder")
