"""Preferences: one frozen value, one JSON file. What cannot be read is left at its default, and told."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from app.drawing.colour_maps import MAPS
from app.session.state import MAX_SLOTS, N_SLOTS
from technogan.atomic import write_whole
from technogan.errors import SettingError
from technogan.osc.server import DEFAULT_PORT, DEFAULT_REPLY_PORT

_MAX_BYTES = 1 << 20
_MAX_RECENT = 10


@dataclass(frozen=True, slots=True)
class Settings:
    """device: title of an output, None for the system's. recent: session files, the newest first. geometry: of the
    window, as Qt writes it, base64.
    """

    theme: str = "Dark"
    colour_map: str = "Ember"
    logarithmic: bool = True
    analyser: bool = True
    device: str | None = None
    master_db: float = 0.0
    mutation: float = 16.0
    osc: bool = True
    osc_port: int = DEFAULT_PORT
    osc_reply_port: int = DEFAULT_REPLY_PORT
    slots: int = N_SLOTS
    recent: tuple[str, ...] = ()
    geometry: str = ""

    def __post_init__(self) -> None:
        _check("theme", self.theme, self.theme in ("Dark", "Light"), "Dark or Light")
        _check("colour map", self.colour_map, self.colour_map in MAPS, f"one of {', '.join(MAPS)}")
        _check("master", self.master_db, -60 <= self.master_db <= 6, "from -60 to 6 dB")
        _check("mutation", self.mutation, 1 <= self.mutation <= 128, "from 1 to 128")
        _check("slots", self.slots, 1 <= self.slots <= MAX_SLOTS, f"from 1 to {MAX_SLOTS}")
        for name in ("osc_port", "osc_reply_port"):
            _check(name, getattr(self, name), 1 <= getattr(self, name) <= 65535, "from 1 to 65535")

    def with_recent(self, path: Path) -> Settings:
        """The same, with this session file at the head of the recent ones."""
        rest = (other for other in self.recent if other != str(path))
        return replace(self, recent=(str(path), *rest)[:_MAX_RECENT])


def read_settings(path: Path) -> tuple[Settings, str]:
    """The settings in a file, and what was wrong with it ("" for nothing). A missing file is nothing wrong."""
    try:
        with path.open("rb") as file:
            content = json.loads(file.read(_MAX_BYTES))
    except FileNotFoundError:
        return Settings(), ""
    except (OSError, ValueError, RecursionError) as error:
        return Settings(), f"the settings in {path} cannot be read ({error}); all are at their defaults"
    if not isinstance(content, dict):
        return Settings(), f"the settings in {path} are no settings; all are at their defaults"
    settings, wrong = Settings(), []
    for field in fields(Settings):
        if field.name in content:
            try:
                settings = replace(settings, **{field.name: _typed(field.name, content[field.name])})
            except SettingError:
                wrong.append(field.name)
    told = f"settings at their defaults, because what {path} says makes no sense: {', '.join(wrong)}"
    return settings, told if wrong else ""


def write_settings(settings: Settings, path: Path) -> None:
    """Write them, whole or not at all. Raises OutputError."""
    write_whole(path, json.dumps(asdict(settings), indent=2).encode())


def _typed(name: str, value: Any) -> Any:
    default = getattr(Settings(), name)
    if name == "recent":
        _check(name, value, isinstance(value, list) and all(isinstance(each, str) for each in value), "a list of paths")
        return tuple(value[:_MAX_RECENT])
    if name == "device":
        _check(name, value, value is None or isinstance(value, str), "a name or null")
        return value
    if isinstance(default, float) and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    right = type(value) is type(default) and not (isinstance(value, float) and not math.isfinite(value))
    _check(name, value, right, f"of the kind of {default!r}")
    return value


def _check(name: str, value: object, right: bool, wanted: str) -> None:
    if not right:
        raise SettingError(name, value, wanted)
