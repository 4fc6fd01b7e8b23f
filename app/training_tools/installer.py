"""Installs, checks and repairs the training tools. Free of Qt."""

import queue
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from app.training_tools.environment import CACHE, ENVIRONMENT, PYTHON, ToolsEnvironment
from app.training_tools.install_sources import InstallSources, TrainingToolsError
from app.training_tools.tools import foreign_environment
from technogan import __version__
from technogan.atomic import explain
from technogan.errors import Cancelled, OutputError
from technogan.progress import Stop

# Measured on Linux, x86-64: 835 MiB of downloads took 2785 MB on disk. On other systems TensorFlow is smaller.
DOWNLOAD_MB, DISK_MB = 880, 2800

# The downloads are kept until the installation is complete.
_ROOM_MB = DISK_MB + DOWNLOAD_MB + 300
_PYTHON = "3.11"
_EXTRA = "training"
_MODULES = ("filelock", "librosa", "python_stretch", "onnx", "keras", "tensorflow")
_POLL_S, _TIMEOUT_S = 0.2, 10.0
_KEPT_LINES = 60

_DOWNLOAD = re.compile(r"^\s*Downloading (\S+) \(([\d.]+)\s*(KiB|MiB|GiB)\)")
_DOWNLOADED = re.compile(r"^\s*Downloaded (\S+)")
_OFFLINE = re.compile(
    r"dns error|error sending request|failed to (fetch|connect)|tcp connect|timed out|unreachable", re.I
)
_FULL = re.compile(r"no space left|disk full|os error (28|112)", re.I)
_UNITS = {"KiB": 1 / 1024, "MiB": 1.0, "GiB": 1024.0}

# Called with the current step and how much of it is done: 0..1, or None if that is unknown.
ReportStep = Callable[[str, float | None], None]


@dataclass(slots=True)
class Downloads:
    """The progress of uv's downloads: it prints the size of a file when it starts, and its name when it is done."""

    sizes: dict[str, float] = field(default_factory=dict)
    done: float = 0.0

    def read_line(self, line: str) -> bool:
        """Read a line of uv's output; return whether it was about a download."""
        if begun := _DOWNLOAD.match(line):
            self.sizes[begun[1]] = float(begun[2]) * _UNITS[begun[3]]
        elif ended := _DOWNLOADED.match(line):
            self.done += self.sizes.get(ended[1], 0.0)
        else:
            return False
        return True

    @property
    def text(self) -> str:
        """The progress in words."""
        return f"Downloading: {self.done:.0f} of {sum(self.sizes.values()):.0f} MB"

    @property
    def share(self) -> float:
        """The share that is done, 0..1."""
        total = sum(self.sizes.values())
        return self.done / total if total else 0.0


def set_up(environment: ToolsEnvironment, sources: InstallSources, report: ReportStep, stop: Stop) -> None:
    """Install the tools, in place of any earlier installation, and check them.

    Raises:
        TrainingToolsError: a program failed or the disk is full.
        OutputError: the folder cannot be written.
        Cancelled: `stop` returned True. The downloads are kept for the next time.
    """
    require_room(environment.folder)
    environment.unmark()
    report("Removing the earlier installation", None)
    environment.remove_part(environment.folder / ENVIRONMENT)
    try:
        environment.folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(environment.folder, explain(error)) from error
    report("Creating a Python environment", None)
    _uv(environment, sources, ["venv", "--python", _PYTHON, str(environment.folder / ENVIRONMENT)], report, stop)
    report("Finding the packages", None)
    install = ["pip", "install", "--python", str(environment.python), f"{sources.project}[{_EXTRA}]"]
    if sources.constraints is not None:
        install += ["--constraints", str(sources.constraints)]
    _uv(environment, sources, install, report, stop)
    check(environment, report, stop)
    environment.mark_ready()
    environment.remove_part(environment.folder / CACHE)


