"""Making, checking and repairing the studio environment. Knows no Qt: tells how far it is, asks whether to stop."""

from __future__ import annotations

import queue
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from app.training_tools.environment import CACHE, ENVIRONMENT, PYTHON, Studio
from app.training_tools.supplies import StudioError, Supplies
from app.training_tools.tools import foreign_environment
from technogan import __version__
from technogan.atomic import explain
from technogan.errors import Cancelled, OutputError
from technogan.progress import Stop

# Measured on Linux, x86-64: 835 MiB of downloads became 2785 MB on disk. Elsewhere TensorFlow is smaller.
DOWNLOAD_MB, DISK_MB = 880, 2800

# While it is made there are downloads, too.
_ROOM_MB = DISK_MB + DOWNLOAD_MB + 300
_PYTHON = "3.11"
_EXTRA = "training"
_MODULES = ("filelock", "librosa", "python_stretch", "onnx", "keras", "tensorflow")
_POLL_S, _PATIENCE_S = 0.2, 10.0
_KEPT_LINES = 60

_DOWNLOAD = re.compile(r"^\s*Downloading (\S+) \(([\d.]+)\s*(KiB|MiB|GiB)\)")
_DOWNLOADED = re.compile(r"^\s*Downloaded (\S+)")
_OFFLINE = re.compile(
    r"dns error|error sending request|failed to (fetch|connect)|tcp connect|timed out|unreachable", re.I
)
_FULL = re.compile(r"no space left|disk full|os error (28|112)", re.I)
_UNITS = {"KiB": 1 / 1024, "MiB": 1.0, "GiB": 1024.0}

# text: what is done now. done: 0..1, or None where nobody knows.
Tell = Callable[[str, float | None], None]


@dataclass(slots=True)
class Downloads:
    """How far uv's downloads are: it prints a file's size when it begins, and its name at the end."""

    sizes: dict[str, float] = field(default_factory=dict)
    done: float = 0.0

    def take(self, line: str) -> bool:
        """Learn from a line; returns whether it said something."""
        if begun := _DOWNLOAD.match(line):
            self.sizes[begun[1]] = float(begun[2]) * _UNITS[begun[3]]
        elif ended := _DOWNLOADED.match(line):
            self.done += self.sizes.get(ended[1], 0.0)
        else:
            return False
        return True

    @property
    def text(self) -> str:
        """In words."""
        return f"Downloading: {self.done:.0f} of {sum(self.sizes.values()):.0f} MB"

    @property
    def share(self) -> float:
        """0..1."""
        total = sum(self.sizes.values())
        return self.done / total if total else 0.0


def set_up(studio: Studio, supplies: Supplies, tell: Tell, stop: Stop) -> None:
    """Make the environment, anew where there is one, and check it.

    Raises StudioError, OutputError, and Cancelled after a stop: what was downloaded is kept for the next time.
    """
    require_room(studio.folder)
    studio.unmark()
    tell("Clearing what was there", None)
    studio.remove_part(studio.folder / ENVIRONMENT)
    try:
        studio.folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(studio.folder, explain(error)) from error
    tell("Making a Python environment", None)
    _uv(studio, supplies, ["venv", "--python", _PYTHON, str(studio.folder / ENVIRONMENT)], tell, stop)
    tell("Looking up what is needed", None)
    install = ["pip", "install", "--python", str(studio.python), f"{supplies.project}[{_EXTRA}]"]
    if supplies.constraints is not None:
        install += ["--constraints", str(supplies.constraints)]
    _uv(studio, supplies, install, tell, stop)
    check(studio, tell, stop)
    studio.mark_ready()
    studio.remove_part(studio.folder / CACHE)


