"""What keys mean everywhere."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent


def presses(event: QKeyEvent) -> bool:
    """Whether this key presses what has the focus. Space is the instrument's, so Return does."""
    return event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
