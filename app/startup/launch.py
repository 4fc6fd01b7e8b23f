"""Opens the instrument's window."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from app.processes.crash_log import log_crashes
from app.settings.paths import state_dir
from app.startup.error_log import ErrorReporter, start_log
from app.startup.single_instance import FirstInstance, name_for, raise_first
from app.widgets.style import load_typeface
from app.widgets.tokens import font

if TYPE_CHECKING:
    from app.window.instrument import Instrument

_SIGNALS_EVERY_MS = 200


def launch(*, safe: bool = False) -> int:
    """Open the window, or raise the window that is already open; return the exit status once it is closed."""
    folder = state_dir()
    name = name_for(folder)
    application = QApplication([sys.argv[0]])
    application.setApplicationName("TechnoGAN")
    application.setStyle("Fusion")
    if raise_first(name):
        return 0
    first = FirstInstance(name)
    start_log(folder / "log.txt")
    log_crashes()
    load_typeface()
    application.setFont(font())

    from app.window.instrument import Instrument

    first_run = is_first_run(folder, safe=safe)
    instrument = Instrument(folder, safe=safe)
    first.raised.connect(instrument.window.raise_window)
    # After an exception the music continues.
    reporter = ErrorReporter(instrument.notifications.error)
    timer = _close_on_signals(instrument)
    instrument.start()
    if first_run:
        instrument.first_run.begin(play=True)
    status = application.exec()
    timer.stop()
    first.close()
    reporter.close()
    return status


def is_first_run(folder: Path, *, safe: bool) -> bool:
    """Return True until settings have been saved once in this folder; with `--safe`, return False."""
    return not safe and not (folder / "settings.json").exists()


def _close_on_signals(instrument: Instrument) -> QTimer:
    """Close the window on Ctrl-C and termination signals. The timer lets Python handle signals at all."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None:
            signal.signal(number, lambda _number, _frame: instrument.window.close())
    timer = QTimer(interval=_SIGNALS_EVERY_MS)
    timer.timeout.connect(lambda: None)
    timer.start()
    return timer
