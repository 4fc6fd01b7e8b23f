"""The list of a wizard's steps: which one is shown, which are done and which can be reached."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from app.widgets.keyboard import is_activation_key
from app.widgets.layout import make_column
from app.widgets.painting import draw_text, edge_of, fill_rounded, make_painter
from app.widgets.themed import FixedHints, Themed
from app.widgets.tokens import GRID, TYPE_BODY, TYPE_SMALL, Tokens, font

_HEIGHT = 36
_CIRCLE = 20


class StepButton(FixedHints, Themed, QAbstractButton):
    """A numbered step, with a tick once it is `done`."""

    size_hint = QSize(180, _HEIGHT)

    def __init__(self, tokens: Tokens, number: int, text: str) -> None:
        super().__init__()
        self.number, self.done = number, False
        self.setText(text)
        self.setCheckable(True)
        self.setAccessibleName(f"Step {number}: {text}")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.restyle(tokens)

    def show_done(self, done: bool) -> None:
        """Show whether the step is done."""
        self.done = done
        self.setAccessibleDescription("done" if done else "")
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if is_activation_key(event):
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, tokens, area = make_painter(self), self.tokens, edge_of(self)
        hovered = self.underMouse() and self.isEnabled()
        ground = tokens.colour("raised", 1.0 if self.isChecked() else 0.5 if hovered else 0.0)
        fill_rounded(painter, area, ground, tokens.colour("accent") if self.hasFocus() else None)
        circle = QRectF(2 * GRID, (self.height() - _CIRCLE) / 2, _CIRCLE, _CIRCLE)
        self._paint_number(painter, circle)
        ink = "text" if self.isChecked() else "quiet" if self.isEnabled() else "faint"
        text_area = area.adjusted(circle.right() + 2 * GRID, 0, -GRID, 0)
        draw_text(painter, text_area, self.text(), tokens.colour(ink), face=font(TYPE_BODY, strong=self.isChecked()))

    def _paint_number(self, painter: QPainter, circle: QRectF) -> None:
        tokens = self.tokens
        lit = self.isChecked()
        painter.setPen(Qt.PenStyle.NoPen if lit else tokens.colour("accent" if self.done else "line"))
        painter.setBrush(tokens.colour("accent", 1.0 if lit else 0.0))
        painter.drawEllipse(circle)
        if self.done and not lit:
            self._paint_tick(painter, circle)
            return
        ink = tokens.colour("on_accent" if lit else "quiet" if self.isEnabled() else "faint")
        face = font(TYPE_SMALL + 1, strong=True)
        draw_text(painter, circle, str(self.number), ink, Qt.AlignmentFlag.AlignCenter, face=face)

    def _paint_tick(self, painter: QPainter, circle: QRectF) -> None:
        pen = painter.pen()
        pen.setWidthF(1.6)
        painter.setPen(pen)
        x, y = circle.center().x(), circle.center().y()
        painter.drawPolyline([QPointF(x - 4, y), QPointF(x - 1, y + 3), QPointF(x + 4.5, y - 3.5)])


class StepList(QWidget):
    """The buttons of all steps.

    Attributes:
        chosen: emitted with the index of a step, from 0, that the user clicks.
    """

    chosen = Signal(int)

    def __init__(self, tokens: Tokens, names: Sequence[str]) -> None:
        super().__init__(accessibleName="StepList")
        self.steps = [StepButton(tokens, i + 1, name) for i, name in enumerate(names)]
        for i, step in enumerate(self.steps):
            step.clicked.connect(lambda _checked=False, i=i: self.chosen.emit(i))
        make_column(*self.steps, spacing=2, parent=self)

    def show_steps(self, current: int, done: Sequence[bool], reachable: Sequence[bool]) -> None:
        """Show the current step, and which steps are done and can be reached."""
        for i, step in enumerate(self.steps):
            step.setChecked(i == current)
            step.show_done(done[i])
            step.setEnabled(reachable[i])
