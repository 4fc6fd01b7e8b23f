"""A drop-down list of choices."""

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox

from app.widgets.keyboard import is_activation_key


class ChoiceBox(QComboBox):
    """A list of choices, each a text with a value, which Return opens. The tooltip shows the current text in full."""

    chosen = Signal(object)  # the value of the text chosen by the user

    def __init__(self, name: str, tip: str = "") -> None:
        super().__init__()
        self._tip = tip or name
        self.choices: list[tuple[str, object]] = []
        self.setAccessibleName(name)
        self.setToolTip(self._tip)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(5)
        self.activated.connect(lambda index: self.chosen.emit(self.itemData(index)))

    def show_choices(self, choices: Sequence[tuple[str, object]], chosen: object) -> None:
        """Show these choices and select the one with the value `chosen`, or the first."""
        with QSignalBlocker(self):
            if self.choices != list(choices):
                self.choices = list(choices)
                self.clear()
                for text, value in choices:
                    self.addItem(text, value)
            self.setCurrentIndex(next((i for i, (_, value) in enumerate(choices) if value == chosen), 0))
        self.setToolTip(f"{self._tip}: {self.currentText()}")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if is_activation_key(event):
            self.showPopup()
        else:
            super().keyPressEvent(event)
