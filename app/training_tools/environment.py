"""The studio environment: a Python of its own with the training tools, in the user's data folder.

environment/     what uv makes
python/          the Python that uv brings where the system has none
cache/           what was downloaded, until everything is installed: after a break nothing is fetched twice
ready.json       written last, with the version that was installed
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from technogan import __version__
from technogan.atomic import explain, write_whole
from technogan.errors import OutputError

State = Literal["absent", "half-made", "outdated", "ready"]

ENVIRONMENT, PYTHON, CACHE, READY = "environment", "python", "cache", "ready.json"


@dataclass(frozen=True, slots=True)
class Studio:
    """folder: where it is, or would be."""

    folder: Path

    @property
    def python(self) -> Path:
        """Its interpreter."""
        scripts = "Scripts/python.exe" if sys.platform == "win32" else "bin/python"
        return self.folder / ENVIRONMENT / scripts

    @property
    def state(self) -> State:
        """half-made: somebody or something stopped the installation, or part of it was deleted. outdated: of another
        version than this application.
        """
        if not self.folder.is_dir() or not any(self.folder.iterdir()):
            return "absent"
        version = self._mark().get("version")
        if version is None or not self.python.exists():
            return "half-made"
        return "ready" if version == __version__ else "outdated"

    @property
    def ready(self) -> bool:
        """Whether it can be used."""
        return self.state == "ready"

    def mark_ready(self) -> None:
        """Everything is there and was checked. Raises OutputError."""
        write_whole(self.folder / READY, json.dumps({"version": __version__}).encode())

    def unmark(self) -> None:
        """It is worked on. Raises OutputError."""
        try:
            (self.folder / READY).unlink(missing_ok=True)
        except OSError as error:
            raise OutputError(self.folder / READY, explain(error)) from error

    def remove(self) -> None:
        """Delete all of it. Raises OutputError; what is left counts as half-made."""
        self.unmark()
        self.remove_part(self.folder)

    def remove_part(self, part: Path) -> None:
        """Delete a folder in it, if it is there. Raises OutputError."""
        try:
            if part.exists():
                shutil.rmtree(part)
        except OSError as error:
            raise OutputError(part, explain(error)) from error

    def megabytes(self) -> float:
        """What it takes on disk. Looks at every file, so not in the GUI thread."""
        seen: dict[tuple[int, int], int] = {}
        for path in self.folder.rglob("*"):
            try:
                found = path.lstat()
            except OSError:
                continue
            seen[found.st_dev, found.st_ino or hash(path)] = found.st_size
        return sum(seen.values()) / 1e6

    def _mark(self) -> Mapping[str, Any]:
        try:
            values = json.loads((self.folder / READY).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return values if isinstance(values, dict) else {}
