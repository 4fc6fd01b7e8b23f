"""What went wrong on a page, in its own place: what happened, what to do, and the details for a report."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from app.widgets.button import Key
from app.widgets.themed import Themed
from app.widgets.tokens import GRID, RADIUS, Tokens
from app.wizards.common.text import Body

_DETAILS_HEIGHT = 120


class Trouble(Themed, QWidget):
    """Hidden until there is something. tone: "warning" for what ended something, "caution" for what is to be known.

    retried: the key was pressed that does something about it.
    """

    retried = Signal()

    def __init__(self, tokens: Tokens, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tone = "warning"
        self.what = Body(tokens)
        self.advice = Body(tokens, tone="quiet")
        self.retry = Key(tokens, "Try again")
        self.more = Key(tokens, "Details", tip="What the process printed", flat=True, small=True)
        self.details = QPlainTextEdit()
        self._lay_out()
        self.more.setCheckable(True)
        self.more.toggled.connect(self.details.setVisible)
        self.retry.clicked.connect(self.retried)
        self.setAccessibleName("Trouble")
        self.restyle(tokens)
        self.clear()

    def show_trouble(
        self, what: str, advice: str = "", *, details: str = "", retry: str = "", tone: str = "warning"
    ) -> None:
        """what: happened. advice: what to do. retry: the words on the key that does it; "" for none."""
        self.tone = tone
        self.what.setText(what)
        self.advice.setText(advice)
        self.advice.setVisible(bool(advice))
        self.retry.setText(retry)
        self.retry.setAccessibleName(retry)
        self.retry.setVisible(bool(retry))
        self.more.setVisible(bool(details))
        self.more.setChecked(False)
        self.details.setPlainText(details)
        self.details.hide()
        self.setAccessibleDescription(f"{what} {advice}")
        self.setVisible(True)
        self.update()

    def clear(self) -> None:
        """All is well."""
        self.hide()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        area = QRectF(self.rect())
        painter.setBrush(self.tokens.colour(self.tone, 0.12))
        painter.drawRoundedRect(area, RADIUS, RADIUS)
        painter.setBrush(self.tokens.colour(self.tone))
        painter.drawRoundedRect(QRectF(0, 0, 3, area.height()), 1.5, 1.5)

    def _lay_out(self) -> None:
        self.details.setReadOnly(True)
        self.details.setFixedHeight(_DETAILS_HEIGHT)
        self.details.setAccessibleName("Details")
        keys = QHBoxLayout()
        keys.addWidget(self.retry)
        keys.addWidget(self.more)
        keys.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(4 * GRID, 3 * GRID, 4 * GRID, 3 * GRID)
        column.setSpacing(2 * GRID)
        column.addWidget(self.what)
        column.addWidget(self.advice)
        column.addLayout(keys)
        column.addWidget(self.details)
