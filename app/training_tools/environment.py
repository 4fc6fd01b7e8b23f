"""The environment of the training tools, in the user's data folder.

environment/     the environment that uv creates
python/          the Python that uv installs if the system has none
cache/           downloads, kept until the installation is complete so that an interrupted one continues
ready.json       written last, with the installed version
"""

import json
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from technogan import __version__
from technogan.atomic import explain, write_atomically
from technogan.errors import OutputError, SpecError
from technogan.records import read_json

# incomplete: the installation was interrupted, or part of it was deleted. outdated: of another version of TechnoGAN.
EnvironmentState = Literal["absent", "incomplete", "outdated", "ready"]

ENVIRONMENT, PYTHON, CACHE, READY = "environment", "python", "cache", "ready.json"


@dataclass(frozen=True, slots=True)
class ToolsEnvironment:
    """The environment in a folder, whether it exists or not."""

    folder: Path

    @property
    def python(self) -> Path:
        """Its interpreter."""
        scripts = "Scripts/python.exe" if sys.platform == "win32" else "bin/python"
        return self.folder / ENVIRONMENT / scripts

    @property
    def state(self) -> EnvironmentState:
        """Its state on disk."""
        if not self.folder.is_dir() or not any(self.folder.iterdir()):
            return "absent"
        version = self._read_mark().get("version")
        if version is None or not self.python.exists():
            return "incomplete"
        return "ready" if version == __version__ else "outdated"

    @property
    def is_ready(self) -> bool:
        """True if it can be used."""
        return self.state == "ready"

    def mark_ready(self) -> None:
        """Record that the installation is complete and checked. Raises OutputError."""
        write_atomically(self.folder / READY, json.dumps({"version": __version__}).encode())

    def unmark(self) -> None:
        """Record that the installation is not complete. Raises OutputError."""
        try:
            (self.folder / READY).unlink(missing_ok=True)
        except OSError as error:
            raise OutputError(self.folder / READY, explain(error)) from error

    def remove(self) -> None:
        """Delete the environment. Raises OutputError; what is left makes it incomplete."""
        self.unmark()
        self.remove_part(self.folder)

    def remove_part(self, part: Path) -> None:
        """Delete a folder of the environment, if it exists. Raises OutputError."""
        try:
            if part.exists():
                shutil.rmtree(part)
        except OSError as error:
            raise OutputError(part, explain(error)) from error

    def _read_mark(self) -> dict[str, Any]:
        try:
            return read_json(self.folder / READY)
        except (OSError, SpecError):
            return {}
