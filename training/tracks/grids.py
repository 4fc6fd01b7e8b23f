"""Grids that are known already: what `technogan dataset tempo --json` said of tracks, perhaps corrected by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from technogan.atomic import explain
from technogan.errors import SettingError, SourceError
from technogan.sound.loop import MAX_BPM, MIN_BPM, check_bpm
from training.tracks.slicing import short_name

# How far a track's tempo may lie from the one that was given.
_AROUND = 0.05


@dataclass(frozen=True, slots=True)
class KnownGrid:
    """A track's tempo and its first downbeat, s. name: of what is made of it; "" for the track's own."""

    bpm: float
    first_downbeat: float
    name: str = ""

    def __post_init__(self) -> None:
        check_bpm(self.bpm)
        if not 0 <= self.first_downbeat < float("inf"):
            raise SettingError("first_downbeat_s", self.first_downbeat, "0 or more seconds")
        if self.name and short_name(Path(f"{self.name}.wav")) != self.name:
            raise SettingError("name", self.name, "the name of a file, without a folder")

    @property
    def range(self) -> tuple[float, float]:
        """The tempos, BPM, between which the track's own is looked for."""
        return max((1 - _AROUND) * self.bpm, MIN_BPM), min((1 + _AROUND) * self.bpm, MAX_BPM)


def read_grids(path: Path) -> Mapping[Path, KnownGrid]:
    """Grids by the resolved path of their track. The file holds a JSON list of objects with `path`, `bpm` and
    `first_downbeat_s`, and perhaps `name`; what else they hold is of no account.

    Raises SourceError where it makes no sense.
    """
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
        return dict(_read(entry) for entry in entries)
    except OSError as error:
        raise SourceError(path, explain(error)) from error
    except (ValueError, TypeError, KeyError, SettingError) as error:
        wanted = "a list of objects with path, bpm and first_downbeat_s, as `dataset tempo --json` prints it"
        raise SourceError(path, f"holds no grids ({error}); it must be {wanted}") from error


def _read(entry: Mapping[str, Any]) -> tuple[Path, KnownGrid]:
    bpm, first_downbeat = float(entry["bpm"]), float(entry["first_downbeat_s"])
    return Path(entry["path"]).resolve(), KnownGrid(bpm, first_downbeat, str(entry.get("name", "")))
