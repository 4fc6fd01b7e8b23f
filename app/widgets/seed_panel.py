"""The seed: its sliders, and the actions on all of them."""

from PySide6.QtCore import Signal

from app.widgets.button import Button
from app.widgets.fader import Fader
from app.widgets.keyboard import add_shortcut
from app.widgets.layout import STRETCH, add_items, make_row
from app.widgets.level_fader import LevelFader
from app.widgets.number_box import NumberBox
from app.widgets.panel import Panel, QuietLabel
from app.widgets.seed_bars import SeedBars
from app.widgets.stem_strip import StemStrip
from app.widgets.tokens import GRID, Tokens
from technogan.seeds.seed import SLIDER_MAX, SLIDER_MIN

_AMOUNT_WIDTH = 56


class SeedPanel(Panel):
    """The sliders, the value of the selected one, Random, Mutate and Zero, and the live loop with its stems."""

    mutate_requested = Signal(float)
    mutation_changed = Signal(float)

    def __init__(self, tokens: Tokens) -> None:
        super().__init__(tokens, "Seed")
        self.bars = SeedBars(tokens)
        self.name = QuietLabel(tokens)
        self.index = QuietLabel(tokens)
        self.index.setToolTip("Selected slider")
        name = "Value of the selected slider"
        tip = add_shortcut(name, "V")
        self.number = NumberBox(SLIDER_MIN, SLIDER_MAX, name=name, tip=tip, decimals=1, fewest_decimals=0, signed=True)
        self.number.setFixedWidth(56)
        self.live = Button(tokens, "Live", icon="speaker", tip="Hear the live loop", shortcut="0", small=True)
        self.live.setCheckable(True)
        self.live.setChecked(True)
        self.live_level = LevelFader(tokens, name="Live level")
        self.live_level.setFixedWidth(64)
        self.stems = StemStrip(tokens, "the live loop", stacked=False)
        tip = "Mutation amount: the largest change of a slider"
        self.amount = Fader(tokens, 1, 128, name="Mutation amount", tip=tip, rest=16)
        self.amount.setValue(16)
        self.amount.setMinimumWidth(_AMOUNT_WIDTH)
        self._lay_out(tokens)
        self._connect()
        self._show_current(0)

    def show_seed(self, values: tuple[float, ...], reference: tuple[float, ...], locked: frozenset[int]) -> None:
        """Show these sliders; see `SeedBars.show_seed`."""
        self.bars.show_seed(values, reference, locked)
        self._show_current(self.bars.current)

    def show_live(self, on: bool, level_db: float) -> None:
        """Show the state and level of the live loop."""
        self.live.setChecked(on)
        self.live_level.show_level(level_db)

    def edit_number(self) -> None:
        """Focus the value of the selected slider for typing."""
        self.number.setFocus()
        self.number.selectAll()

    def request_mutation(self) -> None:
        """Request a mutation by the current amount."""
        self.mutate_requested.emit(float(self.amount.value()))

    def _lay_out(self, tokens: Tokens) -> None:
        self.random = Button(tokens, "Random", tip="Random seed", shortcut="R")
        self.mutate = Button(tokens, "Mutate", tip="Mutate the seed", shortcut="M")
        self.zero = Button(tokens, "Zero", tip="Set all sliders to zero", shortcut="Z")
        add_items(self.head, 2 * GRID, self.name, STRETCH, self.live, self.live_level)
        row = make_row(self.random, self.mutate, self.amount, self.zero, GRID, self.index, self.number, spacing=GRID)
        add_items(self.body, self.stems, (self.bars, 1), row)

    def _connect(self) -> None:
        self.mutate.clicked.connect(self.request_mutation)
        self.amount.value_edited.connect(lambda value: self.mutation_changed.emit(float(value)))
        self.bars.current_changed.connect(self._show_current)
        self.number.value_edited.connect(lambda value: self.bars.value_edited.emit(self.bars.current, value))

    def _show_current(self, index: int) -> None:
        self.index.setText(f"{index + 1:02d}")
        self.number.show_value(self.bars.values[index])
