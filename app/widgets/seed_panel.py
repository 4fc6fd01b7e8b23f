"""The seed: 64 sliders and what can be done to all of them."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.widgets.button import Key
from app.widgets.fader import Fader
from app.widgets.number_box import NumberBox
from app.widgets.panel import Panel, Quiet
from app.widgets.seed_bars import SeedBars
from app.widgets.tokens import GRID, Tokens
from technogan.seeds.seed import SLIDER_MAX, SLIDER_MIN


class SeedPanel(Panel):
    """Sliders, the number of the chosen one, and Random, Mutate, Zero, Copy, Paste."""

    randomise_asked = Signal()
    mutate_asked = Signal(float)
    mutation_changed = Signal(float)
    zero_asked = Signal()
    copy_asked = Signal()
    paste_asked = Signal()
    live_toggled = Signal(bool)
    live_level_edited = Signal(float)

    def __init__(self, tokens: Tokens, parent: QWidget | None = None) -> None:
        super().__init__(tokens, "Seed", parent)
        self.bars = SeedBars(tokens)
        self.name = Quiet(tokens)
        self.index = Quiet(tokens)
        self.number = NumberBox(
            SLIDER_MIN, SLIDER_MAX, name="Value of the chosen slider", tip="The chosen slider's value", signed=True
        )
        self.number.setFixedWidth(56)
        self.live = Key(tokens, "Live", icon="speaker", tip="Hear the loop under the sliders", shortcut="0", small=True)
        self.live.setCheckable(True)
        self.live.setChecked(True)
        self.live_level = Fader(tokens, -60, 6, name="Level of the live loop", tip="Level of the live loop", rest=0)
        self.live_level.setValue(0)
        self.live_level.setFixedWidth(64)
        self.amount = Fader(tokens, 1, 128, name="Mutation", tip="How far Mutate moves each slider, at most", rest=16)
        self.amount.setValue(16)
        self._lay_out(tokens)
        self._connect()
        self._show_current(0)

    def show_seed(self, values: tuple[float, ...], reference: tuple[float, ...], locked: frozenset[int]) -> None:
        """Show these sliders; see `SeedBars.show_seed`."""
        self.bars.show_seed(values, reference, locked)
        self._show_current(self.bars.current)

    def show_live(self, on: bool, level_db: float) -> None:
        """Show whether the live loop is heard, and how loud."""
        self.live.setChecked(on)
        self.live_level.setValue(round(level_db))

    def edit_number(self) -> None:
        """Let the chosen slider's value be typed."""
        self.number.setFocus()
        self.number.selectAll()

    def _lay_out(self, tokens: Tokens) -> None:
        self.head.addSpacing(2 * GRID)
        self.head.addWidget(self.name)
        self.head.addStretch(1)
        self.head.addWidget(self.live)
        self.head.addWidget(self.live_level)
        self.body.addWidget(self.bars, 1)
        self._add_actions(tokens)

    def _add_actions(self, tokens: Tokens) -> None:
        row = QHBoxLayout()
        row.setSpacing(GRID)
        self.random = Key(tokens, "Random", tip="A new random seed", shortcut="R")
        self.mutate = Key(tokens, "Mutate", tip="Move every slider a little", shortcut="M")
        self.zero = Key(tokens, "Zero", tip="All sliders to the middle", shortcut="Z")
        for widget in (self.random, self.mutate, self.amount, self.zero):
            row.addWidget(widget)
        row.addSpacing(GRID)
        row.addWidget(self.index)
        row.addWidget(self.number)
        self.body.addLayout(row)

    def _connect(self) -> None:
        self.random.clicked.connect(self.randomise_asked)
        self.mutate.clicked.connect(self.ask_mutation)
        self.zero.clicked.connect(self.zero_asked)
        self.live.clicked.connect(self.live_toggled)
        self.live_level.value_edited.connect(lambda value: self.live_level_edited.emit(float(value)))
        self.amount.value_edited.connect(lambda value: self.mutation_changed.emit(float(value)))
        self.bars.current_changed.connect(self._show_current)
        self.number.value_edited.connect(lambda value: self.bars.value_edited.emit(self.bars.current, value))

    def ask_mutation(self) -> None:
        """As a click on Mutate."""
        self.mutate_asked.emit(float(self.amount.value()))

    def _show_current(self, index: int) -> None:
        self.index.setText(f"{index + 1:02d}")
        self.index.setToolTip("The chosen slider")
        self.number.show_value(self.bars.values[index])
