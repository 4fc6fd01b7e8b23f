"""A choice between a few words, all visible at once."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QWidget

from app.widgets.button import Button
from app.widgets.layout import make_row
from app.widgets.tokens import Tokens


class Segments(QWidget):
    """A row of buttons, exactly one of which is checked."""

    chosen = Signal(str)

    def __init__(self, tokens: Tokens, words: Sequence[str], *, name: str, tip: str = "") -> None:
        super().__init__(accessibleName=name)
        row = make_row(spacing=1, parent=self)
        group = QButtonGroup(self)
        self.buttons: dict[str, Button] = {}
        for word in words:
            button = Button(tokens, word, name=f"{name}: {word}", tip=tip or name, small=True)
            button.setCheckable(True)
            button.clicked.connect(lambda _checked=False, word=word: self.chosen.emit(word))
            group.addButton(button)
            row.addWidget(button)
            self.buttons[word] = button

    def show_choice(self, word: str) -> None:
        """Check the button of a word."""
        self.buttons[word].setChecked(True)
