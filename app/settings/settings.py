"""The settings: one frozen value, kept in one JSON file."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from app.drawing.colour_maps import MAPS
from app.session.state import MAX_LEVEL_DB, MAX_SLOTS, MIN_LEVEL_DB, N_SLOTS
from technogan.atomic import write_atomically
from technogan.errors import SettingError, SpecError
from technogan.osc.ports import DEFAULT_PORT, DEFAULT_REPLY_PORT
from technogan.records import Migration, migrate, read_json, read_record_leniently

# Files without a version are of version 1. Older versions get a migration in _MIGRATIONS.
_VERSION = 1
_VERSION_KEY = "version"
_MIGRATIONS: dict[int, Migration] = {}
_MAX_BYTES = 1 << 20
_MAX_RECENT = 10


@dataclass(frozen=True, slots=True)
class Settings:
    """The user's preferences.

    Attributes:
        theme: Dark or Light.
        colour_map: a name in MAPS.
        logarithmic: show a logarithmic frequency axis.
        analyser: show the live spectrum.
        device: title of the output device; None is the system's default.
        master_db: the level of the mix.
        mutation: by how much a mutation moves the sliders at most.
        osc: run the OSC service.
        osc_port: the UDP port that it listens on.
        osc_reply_port: the UDP port of its clients.
        slots: the number of slots.
        recent: session files, the newest first.
        geometry: the window's geometry as Qt writes it, in base64.
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
        self._check("theme", self.theme in ("Dark", "Light"), "Dark or Light")
        self._check("colour_map", self.colour_map in MAPS, f"one of {', '.join(MAPS)}")
        self._check_range("master_db", MIN_LEVEL_DB, MAX_LEVEL_DB)
        self._check_range("mutation", 1, 128)
        self._check_range("slots", 1, MAX_SLOTS)
        self._check_range("osc_port", 1, 65535)
        self._check_range("osc_reply_port", 1, 65535)

    def _check(self, name: str, right: bool, wanted: str) -> None:
        if not right:
            raise SettingError(name, getattr(self, name), wanted)

    def _check_range(self, name: str, lowest: float, highest: float) -> None:
        self._check(name, lowest <= getattr(self, name) <= highest, f"from {lowest:g} to {highest:g}")

    def with_recent(self, path: Path) -> Settings:
        """Return the settings with this session file first in the list of recent ones."""
        rest = (other for other in self.recent if other != str(path))
        return replace(self, recent=(str(path), *rest)[:_MAX_RECENT])


def read_settings(path: Path) -> tuple[Settings, str]:
    """Return the settings in a file, and one message about what was wrong with it; "" if nothing was.

    Values that cannot be used are left at their defaults. A missing file is not an error.
    """
    try:
        table, newer = _migrate(read_json(path, _MAX_BYTES))
    except FileNotFoundError:
        return Settings(), ""
    except (OSError, SpecError) as error:
        return Settings(), f"the settings in {path} cannot be read ({error}); the defaults are used"
    settings, problems = read_record_leniently(Settings, table)
    if newer:
        problems.insert(0, "a newer TechnoGAN wrote them")
    message = f"some settings in {path} are not used: {'; '.join(problems)}" if problems else ""
    return replace(settings, recent=settings.recent[:_MAX_RECENT]), message


def write_settings(settings: Settings, path: Path) -> None:
    """Write the settings atomically. Raises OutputError."""
    write_atomically(path, json.dumps({_VERSION_KEY: _VERSION} | asdict(settings), indent=2).encode())


def _migrate(table: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    """Return a table of the current version, and whether a newer version wrote it."""
    version = table.get(_VERSION_KEY, 1)
    if isinstance(version, int) and version > _VERSION:
        return table, True
    return migrate(table | {_VERSION_KEY: version}, _VERSION, _MIGRATIONS, key=_VERSION_KEY), False
