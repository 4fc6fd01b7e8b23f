"""The morph between two slots: a live crossfader, and sequences rendered into a slot."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout

from app.session.state import MAX_MORPH_STEPS, Morph, Slot
from app.widgets.button import Button
from app.widgets.check_box import CheckBox
from app.widgets.choice_box import ChoiceBox
from app.widgets.fader import Fader
from app.widgets.layout import STRETCH, add_items, make_row
from app.widgets.morph_field import MorphField
from app.widgets.number_box import NumberBox
from app.widgets.panel import Panel, QuietLabel
from app.widgets.progress_line import ProgressLine
from app.widgets.tokens import GRID, Tokens

_FULL = 1000
KINDS = ("fade", "pingpong", "walk")


class MorphPanel(Panel):
    """The settings of the morph, its crossfader, and the buttons that make sequences."""

    morph_edited = Signal(dict)  # fields of Morph
    moved = Signal(float)  # the crossfader, 0..1
    sequence_requested = Signal(str)  # one of KINDS

    def __init__(self, tokens: Tokens) -> None:
        super().__init__(tokens, "Morph")
        self.ends = [ChoiceBox(f"Morph {word}") for word in ("from", "to")]
        tip = "Morph between A and B (X: jump to the other end)"
        self.crossfader = Fader(tokens, 0, _FULL, name="Crossfader", tip=tip, rest=_FULL // 2, step=10)
        self.field = MorphField(tokens)
        self.position = QuietLabel(tokens)
        self.steps = NumberBox(1, MAX_MORPH_STEPS, name="Steps", tip="Number of loops in the sequence")
        tip = "Largest change of a slider per step of a walk"
        self.amount = NumberBox(0, 128, name="Step size", tip=tip, decimals=1, fewest_decimals=0)
        tip = "Interpolate along the arc between the two seeds instead of the straight line"
        self.spherical = CheckBox("Spherical", tip=tip)
        self.target = ChoiceBox("Target slot")
        self.kinds = {kind: Button(tokens, kind.capitalize(), tip=_TIPS[kind]) for kind in KINDS}
        self.cancel = Button(tokens, "Cancel", tip="Cancel the sequence", small=True)
        self.progress = ProgressLine(tokens, "Sequence progress")
        self.doing = QuietLabel(tokens)
        self._lay_out(tokens)
        self._connect()
        self.show_progress(None)

    def show_morph(self, morph: Morph, slots: Sequence[Slot]) -> None:
        """Show a morph between two of these slots."""
        choices: list[tuple[str, object]] = [
            (f"{i + 1}  {slot.clip.name if slot.clip else 'empty'}", i) for i, slot in enumerate(slots)
        ]
        for choice, index in zip(self.ends, (morph.a, morph.b), strict=True):
            choice.show_choices(choices, index)
        self.target.show_choices([("first empty slot", None), *choices], morph.target)
        self.crossfader.setValue(round(morph.position * _FULL))
        self.position.setText(f"{morph.position:.0%}")
        self.steps.show_value(morph.steps)
        self.amount.show_value(morph.amount)
        self.spherical.setChecked(morph.spherical)
        a, b = ((i, clip.loop if clip else None) for i, clip in ((i, slots[i].clip) for i in (morph.a, morph.b)))
        self.field.show_morph(a, b, morph.position)
        self._show_ends(morph, slots)

    def show_progress(self, done: float | None, what: str = "") -> None:
        """Show the progress of a sequence, 0..1, and its name; None if none is being rendered."""
        self.progress.show_progress(done)
        self.cancel.setEnabled(done is not None)
        self.doing.setText(what if done is None else f"{what} {done:.0%}")

    def _show_ends(self, morph: Morph, slots: Sequence[Slot]) -> None:
        """Enable the morph if both slots have a seed, and show their hues."""
        clips = [slots[i].clip for i in (morph.a, morph.b)]
        full = [clip is not None and clip.seed is not None for clip in clips]
        self.crossfader.setEnabled(all(full))
        colours = [
            self.tokens.slot_colour(i, 1.0 if there else 0.25)
            for i, there in zip((morph.a, morph.b), full, strict=True)
        ]
        self.crossfader.set_ends((colours[0], colours[1]))
        for kind in ("fade", "pingpong"):
            self.kinds[kind].setEnabled(all(full))

    def _lay_out(self, tokens: Tokens) -> None:
        pair = make_row(spacing=GRID)
        for letter, choice in zip("AB", self.ends, strict=True):
            add_items(pair, QuietLabel(tokens, letter), (choice, 1))
        add_items(self.head, STRETCH, self.position)
        foot = QHBoxLayout()
        add_items(foot, (self.doing, 1), self.cancel)
        numbers, sequences = self._lay_out_numbers(tokens), self._lay_out_sequences(tokens)
        add_items(self.body, pair, (self.field, 1), self.crossfader, GRID, numbers, self.spherical)
        add_items(self.body, GRID, sequences, self.progress, foot)
        self.body.addStretch(0)

    def _lay_out_numbers(self, tokens: Tokens) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(GRID)
        for column, (word, box) in enumerate((("Steps", self.steps), ("Step size", self.amount))):
            grid.addWidget(QuietLabel(tokens, word), 0, 2 * column)
            grid.addWidget(box, 0, 2 * column + 1)
            grid.setColumnStretch(2 * column + 1, 1)
        return grid

    def _lay_out_sequences(self, tokens: Tokens) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(GRID)
        for column, button in enumerate(self.kinds.values()):
            grid.addWidget(button, 0, column)
        target = QHBoxLayout()
        add_items(target, QuietLabel(tokens, "Target"), (self.target, 1))
        grid.addLayout(target, 1, 0, 1, 3)
        return grid

    def _connect(self) -> None:
        for name, choice in zip("ab", self.ends, strict=True):
            choice.chosen.connect(lambda index, name=name: self.morph_edited.emit({name: index}))
        self.target.chosen.connect(lambda index: self.morph_edited.emit({"target": index}))
        self.steps.value_edited.connect(lambda value: self.morph_edited.emit({"steps": int(value)}))
        self.amount.value_edited.connect(lambda value: self.morph_edited.emit({"amount": value}))
        self.spherical.clicked.connect(lambda checked: self.morph_edited.emit({"spherical": checked}))
        self.crossfader.value_edited.connect(lambda value: self.moved.emit(value / _FULL))
        for kind, button in self.kinds.items():
            button.clicked.connect(lambda _checked=False, kind=kind: self.sequence_requested.emit(kind))


_TIPS = {
    "fade": "Make a sequence from A to B",
    "pingpong": "Make a sequence from A to B and back",
    "walk": "Make a random walk from the live seed",
}
