"""A check box."""

from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCheckBox

from app.widgets.keyboard import is_activation_key


class CheckBox(QCheckBox):
    """A check box that Return toggles, as it clicks every other control."""

    def __init__(self, text: str, *, tip: str) -> None:
        super().__init__(text)
        self.setToolTip(tip)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if is_activation_key(event):
            self.click()
        else:
            super().keyPressEvent(event)
