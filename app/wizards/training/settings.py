"""Second page of the training wizard: how long and how, and what that costs on this machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from PySide6.QtWidgets import QComboBox, QFormLayout, QHBoxLayout, QLineEdit, QWidget

from app.widgets.button import Key
from app.widgets.number_box import NumberBox
from app.widgets.panel import Panel, Quiet
from app.widgets.segments import Segments
from app.widgets.tokens import GRID, Tokens
from app.wizards.common.page import Page
from app.wizards.training.plan import Plan
from app.wizards.training.runs import Choices
from app.wizards.training.trial import TrialPanel

_LENGTHS: dict[str, float | None] = {
    "30 min": 30.0,
    "2 h": 120.0,
    "8 h": 480.0,
    "24 h": 1440.0,
    "until I stop it": None,
}
_BACKENDS = (("automatic", ""), ("TensorFlow", "tensorflow"), ("PyTorch", "torch"))
_PRECISIONS = (("float32: works everywhere", ""), ("bfloat16: for AMX, Ampere and later", "bfloat16"))
_LABEL_WIDTH, _FIELD_WIDTH = 160, 300


class SettingsPage(Page):
    """Simple choices first; the rest is folded."""

    name, step = "settings", "Settings"
    heading = "How long, and how?"
    lead = "Everything has a sane default. You can stop, save or go on at any time, whatever you choose here."

    def __init__(self, tokens: Tokens, plan: Plan, parent: QWidget | None = None) -> None:
        super().__init__(tokens, parent)
        self._plan = plan
        self.model = QLineEdit()
        self.length = Segments(tokens, list(_LENGTHS), name="How long", tip="Training time; it can be longer later")
        self.more = Key(tokens, "More settings", tip="Network, back end, precision, batch", small=True)
        self.network, self.backend, self.precision = QComboBox(), QComboBox(), QComboBox()
        self.batch = NumberBox(0, 4096, name="Batch", tip="Fewer take less memory; 0: as the network's recipe says")
        self.batch.setSpecialValueText("automatic")
        self.every = NumberBox(1, 240, name="Minutes between checkpoints")
        self.trial = TrialPanel(tokens, plan)
        self._lay_out(tokens)
        self._connect()
        self._show()

    def complete(self) -> bool:
        return self._plan.dataset is not None

    def enter(self) -> None:
        names = self._plan.dataset.networks if self._plan.dataset else ()
        self.network.clear()
        self.network.addItem(f"{names[0]}: the one for this format" if names else "automatic", "")
        for name in names[1:]:
            self.network.addItem(f"{name}: the earlier prototype's, slow", name)
        self._show()

    def state(self) -> dict[str, Any]:
        return asdict(self._plan.choices) | {"name": self._plan.name, "trial": self.trial.state()}

    def restore(self, state: Mapping[str, Any]) -> None:
        self._plan.choices = Choices.of(state)
        self._plan.name = state["name"] if isinstance(state.get("name"), str) else ""
        self.trial.restore(state.get("trial"))
        self._show()

    def close_page(self) -> None:
        self.trial.stop()

    def _show(self) -> None:
        choices = self._plan.choices
        self.model.setPlaceholderText(self._plan.run_name)
        if self.model.text() != self._plan.name and not self.model.hasFocus():
            self.model.setText(self._plan.name)
        for text, minutes in _LENGTHS.items():
            if minutes == choices.minutes:
                self.length.show_choice(text)
        self.batch.show_value(choices.batch)
        self.every.show_value(choices.checkpoint_minutes)
        shown = ((self.network, choices.network), (self.backend, choices.backend), (self.precision, choices.precision))
        for box, value in shown:
            box.setCurrentIndex(max(0, box.findData(value)))
        self.trial.show_cost()
        self.changed.emit()

    def _choose(self, **choices: Any) -> None:
        self._plan.choices = replace(self._plan.choices, **choices)
        self._show()

    def _named(self) -> None:
        self._plan.name = self.model.text()
        self.changed.emit()

    def _connect(self) -> None:
        self.length.chosen.connect(lambda text: self._choose(minutes=_LENGTHS[text]))
        self.model.editingFinished.connect(self._named)
        self.network.activated.connect(lambda _i: self._choose(network=self.network.currentData()))
        self.backend.activated.connect(lambda _i: self._choose(backend=self.backend.currentData()))
        self.precision.activated.connect(lambda _i: self._choose(precision=self.precision.currentData()))
        self.batch.value_edited.connect(lambda value: self._choose(batch=0 if value < 2 else round(value)))
        self.every.value_edited.connect(lambda value: self._choose(checkpoint_minutes=value))
        self.trial.changed.connect(self.changed)
        self._plan.changed.connect(self._show)

    def _fold(self, folded: QWidget) -> None:
        folded.setVisible(folded.isHidden())
        self.more.setText("More settings" if folded.isHidden() else "Fewer settings")

    def _lay_out(self, tokens: Tokens) -> None:
        for box, name, items in (
            (self.network, "Network", ()),
            (self.backend, "Back end", _BACKENDS),
            (self.precision, "Precision", _PRECISIONS),
        ):
            box.setAccessibleName(name)
            box.setMinimumWidth(_FIELD_WIDTH)
            for text, value in items:
                box.addItem(text, value)
        self.model.setAccessibleName("Name of the model")
        self.model.setMaxLength(60)
        self.model.setMinimumWidth(_FIELD_WIDTH)
        simple = Panel(tokens, "Training")
        fields = {"Name of the model": self.model, "How long": self.length}
        simple.body.addLayout(_form(tokens, fields))
        folded = QWidget()
        folded.setLayout(
            _form(
                tokens,
                {
                    "Network": self.network,
                    "Back end": self.backend,
                    "Precision": self.precision,
                    "Images at once (batch)": self.batch,
                    "Minutes between checkpoints": self.every,
                },
            )
        )
        folded.hide()
        self.more.clicked.connect(lambda: self._fold(folded))
        row = QHBoxLayout()
        row.addWidget(self.more)
        row.addStretch(1)
        simple.body.addLayout(row)
        simple.body.addWidget(folded)
        self.body.addWidget(simple)
        self.body.addWidget(self.trial)
        self.body.addStretch(1)


def _form(tokens: Tokens, fields: Mapping[str, QWidget]) -> QFormLayout:
    form = QFormLayout()
    form.setContentsMargins(0, 0, 0, 0)
    form.setHorizontalSpacing(6 * GRID)
    form.setVerticalSpacing(2 * GRID)
    form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.FieldsStayAtSizeHint)
    for name, field in fields.items():
        label = Quiet(tokens, name)
        label.setMinimumWidth(_LABEL_WIDTH)
        form.addRow(label, field)
    return form
