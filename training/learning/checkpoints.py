"""Checkpoints, from which a run resumes, and the averaged generators that it keeps for export."""

import contextlib
import json
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from technogan.arrays import FloatArray
from technogan.atomic import explain, open_atomically
from technogan.errors import SettingError, SourceError, SpecError
from technogan.records import parse_json, read_record
from training.learning.run import Run

CHECKPOINTS, AVERAGES, ENCODER = "checkpoints", "averages", "encoder"
# Key in an encoder's checkpoint: the number of images after which its generator was saved.
GENERATOR = "generator-images"

_PROGRESS_KEY = "facts"
_KEPT_CHECKPOINTS = 2
# Larger arrays of an average are stored in 16 bits.
_HALVED_SIZE = 1024


@dataclass(frozen=True, slots=True)
class TrainingProgress:
    """The progress of a run: steps, images seen, seconds spent on training."""

    steps: int = 0
    images: int = 0
    seconds: float = 0.0


def save_checkpoint(folder: Path, progress: TrainingProgress, arrays: Mapping[str, npt.NDArray[Any]]) -> Path:
    """Write a checkpoint and delete all but the newest two. Raises OutputError, and then deletes none."""
    path = _save(folder / CHECKPOINTS, progress, arrays)
    for old in list_checkpoints(folder / CHECKPOINTS)[:-_KEPT_CHECKPOINTS]:
        with contextlib.suppress(OSError):
            old.unlink()
    return path


def load_checkpoint(path: Path) -> tuple[TrainingProgress, dict[str, npt.NDArray[Any]]]:
    """Read a checkpoint. Raises SourceError if the file is damaged."""
    try:
        # NumPy does not close a file that it cannot read.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        return read_record(TrainingProgress, parse_json(str(arrays.pop(_PROGRESS_KEY)))), arrays
    except OSError as error:
        raise SourceError(path, explain(error)) from error
    except (ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, SpecError) as error:
        raise SourceError(path, f"is not a checkpoint, or damaged ({error})") from error


def save_average(folder: Path, progress: TrainingProgress, weights: Mapping[str, FloatArray]) -> Path:
    """Save an averaged generator, with large weights in 16 bits. Raises OutputError."""
    stored = {name: w.astype(np.float16) if w.size > _HALVED_SIZE else w for name, w in weights.items()}
    return _save(folder / AVERAGES, progress, stored)


def load_average(path: Path) -> tuple[TrainingProgress, dict[str, FloatArray]]:
    """Read an averaged generator as float32. Raises SourceError if the file is damaged."""
    progress, arrays = load_checkpoint(path)
    return progress, {name: array.astype(np.float32) for name, array in arrays.items()}


def list_checkpoints(folder: Path) -> list[Path]:
    """Return the checkpoints or averages in a folder, oldest first."""
    return sorted((path for path in folder.glob("*.npz") if path.stem.isdigit()), key=lambda path: int(path.stem))


def encoder_weights(arrays: Mapping[str, npt.NDArray[Any]]) -> dict[str, FloatArray]:
    """Return the encoder's weights from the arrays of its checkpoint."""
    start = f"{ENCODER}/"
    return {name.removeprefix(start): values for name, values in arrays.items() if name.startswith(start)}


def find_average(run: Run, *, images: int | None = None, best: bool = False) -> Path:
    """Find an averaged generator of a run: by default the newest.

    images: the number of images after which it was saved. best: choose the one with the smallest mel distance in the
    run's events. Raises SettingError if there is no average for this number of images, SourceError if the run has no
    averages, or no metrics for `best`.
    """
    paths = {int(path.stem): path for path in list_checkpoints(run.folder / AVERAGES)}
    if not paths:
        raise SourceError(run.folder, "has no checkpoint yet")
    if best:
        distances = {int(event["images"]): event["mel"] for event in run.read_events() if event["event"] == "figures"}
        distances = {number: mel for number, mel in distances.items() if number in paths}
        if not distances:
            raise SourceError(run.folder, "has no metrics yet, so the best checkpoint cannot be chosen")
        images = min(distances, key=lambda number: distances[number])
    wanted = max(paths) if images is None else images
    if wanted not in paths:
        raise SettingError("images", wanted, f"one of {', '.join(map(str, paths))}")
    return paths[wanted]


def _save(folder: Path, progress: TrainingProgress, arrays: Mapping[str, npt.NDArray[Any]]) -> Path:
    path = folder / f"{progress.images:09d}.npz"
    with open_atomically(path) as file:
        np.savez(file, allow_pickle=False, **{_PROGRESS_KEY: np.array(json.dumps(asdict(progress)))}, **arrays)
    return path
