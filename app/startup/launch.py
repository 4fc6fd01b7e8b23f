"""Starts the instrument's window, and sees to it that faults are told and kept."""

from __future__ import annotations

import logging
import logging.handlers
import signal
import sys
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from app.settings.paths import state_dir
from app.startup.single_instance import FirstInstance, name_for, raise_first
from app.widgets.style import load_typeface
from app.widgets.tokens import font

if TYPE_CHECKING:
    from app.window.instrument import Instrument

_LOG = logging.getLogger(__name__)
_LOG_BYTES = 1 << 20
_SIGNALS_EVERY_MS = 200


def launch(*, safe: bool = False) -> int:
    """Open the window, or raise the one that is open already; returns the exit status when it is closed."""
    folder = state_dir()
    name = name_for(folder)
    application = QApplication([sys.argv[0]])
    application.setApplicationName("TechnoGAN")
    application.setStyle("Fusion")
    if raise_first(name):
        return 0
    first = FirstInstance(name)
    _log_to(folder / "log.txt")
    load_typeface()
    application.setFont(font())

    from app.window.instrument import Instrument

    first_run = is_first_run(folder, safe=safe)
    instrument = Instrument(folder, safe=safe)
    first.raised.connect(instrument.window.raise_window)
    _tell_of_faults(instrument)
    timer = _quit_on_signals(instrument)
    instrument.start()
    if first_run:
        instrument.welcome.begin(play=True)
    status = application.exec()
    timer.stop()
    first.close()
    return status


def is_first_run(folder: Path, *, safe: bool) -> bool:
    """Whether nobody has closed the instrument with this folder yet; `--safe` asks for no welcome."""
    return not safe and not (folder / "settings.json").exists()


def _log_to(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handler: logging.Handler = logging.handlers.RotatingFileHandler(path, maxBytes=_LOG_BYTES, backupCount=1)
    except OSError:
        handler = logging.StreamHandler()
    logging.basicConfig(
        handlers=[handler], level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )


def _tell_of_faults(instrument: Instrument) -> None:
    """A fault of ours is written down and shown; the music goes on."""

    def tell(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        _LOG.error("uncaught", exc_info=(kind, error, trace))
        instrument.notices.error(error)

    sys.excepthook = tell


def _quit_on_signals(instrument: Instrument) -> QTimer:
    """Ctrl-C and the system's request to end close the window in order. The timer lets Python see signals at all."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None:
            signal.signal(number, lambda _number, _frame: instrument.window.close())
    timer = QTimer(interval=_SIGNALS_EVERY_MS)
    timer.timeout.connect(lambda: None)
    timer.start()
    return timer
