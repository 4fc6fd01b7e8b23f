"""The log file of the window: log records, Qt messages and uncaught exceptions of every thread."""

import logging
import logging.handlers
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QMessageLogContext, QObject, QtMsgType, Signal, Slot, qInstallMessageHandler

_LOG = logging.getLogger(__name__)
_LOG_BYTES = 1 << 20
_QT_LEVELS = {
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


def start_log(path: Path) -> None:
    """Log to a file, or to standard error if it cannot be written. Qt's warnings and errors are logged as well."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handler: logging.Handler = logging.handlers.RotatingFileHandler(path, maxBytes=_LOG_BYTES, backupCount=1)
    except OSError:
        handler = logging.StreamHandler()
    logging.basicConfig(
        handlers=[handler], level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    qInstallMessageHandler(_log_qt_message)


def _log_qt_message(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    if kind in _QT_LEVELS:
        _LOG.log(_QT_LEVELS[kind], "Qt (%s): %s", getattr(context, "category", None) or "default", message)


class ErrorReporter(QObject):
    """Logs uncaught exceptions of every thread and reports them in the GUI thread, where it lives."""

    _caught = Signal(object)  # BaseException

    def __init__(self, report: Callable[[BaseException], None]) -> None:
        super().__init__()
        self._report = report
        self._caught.connect(self._forward)
        sys.excepthook = self._handle
        threading.excepthook = self._handle_in_thread

    def close(self) -> None:
        """Restore Python's own handling of uncaught exceptions."""
        sys.excepthook, threading.excepthook = sys.__excepthook__, threading.__excepthook__

    def _handle(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        _LOG.error("uncaught exception", exc_info=(kind, error, trace))
        self._caught.emit(error)

    def _handle_in_thread(self, failed: threading.ExceptHookArgs) -> None:
        if failed.exc_value is not None and not isinstance(failed.exc_value, SystemExit):
            name = failed.thread.name if failed.thread is not None else "unknown"
            trace = (failed.exc_type, failed.exc_value, failed.exc_traceback)
            _LOG.error("uncaught exception in the thread %s", name, exc_info=trace)
            self._caught.emit(failed.exc_value)

    @Slot(object)
    def _forward(self, error: BaseException) -> None:
        self._report(error)