def check(environment: ToolsEnvironment, report: ReportStep, stop: Stop) -> None:
    """Import every module and check the version.

    Raises TrainingToolsError, after which the tools are no longer ready, and Cancelled.
    """
    report("Checking; this loads TensorFlow once", None)
    code = f"import {', '.join(_MODULES)}; import technogan; print(technogan.__version__)"
    try:
        lines = _run(
            [str(environment.python), "-P", "-c", code],
            foreign_environment(),
            environment.folder,
            lambda _line: None,
            stop,
        )
    except TrainingToolsError as error:
        environment.unmark()
        raise TrainingToolsError(
            "The training tools are installed but cannot be loaded.", "Repair them.", error.details
        ) from error
    if not lines or lines[-1] != __version__:
        environment.unmark()
        found = lines[-1] if lines else "nothing"
        raise TrainingToolsError(
            f"The training tools have another version: {found}, not {__version__}.", "Repair them."
        )


def require_room(folder: Path) -> None:
    """Raise TrainingToolsError if the disk has too little space."""
    existing = next((path for path in (folder, *folder.parents) if path.exists()), Path.cwd())
    free = shutil.disk_usage(existing).free / 1e6
    if free < _ROOM_MB:
        raise TrainingToolsError(
            f"The disk has {free / 1000:.1f} GB free; {folder} needs {_ROOM_MB / 1000:.1f} GB.",
            "Free some space and try again; nothing was changed.",
        )


def _uv(
    environment: ToolsEnvironment, sources: InstallSources, arguments: Sequence[str], report: ReportStep, stop: Stop
) -> None:
    """Run uv, which reads no configuration files and writes only into the environment's folder.

    Raises TrainingToolsError, Cancelled.
    """
    variables = foreign_environment() | {
        "UV_CACHE_DIR": str(environment.folder / CACHE),
        "UV_PYTHON_INSTALL_DIR": str(environment.folder / PYTHON),
        "UV_NO_PROGRESS": "1",
    }
    variables.pop("VIRTUAL_ENV", None)
    downloads = Downloads()

    def read_line(line: str) -> None:
        if downloads.read_line(line):
            report(downloads.text, downloads.share)
        elif line.startswith("Prepared"):
            report("Installing", None)

    try:
        _run([str(sources.uv), "--no-config", *arguments], variables, environment.folder, read_line, stop)
    except TrainingToolsError as error:
        raise _explain(error.details) from error


def _explain(printed: str) -> TrainingToolsError:
    if _FULL.search(printed):
        return TrainingToolsError(
            "The disk is full.", "Free some space and try again; the downloads are kept.", printed
        )
    if _OFFLINE.search(printed):
        return TrainingToolsError(
            "The packages cannot be downloaded: no internet connection, or the package index does not respond.",
            "Connect this computer and try again; the downloads are kept. Playing needs no connection.",
            printed,
        )
    return TrainingToolsError("The installation failed.", "Try again; see the details for what uv printed.", printed)


def _run(
    command: list[str], variables: dict[str, str], folder: Path, read_line: Callable[[str], None], stop: Stop
) -> list[str]:
    """Run a program in a folder, call `read_line` for each line of its output and return them all.

    Raises TrainingToolsError with the output, and Cancelled.
    """
    flags = 0
    if sys.platform == "win32":
        flags = subprocess.CREATE_NO_WINDOW
    try:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={name: value for name, value in variables.items() if value},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            creationflags=flags,
        )
    except OSError as error:
        raise TrainingToolsError(f"cannot start {command[0]}: {explain(error)}", details=str(error)) from error
    with process:
        lines = _read_lines(process, read_line, stop)
    if process.returncode:
        raise TrainingToolsError(f"{Path(command[0]).name} failed", details="\n".join(lines[-_KEPT_LINES:]))
    return lines


def _read_lines(process: subprocess.Popen[str], read_line: Callable[[str], None], stop: Stop) -> list[str]:
    """Read the lines in a thread, because a program may print nothing for minutes while `stop` must be polled."""
    queued: queue.Queue[str | None] = queue.Queue()

    def read() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            queued.put(line.rstrip())
        queued.put(None)

    threading.Thread(target=read, name="technogan-tools-output", daemon=True).start()
    lines: list[str] = []
    while True:
        if stop():
            _end(process)
            raise Cancelled
        try:
            line = queued.get(timeout=_POLL_S)
        except queue.Empty:
            continue
        if line is None:
            return lines
        lines.append(line)
        read_line(line)


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
