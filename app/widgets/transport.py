"""The bar at the top: clock, model, level, recording, output."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSizePolicy, QWidget

from app.widgets.beat_lights import BeatLights
from app.widgets.button import Key
from app.widgets.fader import Fader
from app.widgets.lamp import Lamp
from app.widgets.level_meter import LevelMeter
from app.widgets.number_box import NumberBox
from app.widgets.panel import Panel, Quiet
from app.widgets.tokens import GRID, TYPE_LARGE, Tokens
from technogan.sound.loop import MAX_BPM, MIN_BPM

SYSTEM_OUTPUT = "System"
_LOOK_AGAIN = "Look for devices again"
_LOUDEST, _QUIETEST = 6, -60


class Transport(Panel):
    """Play, tempo, model, undo, master, record, output, OSC lamp, and a count of dropouts where there are any."""

    play_toggled = Signal(bool)
    bpm_edited = Signal(float)
    tapped = Signal()
    model_chosen = Signal(object)  # str
    master_edited = Signal(float)
    record_toggled = Signal(bool)
    output_chosen = Signal(object)  # title, or None for the system's

    def __init__(self, tokens: Tokens, parent: QWidget | None = None) -> None:
        super().__init__(tokens, "", parent)
        self.menu = Key(tokens, icon="menu", name="Menu", tip="Sessions, view, settings", flat=True)
        self.play = Key(tokens, "Play", icon="play", shortcut="Space", tip="Start and stop the clock")
        self.play.setCheckable(True)
        self.play.setMinimumWidth(74)
        self.lights = BeatLights(tokens)
        tip = "Tempo: type, turn the wheel, or drag up and down"
        self.bpm = NumberBox(MIN_BPM, MAX_BPM, name="Tempo", tip=tip, decimals=1, size=TYPE_LARGE)
        self.bpm.setFixedWidth(76)
        self.bpm.setValue(128.0)
        self.tap = Key(tokens, "Tap", tip="Tap the tempo", shortcut="T")
        self.model = _Choice("Model", "The network that dreams")
        self.undo = Key(tokens, icon="undo", name="Undo", shortcut="Ctrl+Z", flat=True)
        self.redo = Key(tokens, icon="redo", name="Redo", shortcut="Ctrl+Shift+Z", flat=True)
        self.master = Fader(tokens, _QUIETEST, _LOUDEST, name="Master level", tip="Master level", rest=0)
        self.master.setValue(0)
        self.master_db = Quiet(tokens, "0 dB")
        self.meter = LevelMeter(tokens)
        self.record = Key(tokens, "Rec", icon="record", tip="Record what you hear", shortcut="Ctrl+R", lit="warning")
        self.record.setCheckable(True)
        self.output = _Choice("Output", "Sound device")
        self.dropouts = Quiet(tokens)
        self.osc = Lamp(tokens, "OSC")
        self._lay_out(tokens)
        self._connect()
        self.show_outputs([], None)
        self.show_dropouts(0)

    # --- what it shows

    def show_running(self, running: bool) -> None:
        """Whether the clock runs."""
        self.play.setChecked(running)
        self.play.setText("Stop" if running else "Play")
        self.play.set_icon("stop" if running else "play")

    def show_models(self, names: Sequence[str], chosen: str) -> None:
        """The models there are, and which one plays."""
        self.model.show_choices([(name, name) for name in names], chosen)

    def show_outputs(self, titles: Sequence[str], chosen: str | None) -> None:
        """The devices there are; None is the system's own choice. One that is gone stays chosen, and says so."""
        choices: list[tuple[str, str | None]] = [(SYSTEM_OUTPUT, None), *((title, title) for title in titles)]
        if chosen is not None and chosen not in titles:
            choices.append((f"{chosen}, not connected", chosen))
        self.output.show_choices([*choices, (_LOOK_AGAIN, _LOOK_AGAIN)], chosen)

    def show_master(self, level_db: float) -> None:
        """The master level."""
        self.master.setValue(round(level_db))
        self.master_db.setText("off" if level_db <= _QUIETEST else f"{level_db:+.0f} dB" if level_db else "0 dB")

    def show_recording(self, seconds: float | None) -> None:
        """How long the recording is; None for none."""
        self.record.setChecked(seconds is not None)
        self.record.setText("Rec" if seconds is None else f"{int(seconds) // 60}:{int(seconds) % 60:02d}")

    def show_dropouts(self, count: int) -> None:
        """How often the sound was interrupted; nothing for never."""
        self.dropouts.setVisible(count > 0)
        self.dropouts.setText(f"{count} dropout{'s' * (count > 1)}")

    # --- inside

    def _lay_out(self, tokens: Tokens) -> None:
        row = QHBoxLayout()
        row.setSpacing(2 * GRID)
        self.body.setContentsMargins(2 * GRID, GRID, 3 * GRID, GRID)
        self.body.addLayout(row)
        clock: list[QWidget] = [self.menu, self.play, self.lights, self.bpm, Quiet(tokens, "bpm"), self.tap]
        middle: list[QWidget] = [self.model, self.undo, self.redo]
        right: list[QWidget] = [self.dropouts, self.master, self.master_db, self.meter]
        for parts in (clock, middle, right, [self.record, self.output, self.osc]):
            for part in parts:
                row.addWidget(part, 2 if part is self.meter else 0)
            if parts is middle:
                row.addStretch(1)
        self.master.setFixedWidth(72)
        self.master_db.setFixedWidth(40)
        self.meter.setMaximumWidth(180)
        self.setFixedHeight(44)

    def _connect(self) -> None:
        self.play.clicked.connect(self._ask_play)
        self.bpm.value_edited.connect(self.bpm_edited)
        # On the way down: a tap is when the finger meets the key.
        self.tap.pressed.connect(self.tapped)
        self.model.chosen.connect(self.model_chosen)
        self.master.value_edited.connect(lambda value: self.master_edited.emit(float(value)))
        self.record.clicked.connect(self.record_toggled)
        self.output.chosen.connect(self._choose_output)

    def _ask_play(self, running: bool) -> None:
        self.show_running(running)
        self.play_toggled.emit(running)

    def _choose_output(self, title: str | None) -> None:
        self.output_chosen.emit(self.output.before if title == _LOOK_AGAIN else title)


class _Choice(QComboBox):
    """One of several things, told by what it stands for."""

    chosen = Signal(object)

    def __init__(self, name: str, tip: str) -> None:
        super().__init__()
        self.before: object = None
        self.setAccessibleName(name)
        self.setToolTip(tip)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(5)
        self.setMaximumWidth(160)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.activated.connect(lambda index: self.chosen.emit(self.itemData(index)))

    def show_choices(self, choices: Sequence[tuple[str, object]], chosen: object) -> None:
        """What there is to choose from, and what is chosen."""
        self.blockSignals(True)
        self.clear()
        for text, data in choices:
            self.addItem(text, data)
        self.setCurrentIndex(next((i for i, (_, data) in enumerate(choices) if data == chosen), 0))
        self.blockSignals(False)
        self.before = chosen
        self.setToolTip(self.currentText())
