"""Read beat grids that `technogan dataset tempo --json` measured or the user corrected."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from technogan.atomic import explain
from technogan.errors import SettingError, SourceError, SpecError
from technogan.file_names import is_safe_name
from technogan.records import parse_json_value, read_file, read_record, require
from technogan.sound.loop import MAX_BPM, MIN_BPM, check_bpm
from training.tracks.slicing import LONGEST_NAME

# Search a track's tempo within this share of the given tempo.
_AROUND = 0.05


@dataclass(frozen=True, slots=True)
class KnownGrid:
    """A track's tempo and its first downbeat, s. name: stem of the output files; "" for the track's own."""

    bpm: float
    first_downbeat: float
    name: str = ""

    def __post_init__(self) -> None:
        check_bpm(self.bpm)
        if not 0 <= self.first_downbeat < float("inf"):
            raise SettingError("first_downbeat_s", self.first_downbeat, "0 or more seconds")
        if self.name and not (is_safe_name(self.name) and len(self.name.encode()) <= LONGEST_NAME):
            raise SettingError("name", self.name, f"a file name of at most {LONGEST_NAME} bytes, without a folder")

    @property
    def range(self) -> tuple[float, float]:
        """The range in which to search the track's tempo, BPM."""
        return max((1 - _AROUND) * self.bpm, MIN_BPM), min((1 + _AROUND) * self.bpm, MAX_BPM)


@dataclass(frozen=True, slots=True)
class _Entry:
    path: Path
    bpm: float
    first_downbeat_s: float
    name: str = ""


def read_grids(path: Path) -> Mapping[Path, KnownGrid]:
    """Read grids by the resolved path of their track.

    Each object has `path`, `bpm`, `first_downbeat_s` and optionally `name`. Raises SourceError for anything else.
    """
    try:
        entries = parse_json_value(read_file(path))
        require(isinstance(entries, list), "it is not a list")
        return dict(_read_entry(entry) for entry in entries)
    except OSError as error:
        raise SourceError(path, explain(error)) from error
    except (SettingError, SpecError, ValueError) as error:  # ValueError: a path that no system can have
        wanted = "a list of objects with path, bpm and first_downbeat_s, as `dataset tempo --json` prints it"
        raise SourceError(path, f"contains no grids ({error}); it must be {wanted}") from error


def _read_entry(entry: Any) -> tuple[Path, KnownGrid]:
    require(isinstance(entry, dict), f"{entry!r:.60} is not an object")
    read = read_record(_Entry, entry, ignore_unknown=True)
    return read.path.resolve(), KnownGrid(read.bpm, read.first_downbeat_s, read.name)
