"""`technogan --self-test`: does this installation work? Every part once, without a screen and without a sound card."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path


def self_test() -> int:
    """Print a line for each part; returns 0 if all work, 1 if not."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    failed = 0
    for check in (_model, _file, _mix, _window):
        began = time.perf_counter()
        try:
            detail = check()
        except Exception as error:  # whatever it is, the other parts are looked at too
            failed += 1
            print(f"failed   {_name(check):8} {type(error).__name__}: {error}", file=sys.stderr)
        else:
            print(f"ok       {_name(check):8} {detail}, {time.perf_counter() - began:.2f} s")
    return 1 if failed else 0


def _name(check: Callable[[], str]) -> str:
    return check.__name__.strip("_")


def _model() -> str:
    from technogan.engine import Engine
    from technogan.latent import Seed
    from technogan.library import available

    names = []
    for bundle in available():
        engine = Engine(bundle)
        engine.render(Seed.from_integer(1, engine.spec.latent_size))
        names.append(bundle.spec.name)
    if not names:
        raise FileNotFoundError("no model is there")
    return f"loops rendered with {', '.join(names)}"


def _file() -> str:
    from technogan.engine import Engine
    from technogan.latent import Seed
    from technogan.library import available
    from technogan.seed_source import seed_of_file

    engine = Engine(available()[0])
    seed = Seed.from_integer(1, engine.spec.latent_size)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "loop.wav"
        engine.render(seed).resampled(44100).save(path)
        if seed_of_file(path, len(seed)) != seed:
            raise ValueError("a file does not bring back its seed")
    return "a WAV brought back its seed"


def _mix() -> str:
    from app.audio.mixer import Mixer
    from app.audio.preparation import prepare
    from technogan.engine import Engine
    from technogan.latent import Seed
    from technogan.library import available

    engine = Engine(available()[0])
    mixer = Mixer(44100, 128.0, 1)
    loop = engine.render(Seed.from_integer(1, engine.spec.latent_size))
    mixer.set_loop(0, prepare(loop, bpm=128.0, sample_rate=44100))
    mixer.start(0)
    mixer.run(True)
    if not mixer.mix(44100).any():
        raise ValueError("the mixer is silent")
    return "a second of sound mixed"


def _window() -> str:
    from PySide6.QtWidgets import QApplication

    from app.widgets.main_window import MainWindow
    from app.widgets.style import load_typeface
    from app.widgets.tokens import DARK

    application = QApplication.instance() or QApplication(["technogan"])
    load_typeface()
    window = MainWindow(DARK, 8)
    picture = window.grab().toImage()
    window.deleteLater()
    del application
    if picture.isNull():
        raise ValueError("the window cannot be painted")
    return f"the window painted, {picture.width()} x {picture.height()}"
