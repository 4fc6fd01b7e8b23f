"""One slot: its clip, and how the clip plays."""

from PySide6.QtCore import QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QContextMenuEvent, QDragEnterEvent, QDragLeaveEvent, QDropEvent, QPaintEvent
from PySide6.QtWidgets import QInputDialog, QWidget

from app.session.state import Slot
from app.widgets.button import Button
from app.widgets.keyboard import add_shortcut, slot_key
from app.widgets.layout import make_column, make_row
from app.widgets.level_fader import LevelFader
from app.widgets.painting import draw_text, edge_of, fill_rounded, make_painter
from app.widgets.panel import ElidedLabel
from app.widgets.stem_strip import StemStrip
from app.widgets.themed import Themed
from app.widgets.thumbnail import Thumbnail
from app.widgets.tokens import GRID, TYPE_BODY, Tokens, font

_PULSE_STEPS = 12
_PULSE_MS = 16


class SlotView(Themed, QWidget):
    """A slot with its thumbnail, buttons and level. It shows a `Slot` and emits what the user requests."""

    keep_requested = Signal()
    load_requested = Signal()
    menu_requested = Signal(object)  # QPoint on the screen
    renamed = Signal(str)
    dropped = Signal(list)  # paths

    def __init__(self, tokens: Tokens, number: int) -> None:
        super().__init__()
        self.number = number
        self.slot = Slot()
        self._pulse_left = 0
        self._targeted = False
        slot_name = f"slot {number + 1}"
        self.name = ElidedLabel(tokens)
        self.play = Button(tokens, icon="play", name=f"Play {slot_name}", shortcut=slot_key(number, "Alt+"), small=True)
        key = slot_key(number, "Ctrl+")
        self.load = Button(
            tokens, icon="load", name=f"Load the seed of {slot_name}", shortcut=key, small=True, flat=True
        )
        self.mute = Button(tokens, "M", name=f"Mute {slot_name}", lit="caution", small=True)
        self.solo = Button(tokens, "S", name=f"Solo {slot_name}", lit="good", small=True)
        self.level = LevelFader(tokens, name=f"Slot {number + 1} level")
        self.stems = StemStrip(tokens, slot_name, stacked=True)
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
        """Show a slot; a new clip pulses once."""
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
        self.level.show_level(slot.level_db)
        self.stems.show_stems(tuple(clip.loop.stems) if clip else (), slot.stems)
        self._describe()
        self.update()

    def start_pulse(self) -> None:
        """Glow for a fifth of a second."""
        self._pulse_left = _PULSE_STEPS
        self._pulse.start()

    def ask_name(self) -> None:
        """Ask for another name of the clip."""
        clip = self.slot.clip
        if clip is not None:
            name, accepted = QInputDialog.getText(self, f"Rename slot {self.number + 1}", "Name", text=clip.name)
            if accepted:
                self.renamed.emit(name)

    def apply_tokens(self) -> None:
        self.play.set_lit_colour(self.tokens.slot_colour(self.number))
        self.level.set_fill(self.tokens.slot_colour(self.number, 0.85))
        self.stems.set_colour(self.tokens.slot_colour(self.number, 0.85))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu_requested.emit(event.globalPos())

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
        painter, tokens = make_painter(self), self.tokens
        hue = tokens.slot_colour(self.number)
        highlighted = self._targeted or (self.slot.playing and self.slot.clip is not None)
        fill_rounded(painter, edge_of(self), tokens.colour("panel"), hue if highlighted else tokens.colour("line"))
        chip = QRectF(2 * GRID, 2 * GRID + 1, 18, 18)
        fill_rounded(painter, chip, hue if self.slot.clip else tokens.colour("raised"), radius=3)
        ink, face = tokens.colour("on_accent" if self.slot.clip else "faint"), font(TYPE_BODY - 1, strong=True)
        draw_text(painter, chip, str(self.number + 1), ink, Qt.AlignmentFlag.AlignCenter, face=face)

    def _lay_out(self) -> None:
        head = make_row((self.name, 1), self.load, self.play, spacing=2)
        head.setContentsMargins(18 + GRID + 2, 0, 0, 0)
        for widget in (self.mute, self.solo):
            widget.setFixedWidth(22)
        foot = make_row(self.mute, self.solo, (self.level, 1), spacing=3)
        column = make_column(head, (self.thumbnail, 1), self.stems, foot, spacing=GRID + 1, parent=self)
        column.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)

    def _connect(self) -> None:
        self.thumbnail.clicked.connect(self._keep_if_empty)
        self.thumbnail.load_requested.connect(self.load_requested)
        self.load.clicked.connect(self.load_requested)

    def _keep_if_empty(self) -> None:
        if self.slot.clip is None:
            self.keep_requested.emit()

    def _title(self) -> str:
        clip = self.slot.clip
        if clip is None:
            return ""
        return f"{clip.name} {clip.steps}x" if clip.steps > 1 else clip.name

    def _describe(self) -> None:
        clip = self.slot.clip
        self.setAccessibleName(f"Slot {self.number + 1}")
        content = f"{clip.name}, {clip.loop.beats} beat{'s' * (clip.loop.beats > 1)}" if clip else "empty"
        self.setAccessibleDescription(f"{content}{', playing' if self.slot.playing else ''}")
        self.thumbnail.setAccessibleName(f"Slot {self.number + 1}: {content}")
        with_stems = ", with Alt one file per stem" if clip and clip.loop.stems else ""
        tip = (
            f"{content} · drag out to save as WAV{with_stems} · double-click to load the seed"
            if clip
            else "Keep the live loop here"
        )
        self.thumbnail.setToolTip(add_shortcut(tip, slot_key(self.number, "Ctrl+" if clip else "")))

    def _fade_pulse(self) -> None:
        self._pulse_left -= 1
        self.thumbnail.set_pulse(max(self._pulse_left, 0) / _PULSE_STEPS)
        if self._pulse_left <= 0:
            self._pulse.stop()
