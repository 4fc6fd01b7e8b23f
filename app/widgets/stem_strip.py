"""The stems of a loop side by side, each with a switch and a level."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from app.session.state import StemMix
from app.widgets.button import Button
from app.widgets.level_fader import LevelFader
from app.widgets.painting import draw_text
from app.widgets.themed import FixedHints, Themed
from app.widgets.tokens import GRID, TYPE_SMALL, Tokens, font

_SOLO_KEYS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier


class StemSwitch(FixedHints, Button):
    """A switch that is lit while its stem plays. Without room for its name it shows the first letter."""

    size_hint, least_size = QSize(40, 16), QSize(16, 16)

    switched = Signal()
    solo_requested = Signal()  # by a click, or Return, with Ctrl or Alt

    def __init__(self, tokens: Tokens, title: str, *, name: str) -> None:
        tip = f"{title} on or off · Ctrl+click or Alt+click for {title} alone"
        super().__init__(tokens, title, name=name, tip=tip, small=True)
        self.setCheckable(True)
        self.setFont(font(TYPE_SMALL))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._solo = False
        self.clicked.connect(lambda: (self.solo_requested if self._solo else self.switched).emit())

    @property
    def text_width(self) -> int:
        """The width of its text in pixels."""
        return self.fontMetrics().horizontalAdvance(self.text())

    def nextCheckState(self) -> None:
        """Stay as it is: the session decides."""

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._solo = bool(event.modifiers() & _SOLO_KEYS)
        super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self._solo = bool(event.modifiers() & _SOLO_KEYS)
        super().keyPressEvent(event)

    def _paint_face(self, painter: QPainter, area: QRectF, ink: QColor) -> None:
        fits = self.text_width <= area.width()
        draw_text(painter, area, self.text() if fits else self.text()[:1], ink, Qt.AlignmentFlag.AlignCenter)


class StemFader(LevelFader):
    """A small level fader."""

    size_hint, least_size = QSize(40, 12), QSize(16, 12)


class StemStrip(Themed, QWidget):
    """The stems of one loop; hidden for a loop without stems. It shows a `StemMix` and emits what the user requests.

    Args:
        tokens: the theme.
        of: what the stems belong to, for screen readers.
        stacked: put each fader below its switch, not next to it.
    """

    toggled = Signal(str)
    solo_requested = Signal(str)
    level_edited = Signal(str, float)

    def __init__(self, tokens: Tokens, of: str, *, stacked: bool) -> None:
        super().__init__()
        self._of, self._stacked = of, stacked
        self._shown: tuple[tuple[str, ...], StemMix] = ((), StemMix())
        self._colour: QColor | None = None
        self.switches: dict[str, StemSwitch] = {}
        self.faders: dict[str, StemFader] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(2 if stacked else GRID)
        self._grid.setVerticalSpacing(1)
        self.setVisible(False)
        self.restyle(tokens)

    def show_stems(self, names: Sequence[str], mix: StemMix) -> None:
        """Show how a loop's stems play."""
        shown = (tuple(names), mix)
        if shown == self._shown:
            return
        if shown[0] != self._shown[0]:
            self._rebuild(shown[0])
        self._shown = shown
        heard, solo = mix.heard(names), mix.solo
        for name, switch in self.switches.items():
            switch.setChecked(name in heard)
            switch.set_lit_colour(self.tokens.colour("good") if name == solo else self._colour)
            self.faders[name].show_level(mix.stem(name).level_db)

    def set_colour(self, colour: QColor | None) -> None:
        """Set the colour of stems that play; None for the accent."""
        self._colour = colour
        for name, switch in self.switches.items():
            switch.set_lit_colour(self.tokens.colour("good") if name == self._shown[1].solo else colour)
            if colour is not None:
                self.faders[name].set_fill(colour)

    def apply_tokens(self) -> None:
        self.set_colour(self._colour)

    def _rebuild(self, names: tuple[str, ...]) -> None:
        for widget in (*self.switches.values(), *self.faders.values()):
            self._grid.removeWidget(widget)
            widget.deleteLater()
        self.switches, self.faders = {}, {}
        for i, name in enumerate(names):
            self._add(i, name)
        self.set_colour(self._colour)
        self.setVisible(bool(names))

    def _add(self, index: int, name: str) -> None:
        title = title_of(name)
        switch = StemSwitch(self.tokens, title, name=f"{title} of {self._of}")
        fader = StemFader(self.tokens, name=f"{title} level of {self._of}")
        switch.switched.connect(partial(self.toggled.emit, name))
        switch.solo_requested.connect(partial(self.solo_requested.emit, name))
        fader.level_edited.connect(partial(self.level_edited.emit, name))
        self.switches[name], self.faders[name] = switch, fader
        if self._stacked:
            self._grid.addWidget(switch, 0, index)
            self._grid.addWidget(fader, 1, index)
            # In a narrow slot, all names fit only if longer ones get more room.
            self._grid.setColumnStretch(index, switch.text_width + GRID)
        else:
            switch.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
            switch.setFixedWidth(switch.text_width + 3 * GRID)
            self._grid.addWidget(switch, 0, 2 * index)
            self._grid.addWidget(fader, 0, 2 * index + 1)


def title_of(stem: str) -> str:
    """Return the name of a stem as the window shows it, such as "Kick"."""
    words = stem.replace("_", " ").strip()
    return words[:1].upper() + words[1:]
