"""Opens the instrument's window."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QTimer

from app.processes.crash_log import log_crashes
from app.processes.shared_arrays import remove_abandoned
from app.settings.paths import state_dir
from app.startup.display import create_application
from app.startup.error_log import ErrorReporter, start_log
from app.startup.single_instance import FirstInstance, name_for, raise_first
from app.widgets.style import load_typeface
from app.widgets.tokens import font
from app.workers.thread import is_any_left_running

_SIGNALS_EVERY_MS = 200


def launch(*, safe: bool = False) -> int:
    """Open the window, or raise the window that is already open; return the exit status once it is closed.

    Raises DisplayError if there is no display.
    """
    folder = state_dir()
    name = name_for(folder)
    application = create_application()
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

    remove_abandoned()
    first_run = is_first_run(folder, safe=safe)
    signals = ClosingSignals()
    instrument = Instrument(folder, safe=safe)
    signals.close_with(instrument.window.close)
    application.aboutToQuit.connect(instrument.close)  # when the user logs out
    first.raised.connect(instrument.window.raise_window)
    # After an exception the music continues.
    reporter = ErrorReporter(instrument.notifications.error)
    instrument.start()
    if first_run:
        instrument.first_run.begin(play=True)
    status = application.exec()
    instrument.close()
    signals.stop()
    first.close()
    reporter.close()
    if is_any_left_running():
        logging.shutdown()
        os._exit(status)
    return status


def is_first_run(folder: Path, *, safe: bool) -> bool:
    """Return True until settings have been saved once in this folder; with `--safe`, return False."""
    return not safe and not (folder / "settings.json").exists()


class ClosingSignals:
    """Closes the window on Ctrl-C and termination signals, including those that arrive before there is a window."""

    def __init__(self) -> None:
        self._close: Callable[[], object] | None = None
        self._arrived = False
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)
            if number is not None:
                signal.signal(number, lambda _number, _frame: self._arrive())
        # Python handles signals only while it runs.
        self._timer = QTimer(interval=_SIGNALS_EVERY_MS)
        self._timer.timeout.connect(self._close_if_asked)
        self._timer.start()

    def close_with(self, close: Callable[[], object]) -> None:
        """Call this function when a signal arrives, or soon if one has arrived."""
        self._close = close

    def stop(self) -> None:
        """Stop looking for signals."""
        self._timer.stop()

    def _arrive(self) -> None:
        self._arrived = True

    def _close_if_asked(self) -> None:
        if self._arrived and self._close is not None:
            self._timer.stop()
            self._close()