def check(studio: Studio, tell: Tell, stop: Stop) -> None:
    """Import everything, and ask for the version. Raises StudioError, Cancelled; what fails is not ready any more."""
    tell("Checking: this loads TensorFlow once", None)
    text = f"import {', '.join(_MODULES)}; import technogan; print(technogan.__version__)"
    try:
        lines = _run([str(studio.python), "-c", text], foreign_environment(), lambda _line: None, stop)
    except StudioError as error:
        studio.unmark()
        raise StudioError(
            "The training tools are installed, but cannot be loaded.", "Repair them.", error.details
        ) from error
    if not lines or lines[-1] != __version__:
        studio.unmark()
        found = lines[-1] if lines else "nothing"
        raise StudioError(f"The training tools are of another version: {found}, not {__version__}.", "Repair them.")


def require_room(folder: Path) -> None:
    """Raises StudioError where the disk has too little room."""
    there = next((path for path in (folder, *folder.parents) if path.exists()), Path.cwd())
    free = shutil.disk_usage(there).free / 1e6
    if free < _ROOM_MB:
        raise StudioError(
            f"The disk has {free / 1000:.1f} GB left; {_ROOM_MB / 1000:.1f} GB are needed in {folder}.",
            "Make room and try again; nothing was changed.",
        )


def _uv(studio: Studio, supplies: Supplies, arguments: Sequence[str], tell: Tell, stop: Stop) -> None:
    """Run uv; it keeps to the studio's folder. Raises StudioError, Cancelled."""
    variables = foreign_environment() | {
        "UV_CACHE_DIR": str(studio.folder / CACHE),
        "UV_PYTHON_INSTALL_DIR": str(studio.folder / PYTHON),
        "UV_NO_PROGRESS": "1",
    }
    variables.pop("VIRTUAL_ENV", None)
    downloads = Downloads()

    def heard(line: str) -> None:
        if downloads.take(line):
            tell(downloads.text, downloads.share)
        elif line.startswith("Prepared"):
            tell("Installing", None)

    try:
        _run([str(supplies.uv), *arguments], variables, heard, stop)
    except StudioError as error:
        raise _explained(error.details) from error


def _explained(printed: str) -> StudioError:
    if _FULL.search(printed):
        return StudioError("The disk is full.", "Make room and try again; what was downloaded is kept.", printed)
    if _OFFLINE.search(printed):
        return StudioError(
            "The packages cannot be fetched: there is no connection to the internet, or the index does not answer.",
            "Connect this machine and try again; what was downloaded is kept. Playing needs no connection.",
            printed,
        )
    return StudioError("The installation failed.", "Try again; the details say what uv reported.", printed)


def _run(command: list[str], environment: dict[str, str], heard: Callable[[str], None], stop: Stop) -> list[str]:
    """Run a program and hear each line as it is printed. Raises StudioError with what it printed, Cancelled."""
    flags = 0
    if sys.platform == "win32":
        flags = subprocess.CREATE_NO_WINDOW
    try:
        process = subprocess.Popen(
            command,
            env={name: value for name, value in environment.items() if value},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            creationflags=flags,
        )
    except OSError as error:
        raise StudioError(f"{command[0]} cannot be started: {explain(error)}", details=str(error)) from error
    with process:
        lines = _heard_lines(process, heard, stop)
    if process.returncode:
        raise StudioError(f"{Path(command[0]).name} failed", details="\n".join(lines[-_KEPT_LINES:]))
    return lines


def _heard_lines(process: subprocess.Popen[str], heard: Callable[[str], None], stop: Stop) -> list[str]:
    """A program may be silent for minutes, so its lines are read beside the watch for a stop."""
    coming: queue.Queue[str | None] = queue.Queue()

    def read() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            coming.put(line.rstrip())
        coming.put(None)

    threading.Thread(target=read, name="technogan-studio-lines", daemon=True).start()
    lines: list[str] = []
    while True:
        if stop():
            _end(process)
            raise Cancelled
        try:
            line = coming.get(timeout=_POLL_S)
        except queue.Empty:
            continue
        if line is None:
            return lines
        lines.append(line)
        heard(line)


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(_PATIENCE_S)
    except subprocess.TimeoutExpired:
        process.kill()
