"""The display that the window needs. Qt aborts a process that has none, so an explanation has to come first."""

import os
import sys

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from technogan.errors import TechnoganError

# One of these names the display on Linux, or says that none is needed.
_VARIABLES = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
_ADVICE = "commands such as 'technogan render' and 'technogan serve' need no display"


class DisplayError(TechnoganError):
    """A display that the window cannot be opened on."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the window cannot be opened: {reason}; {_ADVICE}")
        self.reason = reason


def create_application() -> QApplication:
    """Return the application of the window.

    If Qt cannot use the display, the process ends with status 1 and one line: Qt would abort it.

    Raises:
        DisplayError: there is no display.
    """
    if sys.platform == "linux" and not any(os.environ.get(name) for name in _VARIABLES):
        raise DisplayError("there is no display")
    problems: list[str] = []

    def explain(kind: QtMsgType, _context: QMessageLogContext, text: str) -> None:
        problems.append(text.partition("\n")[0])
        if kind == QtMsgType.QtFatalMsg:
            # The first problem is the cause of the others.
            print(f"technogan: {DisplayError(problems[0])}", file=sys.stderr, flush=True)
            os._exit(1)

    before = qInstallMessageHandler(explain)
    try:
        return QApplication([sys.argv[0]])
    finally:
        qInstallMessageHandler(before)
