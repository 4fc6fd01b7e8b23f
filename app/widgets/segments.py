"""A choice between a few words, all in sight."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QWidget

from app.widgets.button import Key
from app.widgets.tokens import Tokens


class Segments(QWidget):
    """Keys of which exactly one is down."""

    chosen = Signal(str)

    def __init__(
        self, tokens: Tokens, words: Sequence[str], *, name: str, tip: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(1)
        group = QButtonGroup(self)
        self.keys = {word: Key(tokens, word, name=f"{name}: {word}", tip=tip or name, small=True) for word in words}
        for word, key in self.keys.items():
            key.setCheckable(True)
            key.clicked.connect(lambda _checked=False, word=word: self.chosen.emit(word))
            group.addButton(key)
            row.addWidget(key)

    def show_choice(self, word: str) -> None:
        """Which one is down."""
        self.keys[word].setChecked(True)
