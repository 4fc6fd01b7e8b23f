"""The bar at the top: clock, model, level, recording, output."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QSizePolicy

from app.widgets.beat_lights import BeatLights
from app.widgets.button import Button
from app.widgets.choice_box import ChoiceBox
from app.widgets.indicator_light import IndicatorLight
from app.widgets.layout import STRETCH, add_items, make_row
from app.widgets.level_fader import LevelFader, format_level
from app.widgets.level_meter import LevelMeter
from app.widgets.number_box import NumberBox
from app.widgets.panel import ElidedLabel, Panel, QuietLabel
from app.widgets.tokens import GRID, TYPE_LARGE, Tokens
from technogan.sound.loop import MAX_BPM, MIN_BPM

_SYSTEM_OUTPUT = "System"
_RESCAN = "Rescan devices"
_GAP = 6
# In a small window the number fits, but not the word.
_DROPOUTS_WIDTH = 40


class Transport(Panel):
    """Play, tempo, model, undo, master level, recording, output and OSC; dropouts only if there are any."""

    play_toggled = Signal(bool)
    output_chosen = Signal(object)  # its title; None for the system's default

    def __init__(self, tokens: Tokens) -> None:
        super().__init__(tokens)
        self.menu = Button(tokens, icon="menu", name="Menu", shortcut="F10", flat=True)
        self.play = Button(tokens, "Play", icon="play", shortcut="Space", tip="Start or stop the clock")
        self.play.setCheckable(True)
        self.play.setMinimumWidth(74)
        self.lights = BeatLights(tokens)
        tip = "Tempo: type, scroll, or drag up and down"
        self.bpm = NumberBox(MIN_BPM, MAX_BPM, name="Tempo", tip=tip, decimals=2, fewest_decimals=1, size=TYPE_LARGE)
        self.bpm.setFixedWidth(76)
        self.bpm.setValue(128.0)
        self.tap = Button(tokens, "Tap", tip="Tap tempo", shortcut="T")
        self.model = ChoiceBox("Model")
        self.undo = Button(tokens, icon="undo", name="Undo", shortcut="Ctrl+Z", flat=True)
        self.redo = Button(tokens, icon="redo", name="Redo", shortcut="Ctrl+Shift+Z", flat=True)
        self.master = LevelFader(tokens, name="Master level")
        self.master_db = QuietLabel(tokens, "0 dB")
        self.meter = LevelMeter(tokens)
        self.record = Button(tokens, "Rec", icon="record", tip="Record the output", shortcut="Ctrl+R", lit="warning")
        self.record.setCheckable(True)
        self.output = ChoiceBox("Output", "Audio output")
        self._output: str | None = None
        self.dropouts = ElidedLabel(tokens)
        self.osc = IndicatorLight(tokens, "OSC")
        self._lay_out(tokens)
        self._connect()
        self.show_outputs([], None)
        self.show_dropouts(0)

    # --- display

    def show_running(self, running: bool) -> None:
        """Show that the clock runs or is stopped."""
        self.play.setChecked(running)
        self.play.setText("Stop" if running else "Play")
        self.play.set_icon("stop" if running else "play")

    def show_models(self, names: Sequence[str], chosen: str) -> None:
        """Show the available models and the current one."""
        self.model.show_choices([(name, name) for name in names], chosen)

    def show_outputs(self, titles: Sequence[str], chosen: str | None) -> None:
        """Show the available outputs; None is the system's default. A missing output stays chosen and is marked."""
        self._output = chosen
        choices: list[tuple[str, str | None]] = [(_SYSTEM_OUTPUT, None), *((title, title) for title in titles)]
        if chosen is not None and chosen not in titles:
            choices.append((f"{chosen}, not connected", chosen))
        self.output.show_choices([*choices, (_RESCAN, _RESCAN)], chosen)

    def show_master(self, level_db: float) -> None:
        """Show the master level."""
        self.master.show_level(level_db)
        self.master_db.setText(format_level(level_db))

    def show_recording(self, seconds: float | None) -> None:
        """Show the length of the recording; None if nothing is recorded."""
        self.record.setChecked(seconds is not None)
        self.record.setText("Rec" if seconds is None else f"{int(seconds) // 60}:{int(seconds) % 60:02d}")

    def show_dropouts(self, count: int) -> None:
        """Show the number of dropouts; hide it if there are none."""
        self.dropouts.setVisible(count > 0)
        self.dropouts.setText(f"{count} dropout{'s' * (count > 1)}")
        self.dropouts.setToolTip(self.dropouts.text())

    # --- layout and connections

    def _lay_out(self, tokens: Tokens) -> None:
        row = make_row(self.menu, self.play, self.lights, self.bpm, QuietLabel(tokens, "BPM"), self.tap, spacing=_GAP)
        add_items(row, self.model, self.undo, self.redo, STRETCH)
        add_items(row, self.dropouts, self.master, self.master_db, (self.meter, 2), self.record, self.output, self.osc)
        self.body.setContentsMargins(2 * GRID, GRID, 3 * GRID, GRID)
        self.body.addLayout(row)
        for box in (self.model, self.output):
            box.setMaximumWidth(160)
            box.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.master.setFixedWidth(60)
        self.dropouts.setMinimumWidth(_DROPOUTS_WIDTH)
        self.master_db.setFixedWidth(40)
        self.meter.setMaximumWidth(180)
        self.setFixedHeight(44)

    def _connect(self) -> None:
        self.play.clicked.connect(self._toggle_play)
        self.output.chosen.connect(self._choose_output)

    def _toggle_play(self, running: bool) -> None:
        self.show_running(running)
        self.play_toggled.emit(running)

    def _choose_output(self, title: str | None) -> None:
        # Choosing the current output again makes the player look for devices.
        self.output_chosen.emit(self._output if title == _RESCAN else title)
