"""Between two slots: a crossfader that morphs live, and sequences that go into a slot."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QHBoxLayout, QWidget

from app.session.state import MAX_MORPH_STEPS, Morph, Slot
from app.widgets.button import Key
from app.widgets.fader import Fader
from app.widgets.morph_field import MorphField
from app.widgets.number_box import NumberBox
from app.widgets.panel import Panel, Quiet
from app.widgets.progress_line import ProgressLine
from app.widgets.tokens import GRID, Tokens

_FULL = 1000
KINDS = ("fade", "pingpong", "walk")


class MorphPanel(Panel):
    """morph_edited: names and values of what changed. sequence_asked: one of KINDS."""

    morph_edited = Signal(dict)
    moved = Signal(float)
    gesture_began = Signal()
    gesture_ended = Signal()
    sequence_asked = Signal(str)
    cancel_asked = Signal()

    def __init__(self, tokens: Tokens, parent: QWidget | None = None) -> None:
        super().__init__(tokens, "Morph", parent)
        self.ends = [_SlotChoice(f"Morph {word}") for word in ("from", "to")]
        tip = "Morph between the two slots; the loop follows  (X: from left to right and back)"
        self.crossfader = Fader(tokens, 0, _FULL, name="Crossfader", tip=tip, rest=_FULL // 2, step=10)
        self.field = MorphField(tokens)
        self.position = Quiet(tokens)
        self.steps = NumberBox(1, MAX_MORPH_STEPS, name="Steps", tip="How many loops follow one another")
        self.amount = NumberBox(0, 128, name="Walk", tip="How far a walk moves each slider, a step")
        self.spherical = QCheckBox("Spherical")
        self.spherical.setToolTip("Along the arc between the two seeds, not the straight line")
        self.target = QComboBox()
        self.target.setAccessibleName("Target slot")
        self.target.setToolTip("Where the sequence goes")
        self.kinds = {kind: Key(tokens, kind.capitalize(), tip=_TIPS[kind]) for kind in KINDS}
        self.cancel = Key(tokens, "Cancel", tip="Stop making the sequence", small=True)
        self.progress = ProgressLine(tokens, "Progress of the sequence")
        self.doing = Quiet(tokens)
        self._lay_out(tokens)
        self._connect()
        self.show_progress(None)

    def show_morph(self, morph: Morph, slots: Sequence[Slot]) -> None:
        """Show these settings. slots: to choose from."""
        names = [f"{i + 1}  {slot.clip.name if slot.clip else 'empty'}" for i, slot in enumerate(slots)]
        for choice, index in zip(self.ends, (morph.a, morph.b), strict=True):
            choice.show_choices(names, index)
        _fill(self.target, ["first empty slot", *names], 0 if morph.target is None else morph.target + 1)
        self.crossfader.setValue(round(morph.position * _FULL))
        self.position.setText(f"{morph.position:.0%}")
        self.steps.show_value(morph.steps)
        self.amount.show_value(morph.amount)
        self.spherical.setChecked(morph.spherical)
        a, b = ((i, clip.loop if clip else None) for i, clip in ((i, slots[i].clip) for i in (morph.a, morph.b)))
        self.field.show_morph(a, b, morph.position)
        self._show_ends(morph, slots)

    def show_progress(self, done: float | None, what: str = "") -> None:
        """How far a sequence is, 0..1; None while none is made."""
        self.progress.show_progress(done)
        self.cancel.setEnabled(done is not None)
        self.doing.setText(what if done is None else f"{what} {done:.0%}")

    def _show_ends(self, morph: Morph, slots: Sequence[Slot]) -> None:
        """Only what is there can be morphed, and it shows its hue."""
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
        pair = QHBoxLayout()
        pair.setSpacing(GRID)
        for letter, choice in zip("AB", self.ends, strict=True):
            pair.addWidget(Quiet(tokens, letter))
            pair.addWidget(choice, 1)
        self.head.addStretch(1)
        self.head.addWidget(self.position)
        self.body.addLayout(pair)
        self.body.addWidget(self.field, 1)
        self.body.addWidget(self.crossfader)
        self.body.addSpacing(GRID)
        self.body.addLayout(self._numbers(tokens))
        self.body.addWidget(self.spherical)
        self.body.addSpacing(GRID)
        self.body.addLayout(self._sequences(tokens))
        foot = QHBoxLayout()
        foot.addWidget(self.doing, 1)
        foot.addWidget(self.cancel)
        self.body.addWidget(self.progress)
        self.body.addLayout(foot)
        self.body.addStretch(0)

    def _numbers(self, tokens: Tokens) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(GRID)
        for column, (word, box) in enumerate((("Steps", self.steps), ("Walk by", self.amount))):
            grid.addWidget(Quiet(tokens, word), 0, 2 * column)
            grid.addWidget(box, 0, 2 * column + 1)
            grid.setColumnStretch(2 * column + 1, 1)
        return grid

    def _sequences(self, tokens: Tokens) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(GRID)
        for column, key in enumerate(self.kinds.values()):
            grid.addWidget(key, 0, column)
        into = QHBoxLayout()
        into.addWidget(Quiet(tokens, "into"))
        into.addWidget(self.target, 1)
        grid.addLayout(into, 1, 0, 1, 3)
        return grid

    def _connect(self) -> None:
        for name, choice in zip("ab", self.ends, strict=True):
            choice.activated.connect(lambda index, name=name: self.morph_edited.emit({name: index}))
        self.target.activated.connect(lambda index: self.morph_edited.emit({"target": index - 1 if index else None}))
        self.steps.value_edited.connect(lambda value: self.morph_edited.emit({"steps": int(value)}))
        self.amount.value_edited.connect(lambda value: self.morph_edited.emit({"amount": value}))
        self.spherical.clicked.connect(lambda checked: self.morph_edited.emit({"spherical": checked}))
        self.crossfader.value_edited.connect(lambda value: self.moved.emit(value / _FULL))
        self.crossfader.gesture_began.connect(self.gesture_began)
        self.crossfader.gesture_ended.connect(self.gesture_ended)
        for kind, key in self.kinds.items():
            key.clicked.connect(lambda _checked=False, kind=kind: self.sequence_asked.emit(kind))
        self.cancel.clicked.connect(self.cancel_asked)


_TIPS = {
    "fade": "A sequence from A to B",
    "pingpong": "A sequence from A to B and back, which loops",
    "walk": "A random walk from the live seed",
}


class _SlotChoice(QComboBox):
    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(5)

    def show_choices(self, names: Sequence[str], index: int) -> None:
        _fill(self, names, index)


def _fill(box: QComboBox, names: Sequence[str], index: int) -> None:
    box.blockSignals(True)
    if [box.itemText(i) for i in range(box.count())] != list(names):
        box.clear()
        box.addItems(list(names))
    box.setCurrentIndex(index)
    box.blockSignals(False)
