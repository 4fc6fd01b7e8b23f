"""Keyboard shortcuts of a wizard's window."""

from collections.abc import Callable

from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget


def add_shortcuts(widget: QWidget, run: Callable[[], object], *keys: str) -> None:
    """Call `run` when one of these keys, in Qt's notation, is pressed in the window of a visible widget."""
    for key in keys:
        QShortcut(QKeySequence(key), widget).activated.connect(run)
