"""The room that a screen has for a window."""

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget

# For the frame and the title bar, which the system adds when it shows a window.
_FRAME = QSize(16, 40)


def fit_to_screen(window: QWidget, wanted: QSize) -> None:
    """Give a window the wanted size, or as much of it as its screen has room for."""
    window.resize(wanted.boundedTo(window.screen().availableGeometry().size() - _FRAME))
