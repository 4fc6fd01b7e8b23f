"""A level meter with peak hold."""

import math

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.widgets.painting import draw_frame
from app.widgets.themed import FixedHints, Themed
from app.widgets.tokens import Tokens

FLOOR_DB = -48.0
_CAUTION_DB = -3.0
_WARNING_DB = -0.6
_FALL_DB_S = 24.0
_HOLD_S = 1.2


class LevelMeter(FixedHints, Themed, QWidget):
    """A bar in dBFS that rises immediately and falls by 24 dB per second."""

    size_hint, least_size = QSize(110, 10), QSize(60, 10)

    def __init__(self, tokens: Tokens) -> None:
        super().__init__(accessibleName="Output level")
        self.level_db = self.peak_db = FLOOR_DB
        self.limiting = False
        self._peak_age_s = 0.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setToolTip("True peak of the output. The frame turns amber while the limiter is active.")
        self.restyle(tokens)

    def show_level(self, true_peak: float, reduction: float, elapsed_s: float) -> None:
        """Show the linear true peak since the last call, and the gain reduction of the limiter, 0..1."""
        before = (self.level_db, self.peak_db, self.limiting)
        now = max(20 * math.log10(true_peak), FLOOR_DB) if true_peak > 0 else FLOOR_DB
        self.level_db = max(now, self.level_db - _FALL_DB_S * elapsed_s, FLOOR_DB)
        self._peak_age_s += elapsed_s
        if now >= self.peak_db:
            self.peak_db, self._peak_age_s = now, 0.0
        elif self._peak_age_s > _HOLD_S:
            self.peak_db = max(self.peak_db - _FALL_DB_S * elapsed_s, FLOOR_DB)
        self.limiting = reduction > 1e-3
        if before != (self.level_db, self.peak_db, self.limiting):
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, tokens = QPainter(self), self.tokens
        area = QRectF(self.rect())
        painter.fillRect(area, tokens.colour("well"))
        x = 0.0
        for until, colour in ((_CAUTION_DB, "good"), (_WARNING_DB, "caution"), (0.0, "warning")):
            end = self._x_of(min(self.level_db, until))
            if end > x:
                painter.fillRect(QRectF(x, 2, end - x, area.height() - 4), tokens.colour(colour))
                x = end
        if self.peak_db > FLOOR_DB:
            painter.fillRect(QRectF(self._x_of(self.peak_db) - 2, 1, 2, area.height() - 2), tokens.colour("text"))
        draw_frame(painter, self, tokens.colour("caution" if self.limiting else "line"))

    def _x_of(self, db: float) -> float:
        return (min(max(db, FLOOR_DB), 0.0) - FLOOR_DB) / -FLOOR_DB * self.width()
