"""The slots side by side, and the quantisation of their starts."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from app.session.state import Slot, Start
from app.widgets.button import Button
from app.widgets.layout import STRETCH, make_column, make_row
from app.widgets.panel import PanelTitle, QuietLabel
from app.widgets.segments import Segments
from app.widgets.slot_view import SlotView
from app.widgets.tokens import GRID, Tokens

_COLUMNS = 8
_ROW_HEIGHT = 132


class SlotStrip(QWidget):
    """All slots, eight per row."""

    start_chosen = Signal(object)  # Start

    def __init__(self, tokens: Tokens, n_slots: int) -> None:
        super().__init__()
        self.slots = [SlotView(tokens, i) for i in range(n_slots)]
        words, tip = [start.value for start in Start], "Quantise starts, stops and swaps"
        self.start = Segments(tokens, words, name="Quantise", tip=tip)
        self.start.chosen.connect(lambda word: self.start_chosen.emit(Start(word)))
        self.stop_all = Button(tokens, "Stop all", tip="Stop all slots", shortcut="Shift+Space", small=True)
        label = QuietLabel(tokens, "Quantise")
        head = make_row(PanelTitle(tokens, "Slots"), STRETCH, label, self.start, self.stop_all)
        head.setContentsMargins(3 * GRID, GRID, GRID, 0)
        grid = QGridLayout()
        grid.setSpacing(GRID)
        for i, slot in enumerate(self.slots):
            slot.setFixedHeight(_ROW_HEIGHT)
            grid.addWidget(slot, i // _COLUMNS, i % _COLUMNS)
            grid.setColumnStretch(i % _COLUMNS, 1)
        make_column(head, grid, spacing=GRID, parent=self)

    def show_slots(self, slots: Sequence[Slot]) -> None:
        """Show all slots."""
        for view, slot in zip(self.slots, slots, strict=True):
            view.show_slot(slot)
