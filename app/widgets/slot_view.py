"""One sample slot: what it holds, and how it is played."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QContextMenuEvent, QDragEnterEvent, QDragLeaveEvent, QDropEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QInputDialog, QMenu, QVBoxLayout, QWidget

from app.session.state import MAX_LEVEL_DB, MIN_LEVEL_DB, Slot
from app.widgets.button import Key
from app.widgets.fader import Fader
from app.widgets.panel import Elided
from app.widgets.themed import Themed
from app.widgets.thumbnail import Thumbnail
from app.widgets.tokens import GRID, HAIRLINE, RADIUS, TYPE_BODY, Tokens, font

_PULSE_STEPS = 12
_PULSE_MS = 16


class SlotView(Themed, QWidget):
    """Asks for changes by what it emits; shows what `show_slot` was given."""

    keep_asked = Signal()
    load_asked = Signal()
    clear_asked = Signal()
    save_asked = Signal()
    drag_asked = Signal()
    renamed = Signal(str)
    play_toggled = Signal(bool)
    mute_toggled = Signal(bool)
    solo_toggled = Signal(bool)
    level_edited = Signal(float)
    dropped = Signal(list)  # paths

    def __init__(self, tokens: Tokens, number: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.number = number
        self.slot = Slot()
        self._pulse_left = 0
        self._targeted = False
        key = f"Alt+{number + 1}" if number < 8 else ""
        self.name = Elided(tokens)
        self.play = Key(tokens, icon="play", name=f"Play slot {number + 1}", shortcut=key, small=True)
        self.load = Key(tokens, icon="load", name=f"Load the seed of slot {number + 1}", small=True, flat=True)
        self.mute = Key(tokens, "M", name=f"Mute slot {number + 1}", lit="caution", small=True)
        self.solo = Key(tokens, "S", name=f"Solo slot {number + 1}", lit="good", small=True)
        level_name = f"Level of slot {number + 1}"
        self.level = Fader(tokens, int(MIN_LEVEL_DB), int(MAX_LEVEL_DB), name=level_name, rest=0)
        self.thumbnail = Thumbnail(tokens, number)
        self._pulse = QTimer(self, interval=_PULSE_MS)
        self._pulse.timeout.connect(self._fade_pulse)
        for button in (self.play, self.mute, self.solo):
            button.setCheckable(True)
        self.setAcceptDrops(True)
        self._lay_out()
        self._connect()
        self.restyle(tokens)
        self.show_slot(Slot())

    def show_slot(self, slot: Slot) -> None:
        """Show it; a clip that is new pulses shortly."""
        if slot.clip is not None and slot.clip is not self.slot.clip:
            self.start_pulse()
        self.slot = slot
        clip = slot.clip
        self.thumbnail.show_loop(clip.loop if clip else None)
        self.name.setText(self._title())
        for button in (self.play, self.mute, self.solo, self.level, self.load):
            button.setEnabled(clip is not None)
        self.load.setVisible(clip is not None and clip.seed is not None)
        self.play.setChecked(slot.playing)
        self.play.set_icon("stop" if slot.playing else "play")
        self.mute.setChecked(slot.muted)
        self.solo.setChecked(slot.soloed)
        self.level.setValue(round(slot.level_db))
        self.level.setToolTip(f"Level {slot.level_db:.0f} dB")
        self._describe()
        self.update()

    def start_pulse(self) -> None:
        """Glow for a fifth of a second."""
        self._pulse_left = _PULSE_STEPS
        self._pulse.start()

    def restyled(self) -> None:
        """See Themed."""
        self.play.set_lit_colour(self.tokens.slot_colour(self.number))
        self.level.set_fill(self.tokens.slot_colour(self.number, 0.85))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = QMenu(self)
        full = self.slot.clip is not None
        has_seed = full and self.slot.clip is not None and self.slot.clip.seed is not None
        for text, asked, enabled in (
            (f"Keep the live loop here\t{self.number + 1}", self.keep_asked.emit, True),
            (f"Load its seed\tCtrl+{self.number + 1}", self.load_asked.emit, has_seed),
            ("Rename…", self._ask_name, full),
            ("Save as WAV…", self.save_asked.emit, full),
            ("Clear", self.clear_asked.emit, full),
        ):
            action = menu.addAction(text)
            action.setEnabled(enabled)
            action.triggered.connect(lambda _checked=False, asked=asked: asked())
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(event.globalPos())

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            self._targeted = True
            event.acceptProposedAction()
            self.update()

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:
        self._targeted = False
        self.update()

    def dropEvent(self, event: QDropEvent) -> None:
        self._targeted = False
        event.acceptProposedAction()
        self.update()
        self.dropped.emit([url.toLocalFile() for url in event.mimeData().urls()])

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, tokens = QPainter(self), self.tokens
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        hue = tokens.slot_colour(self.number)
        lively = self._targeted or (self.slot.playing and self.slot.clip is not None)
        painter.setPen(QPen(hue if lively else tokens.colour("line"), HAIRLINE))
        painter.setBrush(tokens.colour("panel"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)
        chip = QRectF(2 * GRID, 2 * GRID + 1, 18, 18)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(hue if self.slot.clip else tokens.colour("raised"))
        painter.drawRoundedRect(chip, 3, 3)
        painter.setPen(tokens.colour("on_accent" if self.slot.clip else "faint"))
        painter.setFont(font(TYPE_BODY - 1, strong=True))
        painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, str(self.number + 1))

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        column.setSpacing(GRID + 1)
        head = QHBoxLayout()
        head.setContentsMargins(18 + GRID + 2, 0, 0, 0)
        head.setSpacing(2)
        head.addWidget(self.name, 1)
        head.addWidget(self.load)
        head.addWidget(self.play)
        foot = QHBoxLayout()
        foot.setSpacing(3)
        for widget in (self.mute, self.solo):
            widget.setFixedWidth(22)
            foot.addWidget(widget)
        foot.addWidget(self.level, 1)
        column.addLayout(head)
        column.addWidget(self.thumbnail, 1)
        column.addLayout(foot)

    def _connect(self) -> None:
        self.thumbnail.clicked.connect(self._clicked)
        self.thumbnail.load_asked.connect(self.load_asked)
        self.thumbnail.drag_asked.connect(self.drag_asked)
        self.play.clicked.connect(self.play_toggled)
        self.mute.clicked.connect(self.mute_toggled)
        self.solo.clicked.connect(self.solo_toggled)
        self.load.clicked.connect(self.load_asked)
        self.level.value_edited.connect(lambda value: self.level_edited.emit(float(value)))

    def _clicked(self) -> None:
        if self.slot.clip is None:
            self.keep_asked.emit()

    def _ask_name(self) -> None:
        clip = self.slot.clip
        if clip is not None:
            name, given = QInputDialog.getText(self, "Rename", f"Name of slot {self.number + 1}", text=clip.name)
            if given:
                self.renamed.emit(name)

    def _title(self) -> str:
        clip = self.slot.clip
        if clip is None:
            return ""
        return f"{clip.name} {clip.steps}x" if clip.steps > 1 else clip.name

    def _describe(self) -> None:
        clip = self.slot.clip
        self.setAccessibleName(f"Slot {self.number + 1}")
        held = f"{clip.name}, {clip.loop.beats} beats" if clip else "empty"
        self.setAccessibleDescription(f"{held}{', playing' if self.slot.playing else ''}")
        self.thumbnail.setAccessibleName(f"Slot {self.number + 1}: {held}")
        tip = f"{held} · drag it out as a WAV · double click loads its seed" if clip else "Keep the live loop here"
        self.thumbnail.setToolTip(f"{tip}  ({'Ctrl+' if clip else ''}{self.number + 1})")

    def _fade_pulse(self) -> None:
        self._pulse_left -= 1
        self.thumbnail.set_pulse(max(self._pulse_left, 0) / _PULSE_STEPS)
        if self._pulse_left <= 0:
            self._pulse.stop()
