"""`technogan --self-test`: uses every part of an installation once, without a screen."""

import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from technogan.errors import DeviceError

# A machine can make loops without these: they are reported, but do not count as failures.
_OPTIONAL = (DeviceError,)
_TIMEOUT_S = 20.0

Check = Callable[[], str]


def self_test() -> int:
    """Print a line for each part; return 1 if any failed, else 0."""
    failed = 0
    with tempfile.TemporaryDirectory(prefix="technogan-self-test-", ignore_cleanup_errors=True) as folder:
        for name, check in _checks(Path(folder)):
            began = time.perf_counter()
            try:
                detail, state = check(), "ok"
            except _OPTIONAL as error:
                detail, state = str(error), "missing"
            except Exception as error:  # the other parts are tested all the same
                detail, state = f"{type(error).__name__}: {error}", "failed"
                failed += 1
            seconds = time.perf_counter() - began
            print(f"{state:8} {name:8} {detail}, {seconds:.2f} s", file=sys.stderr if state == "failed" else sys.stdout)
    return 1 if failed else 0


def _checks(folder: Path) -> Iterator[tuple[str, Check]]:
    yield "model", _model
    yield "file", lambda: _file(folder)
    if getattr(sys, "frozen", False):
        yield "tools", _training_tools
    yield "display", _display
    yield from _instrument(folder)


def _model() -> str:
    from technogan.engine import Engine
    from technogan.network.library import scan_models
    from technogan.seeds.seed import Seed

    names = []
    found = scan_models()
    if found.problems:
        raise found.problems[0]
    for bundle in found.bundles:
        engine = Engine(bundle)
        engine.render(Seed.from_integer(1, engine.spec.latent_size))
        names.append(bundle.spec.name)
    if not names:
        raise FileNotFoundError("no model found; reinstall TechnoGAN")
    return f"loops rendered with {', '.join(names)}"


def _file(folder: Path) -> str:
    from technogan.engine import Engine
    from technogan.files.seed_source import read_seed_file
    from technogan.network.library import available_models
    from technogan.seeds.seed import Seed

    engine = Engine(available_models()[0])
    seed = Seed.from_integer(1, engine.spec.latent_size)
    path = folder / "loop.wav"
    engine.render(seed).resampled(44100).save(path)
    if read_seed_file(path, len(seed)) != seed:
        raise ValueError("the seed read from a WAV is not the one written")
    return "a WAV holds its seed"


def _training_tools() -> str:
    """Check the files of the bundle that the training tools are installed from."""
    from app.training_tools.tools import foreign_environment

    folder = Path(sys._MEIPASS) / "studio"  # type: ignore[attr-defined]
    program = folder / ("uv.exe" if sys.platform == "win32" else "uv")
    version = subprocess.run(
        [str(program), "--version"],
        capture_output=True,
        text=True,
        check=True,
        timeout=_TIMEOUT_S,
        env=foreign_environment(),
    )
    if not list(folder.glob("technogan-*.whl")) or not (folder / "constraints-hashed.txt").is_file():
        raise FileNotFoundError(f"{folder} is incomplete; reinstall TechnoGAN")
    return f"{' '.join(version.stdout.split()[:2])} and TechnoGAN's wheel"


def _display() -> str:
    """Open the display in a child process: Qt aborts a process whose display does not respond."""
    if sys.platform == "linux" and not any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")):
        raise DeviceError("no display was found; the window needs one, commands and OSC do not")
    probe = multiprocessing.get_context("spawn").Process(target=_open_display, daemon=True)
    probe.start()
    probe.join(_TIMEOUT_S)
    if probe.exitcode != 0:
        probe.kill()
        raise OSError("the display cannot be used; run with QT_DEBUG_PLUGINS=1 for details")
    return "it responds"


def _open_display() -> None:
    from PySide6.QtWidgets import QApplication

    application = QApplication(["technogan"])
    screens = application.screens()
    del application
    sys.exit(0 if screens else 1)


def _instrument(folder: Path) -> Iterator[tuple[str, Check]]:
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    try:
        from app.startup.smoke_test import SmokeTest

        test = SmokeTest(folder)
    except Exception as error:
        yield "window", lambda error=error: _raise(error)  # type: ignore[misc]
        return
    yield "window", test.window
    yield "sound", test.sound
    yield "osc", test.osc
    yield "end", test.end


def _raise(error: Exception) -> str:
    raise error
