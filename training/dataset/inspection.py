"""Inspect slices before conversion: mark those that are silent, clipped, or nearly equal to an earlier one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np

from technogan.arrays import FloatArray
from technogan.errors import SourceError
from technogan.files.sound_reader import read_sound_file
from technogan.formats import SpectrogramFormat
from technogan.progress import Progress, ignore_progress
from training.dataset.conversion import images_of
from training.dataset.near_duplicates import find_near_duplicates, make_sketch
from training.dataset.sounds import LONGEST, SourceSound, find_sounds, read_loops
from training.parallel import map_in_order

Mark = Literal["silent", "clipped", "repeated"]

# A wave is clipped where it stays at full scale for _FLAT samples; a larger share of such places is audible.
_FULL_SCALE = 0.9995
_FLAT = 3
_MUCH_FLAT = 0.001
_COLUMNS = 48
_LOWEST_DB = -120.0


@dataclass(frozen=True, slots=True)
class InspectedSlice:
    """The properties of a slice.

    Attributes:
        path: its file, relative to the folder, with slashes.
        peak, level: peak and RMS level, dB.
        marks: its defects.
        outline: the peak of each of 48 equal parts, 0..1.
        twin: the earlier slice that it nearly equals; "" for none.
    """

    path: str
    peak: float
    level: float
    marks: tuple[Mark, ...]
    outline: tuple[float, ...]
    twin: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "path": self.path,
            "peak_db": round(self.peak, 1),
            "level_db": round(self.level, 1),
            "marks": list(self.marks),
            "twin": self.twin,
            "outline": [round(value, 2) for value in self.outline],
        }


@dataclass(frozen=True, slots=True)
class Inspection:
    """The slices that were read, by name, and the errors of the others."""

    slices: tuple[InspectedSlice, ...]
    skipped: tuple[SourceError, ...]


def inspect_slices(
    folder: Path,
    spectrogram_format: SpectrogramFormat,
    *,
    beats: int | None = None,
    jobs: int | None = None,
    progress: Progress = ignore_progress,
) -> Inspection:
    """Inspect all slices in a folder and its subfolders as images of a format.

    See `training.dataset.folder.convert_folder` for the arguments. Raises SourceError if there are no slices.
    """
    sounds = find_sounds(folder, beats)
    work = partial(_inspect_one, folder=folder, spectrogram_format=spectrogram_format)
    slices: list[InspectedSlice] = []
    sketches: list[FloatArray] = []
    skipped: list[SourceError] = []
    for result in map_in_order(work, sounds, jobs=jobs):
        if isinstance(result, SourceError):
            skipped.append(result)
        else:
            slices.append(result[0])
            sketches.append(result[1])
        progress(len(slices) + len(skipped), len(sounds))
    return Inspection(tuple(_mark_near_duplicates(slices, sketches)), tuple(skipped))


def _inspect_one(
    sound: SourceSound, *, folder: Path, spectrogram_format: SpectrogramFormat
) -> tuple[InspectedSlice, FloatArray] | SourceError:
    try:
        samples = read_loops(folder / sound.path, spectrogram_format, sound.beats)
        flat = _flat_share(folder / sound.path)
    except SourceError as error:
        return error
    images, tally = images_of(samples, spectrogram_format)
    marks: list[Mark] = []
    if tally.silent == tally.images:
        marks.append("silent")
    if tally.distorted or flat > _MUCH_FLAT:
        marks.append("clipped")
    outline = np.abs(samples[: len(samples) // _COLUMNS * _COLUMNS]).reshape(_COLUMNS, -1).max(axis=1)
    peak = 20 * float(np.log10(max(float(outline.max()), 1e-6)))
    level = max(tally.level / tally.images, _LOWEST_DB)
    inspected = InspectedSlice(sound.path, peak, level, tuple(marks), tuple(np.minimum(outline, 1).tolist()))
    return inspected, make_sketch(np.concatenate(list(images), axis=1))


def _flat_share(path: Path) -> float:
    """Return the share of samples that stay at full scale, in the worst channel."""
    loud = np.abs(read_sound_file(path, limit=LONGEST)[0]) >= _FULL_SCALE
    flat = np.lib.stride_tricks.sliding_window_view(loud, _FLAT, axis=0).all(axis=-1) if len(loud) >= _FLAT else loud
    return float(flat.mean(axis=0).max(initial=0.0))


def _mark_near_duplicates(slices: Sequence[InspectedSlice], sketches: Sequence[FloatArray]) -> Iterator[InspectedSlice]:
    """Mark near duplicates. Silent slices are all alike, so they are not compared."""
    audible = [i for i, each in enumerate(slices) if "silent" not in each.marks]
    pairs = find_near_duplicates(np.stack([sketches[i] for i in audible])) if audible else []
    earlier = {audible[later]: audible[first] for later, first in pairs}
    for i, each in enumerate(slices):
        twin = slices[earlier[i]].path if i in earlier else ""
        yield replace(each, twin=twin, marks=(*each.marks, "repeated")) if twin else each
