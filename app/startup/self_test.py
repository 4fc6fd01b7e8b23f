"""`technogan --self-test`: does this installation work? Every part once, without a screen; what is missing is told."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from technogan.errors import DeviceError

# A machine may lack these and make loops all the same: they are told of, and do not count as faults.
_MAY_BE_MISSING = (DeviceError,)
_PATIENCE_S = 20.0

Check = Callable[[], str]


def self_test() -> int:
    """Print a line for each part; returns 0 if all work that the machine has, 1 if not."""
    failed = 0
    with tempfile.TemporaryDirectory(prefix="technogan-self-test-", ignore_cleanup_errors=True) as folder:
        for name, check in _checks(Path(folder)):
            began = time.perf_counter()
            try:
                detail, state = check(), "ok"
            except _MAY_BE_MISSING as error:
                detail, state = str(error), "missing"
            except Exception as error:  # whatever it is, the other parts are looked at too
                detail, state = f"{type(error).__name__}: {error}", "failed"
                failed += 1
            seconds = time.perf_counter() - began
            print(f"{state:8} {name:8} {detail}, {seconds:.2f} s", file=sys.stderr if state == "failed" else sys.stdout)
    return 1 if failed else 0


def _checks(folder: Path) -> Iterator[tuple[str, Check]]:
    yield "model", _model
    yield "file", lambda: _file(folder)
    if getattr(sys, "frozen", False):
        yield "studio", _studio
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
        raise FileNotFoundError("no model is there; install TechnoGAN anew")
    return f"loops rendered with {', '.join(names)}"


def _file(folder: Path) -> str:
    from technogan.engine import Engine
    from technogan.files.seed_source import seed_of_file
    from technogan.network.library import available_models
    from technogan.seeds.seed import Seed

    engine = Engine(available_models()[0])
    seed = Seed.from_integer(1, engine.spec.latent_size)
    path = folder / "loop.wav"
    engine.render(seed).resampled(44100).save(path)
    if seed_of_file(path, len(seed)) != seed:
        raise ValueError("a file does not bring back its seed")
    return "a WAV brought back its seed"


def _studio() -> str:
    """What the bundle carries to set up the studio environment."""
    from app.training_tools.tools import foreign_environment

    folder = Path(sys._MEIPASS) / "studio"  # type: ignore[attr-defined]
    program = folder / ("uv.exe" if sys.platform == "win32" else "uv")
    asked = [str(program), "--version"]
    version = subprocess.run(
        asked, capture_output=True, text=True, check=True, timeout=_PATIENCE_S, env=foreign_environment()
    )
    if not list(folder.glob("technogan-*.whl")) or not (folder / "constraints.txt").is_file():
        raise FileNotFoundError(f"{folder} is not complete; install TechnoGAN anew")
    return f"{' '.join(version.stdout.split()[:2])} and TechnoGAN's wheel"


def _display() -> str:
    """Asked in a process of its own: without a screen that answers, Qt ends the process that asks."""
    if sys.platform == "linux" and not any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")):
        raise DeviceError("there is no display here; the window needs one, commands and OSC do not")
    probe = multiprocessing.get_context("spawn").Process(target=_open_display, daemon=True)
    probe.start()
    probe.join(_PATIENCE_S)
    if probe.exitcode != 0:
        probe.kill()
        raise OSError("the display cannot be used; `technogan doctor` and QT_DEBUG_PLUGINS=1 tell more")
    return "it answers"


def _open_display() -> None:
    from PySide6.QtWidgets import QApplication

    application = QApplication(["technogan"])
    screens = application.screens()
    del application
    sys.exit(0 if screens else 1)


def _instrument(folder: Path) -> Iterator[tuple[str, Check]]:
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    try:
        from app.startup.smoke_test import Rehearsal

        rehearsal = Rehearsal(folder)
    except Exception as error:
        yield "window", lambda error=error: _raise(error)  # type: ignore[misc]
        return
    yield "window", rehearsal.window
    yield "sound", rehearsal.sound
    yield "osc", rehearsal.osc
    yield "end", rehearsal.end


def _raise(error: Exception) -> str:
    raise error
