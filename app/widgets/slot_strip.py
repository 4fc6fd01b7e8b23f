"""The slots side by side, and when what they do begins."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.session.state import Slot, Start
from app.widgets.button import Key
from app.widgets.panel import Quiet, Title
from app.widgets.segments import Segments
from app.widgets.slot_view import SlotView
from app.widgets.tokens import GRID, Tokens

_COLUMNS = 8
_ROW_HEIGHT = 132


class SlotStrip(QWidget):
    """n_slots slots, eight a row."""

    start_chosen = Signal(object)  # Start
    stop_all_asked = Signal()

    def __init__(self, tokens: Tokens, n_slots: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.slots = [SlotView(tokens, i) for i in range(n_slots)]
        self.start = Segments(
            tokens,
            [start.value for start in Start],
            name="Starts and swaps happen",
            tip="When starts, stops and swaps happen",
        )
        self.start.chosen.connect(lambda word: self.start_chosen.emit(Start(word)))
        self.stop_all = Key(tokens, "Stop all", tip="Stop all slots", shortcut="Shift+Space", small=True)
        self.stop_all.clicked.connect(self.stop_all_asked)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        column.addLayout(self._head(tokens))
        grid = QGridLayout()
        grid.setSpacing(GRID)
        for i, slot in enumerate(self.slots):
            slot.setFixedHeight(_ROW_HEIGHT)
            grid.addWidget(slot, i // _COLUMNS, i % _COLUMNS)
            grid.setColumnStretch(i % _COLUMNS, 1)
        column.addLayout(grid)

    def show_slots(self, slots: Sequence[Slot]) -> None:
        """Show them all."""
        for view, slot in zip(self.slots, slots, strict=True):
            view.show_slot(slot)

    def _head(self, tokens: Tokens) -> QHBoxLayout:
        head = QHBoxLayout()
        head.setContentsMargins(3 * GRID, GRID, GRID, 0)
        head.setSpacing(2 * GRID)
        head.addWidget(Title(tokens, "Slots"))
        head.addStretch(1)
        head.addWidget(Quiet(tokens, "Start and swap"))
        head.addWidget(self.start)
        head.addWidget(self.stop_all)
        return head
