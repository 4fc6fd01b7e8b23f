"""The page with the options of a new run, and what it takes on this machine."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from PySide6.QtWidgets import QComboBox, QWidget

from app.widgets.button import Button
from app.widgets.layout import STRETCH, add_items, make_row
from app.widgets.number_box import NumberBox
from app.widgets.panel import Panel
from app.widgets.segments import Segments
from app.widgets.tokens import Tokens
from app.wizards.common.page import Page
from app.wizards.training.benchmark import BenchmarkPanel
from app.wizards.training.form import FIELD_WIDTH, make_form, make_name_field
from app.wizards.training.plan import TrainingPlan
from app.wizards.training.runs import TrainingOptions
from technogan.records import read_record_leniently

_LENGTHS: dict[str, float | None] = {
    "30 min": 30.0,
    "2 h": 120.0,
    "8 h": 480.0,
    "24 h": 1440.0,
    "until I stop it": None,
}
_BACKENDS = (("automatic", ""), ("TensorFlow", "tensorflow"), ("PyTorch", "torch"))
_PRECISIONS = (("float32: works everywhere", ""), ("bfloat16: for AMX, Ampere and later", "bfloat16"))


class SettingsPage(Page):
    """Name and length of a run; the other options are folded away."""

    name, step = "settings", "Settings"
    heading = "How long, and how?"
    lead = "Every option has a sensible default. Whatever you choose, you can stop, save or resume at any time."

    def __init__(self, tokens: Tokens, plan: TrainingPlan) -> None:
        super().__init__(tokens)
        self._plan = plan
        self.model = make_name_field()
        self.length = Segments(tokens, list(_LENGTHS), name="How long", tip="Training time; you can extend it later")
        self.more = Button(tokens, "More settings", tip="Network, back end, precision, batch", small=True)
        self.network, self.backend, self.precision = QComboBox(), QComboBox(), QComboBox()
        self.batch = NumberBox(0, 4096, name="Batch", tip="Fewer images take less memory. 0: the network's default")
        self.batch.setSpecialValueText("automatic")
        self.every = NumberBox(1, 240, name="Minutes between checkpoints")
        self.benchmark = BenchmarkPanel(tokens, plan)
        self._lay_out(tokens)
        self._connect()
        self._show()

    def complete(self) -> bool:
        return self._plan.dataset is not None

    def enter(self) -> None:
        names = self._plan.dataset.networks if self._plan.dataset else ()
        self.network.clear()
        self.network.addItem(f"{names[0]}: the default for this format" if names else "automatic", "")
        for name in names[1:]:
            self.network.addItem(f"{name}: the research prototype, slow", name)
        self._show()

    def state(self) -> dict[str, Any]:
        return asdict(self._plan.options) | {"name": self._plan.name, "trial": self.benchmark.state()}

    def restore(self, state: Mapping[str, Any]) -> None:
        self._plan.options, _ = read_record_leniently(TrainingOptions, state)
        self._plan.name = state["name"] if isinstance(state.get("name"), str) else ""
        self.benchmark.restore(state.get("trial"))
        self._show()

    def close_page(self) -> None:
        self.benchmark.stop()

    def _show(self) -> None:
        options = self._plan.options
        self.model.setPlaceholderText(self._plan.run_name)
        if self.model.text() != self._plan.name and not self.model.hasFocus():
            self.model.setText(self._plan.name)
        for label, minutes in _LENGTHS.items():
            if minutes == options.minutes:
                self.length.show_choice(label)
        self.batch.show_value(options.batch)
        self.every.show_value(options.checkpoint_minutes)
        shown = ((self.network, options.network), (self.backend, options.backend), (self.precision, options.precision))
        for box, value in shown:
            box.setCurrentIndex(max(0, box.findData(value)))
        self.benchmark.show_cost()
        self.changed.emit()

    def _set(self, **options: Any) -> None:
        self._plan.options = replace(self._plan.options, **options)
        self._show()

    def _set_name(self) -> None:
        self._plan.name = self.model.text()
        self.changed.emit()

    def _connect(self) -> None:
        self.length.chosen.connect(lambda label: self._set(minutes=_LENGTHS[label]))
        self.model.editingFinished.connect(self._set_name)
        self.network.activated.connect(lambda _i: self._set(network=self.network.currentData()))
        self.backend.activated.connect(lambda _i: self._set(backend=self.backend.currentData()))
        self.precision.activated.connect(lambda _i: self._set(precision=self.precision.currentData()))
        self.batch.value_edited.connect(lambda value: self._set(batch=0 if value < 2 else round(value)))
        self.every.value_edited.connect(lambda value: self._set(checkpoint_minutes=value))
        self.benchmark.changed.connect(self.changed)
        self._plan.changed.connect(self._show)

    def _toggle_more(self, folded: QWidget) -> None:
        folded.setVisible(folded.isHidden())
        self.more.setText("More settings" if folded.isHidden() else "Fewer settings")

    def _lay_out(self, tokens: Tokens) -> None:
        for box, name, items in (
            (self.network, "Network", ()),
            (self.backend, "Back end", _BACKENDS),
            (self.precision, "Precision", _PRECISIONS),
        ):
            box.setAccessibleName(name)
            box.setMinimumWidth(FIELD_WIDTH)
            for text, value in items:
                box.addItem(text, value)
        folded = QWidget()
        fields = {
            "Network": self.network,
            "Back end": self.backend,
            "Precision": self.precision,
            "Images per step (batch)": self.batch,
            "Minutes between checkpoints": self.every,
        }
        folded.setLayout(make_form(tokens, fields))
        folded.hide()
        self.more.clicked.connect(lambda: self._toggle_more(folded))
        panel = Panel(tokens, "Training")
        form = make_form(tokens, {"Name of the model": self.model, "How long": self.length})
        add_items(panel.body, form, make_row(self.more, STRETCH), folded)
        add_items(self.body, panel, self.benchmark, STRETCH)
