"""Looking at slices before they are converted: which are silent, clipped, or nearly equal to an earlier one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np

from technogan.arrays import FloatArray
from technogan.errors import SourceError
from technogan.formats import SpectrogramFormat
from technogan.progress import Progress, ignore_progress
from training.dataset.conversion import images_of
from training.dataset.sounds import Sound, read_loops, sounds_in
from training.dataset.twins import sketch, twins
from training.parallel import in_order

Mark = Literal["silent", "clipped", "repeated"]

# A wave that stays at full scale for so many samples was cut off; a share of those that is heard.
_FULL_SCALE = 0.9995
_FLAT = 3
_MUCH_FLAT = 0.001
_COLUMNS = 48
_LOWEST_DB = -120.0


@dataclass(frozen=True, slots=True)
class Slice:
    """What is known of a slice. path: below the folder, with slashes. peak, level: dB, level as RMS. twin: the earlier
    slice that it nearly equals, if any. outline: the highest peak of each of 48 equal parts, 0..1.
    """

    path: str
    peak: float
    level: float
    marks: tuple[Mark, ...]
    outline: tuple[float, ...]
    twin: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "path": self.path,
            "peak_db": round(self.peak, 1),
            "level_db": round(self.level, 1),
            "marks": list(self.marks),
            "twin": self.twin,
            "outline": [round(value, 2) for value in self.outline],
        }


@dataclass(frozen=True, slots=True)
class Inspected:
    """All slices that could be read, by name, and what could not."""

    slices: tuple[Slice, ...]
    skipped: tuple[SourceError, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Look:
    found: Slice | None = None
    sketch: FloatArray | None = None
    error: SourceError | None = None


def inspect(
    folder: Path,
    spectrogram_format: SpectrogramFormat,
    *,
    beats: int | None = None,
    jobs: int | None = None,
    progress: Progress = ignore_progress,
) -> Inspected:
    """Look at all slices in a folder and below, as images of a format: what would be converted is what is judged.

    beats, jobs: see `training.dataset.folder.convert`. Raises SourceError where there are none.
    """
    sounds = sounds_in(folder, beats)
    looks: list[_Look] = []
    for look in in_order(partial(_look_at, folder=folder, spectrogram_format=spectrogram_format), sounds, jobs=jobs):
        looks.append(look)
        progress(len(looks), len(sounds))
    return Inspected(tuple(_with_twins(looks)), tuple(look.error for look in looks if look.error is not None))


def _look_at(sound: Sound, *, folder: Path, spectrogram_format: SpectrogramFormat) -> _Look:
    try:
        samples = read_loops(folder / sound.path, spectrogram_format, sound.beats)
        flat = _flat_share(folder / sound.path)
    except SourceError as error:
        return _Look(error=error)
    images, tally = images_of(samples, spectrogram_format)
    marks: list[Mark] = []
    if tally.silent == tally.images:
        marks.append("silent")
    if tally.distorted or flat > _MUCH_FLAT:
        marks.append("clipped")
    outline = np.abs(samples[: len(samples) // _COLUMNS * _COLUMNS]).reshape(_COLUMNS, -1).max(axis=1)
    peak = 20 * float(np.log10(max(float(outline.max()), 1e-6)))
    level = max(tally.level / tally.images, _LOWEST_DB)
    found = Slice(sound.path, peak, level, tuple(marks), tuple(np.minimum(outline, 1).tolist()))
    return _Look(found, sketch(np.concatenate(list(images), axis=1)))


def _flat_share(path: Path) -> float:
    """The share of samples, in the worst channel, that stand still at full scale."""
    import soundfile

    loud = np.abs(soundfile.read(path, dtype="float32", always_2d=True)[0]) >= _FULL_SCALE
    flat = np.lib.stride_tricks.sliding_window_view(loud, _FLAT, axis=0).all(axis=-1) if len(loud) >= _FLAT else loud
    return float(flat.mean(axis=0).max(initial=0.0))


def _with_twins(looks: Sequence[_Look]) -> Iterator[Slice]:
    """Silent ones are all alike, so they are not compared."""
    found = [look.found for look in looks if look.found is not None]
    heard = [i for i, each in enumerate(found) if "silent" not in each.marks]
    sketches = [look.sketch for look in looks if look.found is not None and look.sketch is not None]
    pairs = twins(np.stack([sketches[i] for i in heard])) if heard else []
    earlier = {heard[later]: heard[first] for later, first in pairs}
    for i, each in enumerate(found):
        twin = found[earlier[i]].path if i in earlier else ""
        yield replace(each, twin=twin, marks=(*each.marks, "repeated")) if twin else each
