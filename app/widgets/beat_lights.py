"""Four lights that follow the beat, with the number of the bar."""

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.widgets.painting import draw_text, fill_rounded, make_painter
from app.widgets.themed import FixedHints, Themed
from app.widgets.tokens import TYPE_SMALL, Tokens, font
from technogan.sound.loop import BEATS_PER_BAR

_SIDE, _GAP = 8, 3


class BeatLights(FixedHints, Themed, QWidget):
    """Lights that show the position of the clock; all dark while it is stopped."""

    size_hint = QSize(BEATS_PER_BAR * (_SIDE + _GAP) + 28, 20)

    def __init__(self, tokens: Tokens) -> None:
        super().__init__(accessibleName="Beat", toolTip="Beat and bar")
        self.beat: int | None = None
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFont(font(TYPE_SMALL))
        self.restyle(tokens)

    def set_beats(self, beats: float | None) -> None:
        """Show the position of the clock in beats; None if it is stopped."""
        beat = None if beats is None else int(beats)
        if beat != self.beat:
            self.beat = beat
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, tokens = make_painter(self), self.tokens
        top = (self.height() - _SIDE) / 2
        for i in range(BEATS_PER_BAR):
            lit = self.beat is not None and self.beat % BEATS_PER_BAR == i
            colour = ("accent" if i == 0 else "text") if lit else "pressed"
            fill_rounded(painter, QRectF(i * (_SIDE + _GAP), top, _SIDE, _SIDE), tokens.colour(colour), radius=2)
        if self.beat is not None:
            area = self.rect().adjusted(BEATS_PER_BAR * (_SIDE + _GAP) + 3, 0, 0, 0)
            draw_text(painter, area, str(self.beat // BEATS_PER_BAR + 1), tokens.colour("quiet"))
