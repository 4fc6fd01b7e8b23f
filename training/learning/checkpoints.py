"""What a run keeps: checkpoints to go on from, and the generators that it averaged on its way, to choose from."""

from __future__ import annotations

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
from technogan.atomic import explain, written_whole
from technogan.errors import SettingError, SourceError
from training.learning.run import Run

CHECKPOINTS, AVERAGES, ENCODER = "checkpoints", "averages", "encoder"
# In an encoder's checkpoint: how many images the generator had seen that it belongs to.
GENERATOR = "generator-images"

_FACTS = "facts"
_KEPT = 2
_HALVED = 1024


@dataclass(frozen=True, slots=True)
class Position:
    """How far a run has come: steps made, images seen, seconds spent training."""

    steps: int = 0
    images: int = 0
    seconds: float = 0.0


def save_checkpoint(folder: Path, progress: Position, arrays: Mapping[str, npt.NDArray[Any]]) -> Path:
    """Write all there is to go on from, and delete all but the newest two. Raises OutputError; all stay then."""
    path = _path(folder / CHECKPOINTS, progress.images)
    _save(path, progress, arrays)
    for old in numbered(folder / CHECKPOINTS)[:-_KEPT]:
        with contextlib.suppress(OSError):
            old.unlink()
    return path


def load_checkpoint(path: Path) -> tuple[Position, dict[str, npt.NDArray[Any]]]:
    """Raises SourceError for a damaged file."""
    try:
        # NumPy leaves a file open that it cannot read.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as found:
            arrays = {name: found[name] for name in found.files}
        return Position(**json.loads(str(arrays.pop(_FACTS)))), arrays
    except OSError as error:
        raise SourceError(path, explain(error)) from error
    except (ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise SourceError(path, f"is no checkpoint, or damaged ({error})") from error


def save_average(folder: Path, progress: Position, weights: Mapping[str, FloatArray]) -> Path:
    """Keep a generator, what is large of it in 16 bits. Raises OutputError."""
    path = _path(folder / AVERAGES, progress.images)
    stored = {name: w.astype(np.float16) if w.size > _HALVED else w for name, w in weights.items()}
    _save(path, progress, stored)
    return path


def load_average(path: Path) -> tuple[Position, dict[str, FloatArray]]:
    """What `save_average` kept. Raises SourceError for a damaged file."""
    progress, arrays = load_checkpoint(path)
    return progress, {name: array.astype(np.float32) for name, array in arrays.items()}


def numbered(folder: Path) -> list[Path]:
    """The checkpoints in a folder, oldest first."""
    return sorted((path for path in folder.glob("*.npz") if path.stem.isdigit()), key=lambda path: int(path.stem))


def encoder_weights(arrays: Mapping[str, npt.NDArray[Any]]) -> dict[str, FloatArray]:
    """The encoder's weights out of its checkpoint's arrays."""
    start = f"{ENCODER}/"
    return {name.removeprefix(start): values for name, values in arrays.items() if name.startswith(start)}


def _path(folder: Path, images: int) -> Path:
    return folder / f"{images:09d}.npz"


def _save(path: Path, progress: Position, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
    with written_whole(path) as file:
        np.savez(file, allow_pickle=False, **{_FACTS: np.array(json.dumps(asdict(progress)))}, **arrays)


def kept_average(run: Run, *, images: int | None = None, best: bool = False) -> Path:
    """The average of so many images; best: the one with the least mel distance that the run has told; otherwise the
    newest. Raises SourceError for a run without averages or figures, SettingError for one that is not there.
    """
    paths = {int(path.stem): path for path in numbered(run.folder / AVERAGES)}
    if not paths:
        raise SourceError(run.folder, "has no checkpoint yet")
    if best:
        told = {int(event["images"]): event["mel"] for event in run.events() if event["event"] == "figures"}
        told = {number: mel for number, mel in told.items() if number in paths}
        if not told:
            raise SourceError(run.folder, "has told no figures yet, by which one could be the best")
        images = min(told, key=lambda number: told[number])
    wanted = max(paths) if images is None else images
    if wanted not in paths:
        raise SettingError("images", wanted, f"one of {', '.join(map(str, paths))}")
    return paths[wanted]
