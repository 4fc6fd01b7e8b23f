"""The card of the first run: steps to try, and a frame around the control of the next one."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.widgets.button import Button
from app.widgets.icons import paint_icon
from app.widgets.layout import STRETCH, add_items
from app.widgets.painting import draw_text, fill_rounded, make_painter
from app.widgets.panel import Panel, QuietLabel
from app.widgets.themed import Themed
from app.widgets.tokens import GRID, RADIUS, TYPE_LARGE, TYPE_SMALL, Tokens, font

_WIDTH = 400
_ROW_HEIGHT = 30
_CAP_WIDTH, _CAP_HEIGHT = 56, 22
_CHECK = 11
_REACH = 3


@dataclass(frozen=True, slots=True)
class WelcomeStep:
    """A step to try: a key or gesture, and its effect."""

    key: str
    text: str


class Outline(Themed, QWidget):
    """A frame around a control, transparent to clicks."""

    def __init__(self, tokens: Tokens, parent: QWidget) -> None:
        super().__init__(parent)
        self._parent = parent
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.restyle(tokens)
        self.hide()

    def surround(self, target: QWidget) -> None:
        """Frame a widget of the same window."""
        corner = target.mapTo(self._parent, QPoint(0, 0))
        self.setGeometry(QRect(corner, target.size()).adjusted(-_REACH, -_REACH, _REACH, _REACH))
        self.show()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = make_painter(self)
        painter.setPen(QPen(self.tokens.colour("accent"), 2))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), RADIUS + _REACH, RADIUS + _REACH)


class StepRow(Themed, QWidget):
    """One step: its key, its effect, and a check mark once it is done."""

    def __init__(self, tokens: Tokens, step: WelcomeStep) -> None:
        super().__init__()
        self.step, self.done, self.next = step, False, False
        self.setFixedHeight(_ROW_HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(f"{step.key}: {step.text}")
        self.restyle(tokens)

    def show_state(self, *, done: bool, is_next: bool) -> None:
        """Show whether the step is done, and whether it is the next one."""
        self.done, self.next = done, is_next
        self.setAccessibleDescription("done" if done else "")
        self.update()

    def sizeHint(self) -> QSize:
        width = QFontMetrics(font()).horizontalAdvance(self.step.text)
        return QSize(_CAP_WIDTH + width + _CHECK + 8 * GRID, _ROW_HEIGHT)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, tokens = make_painter(self), self.tokens
        cap = QRectF(0.5, (self.height() - _CAP_HEIGHT) / 2, _CAP_WIDTH, _CAP_HEIGHT)
        ground, line = tokens.colour("panel" if self.done else "pressed"), "accent" if self.next else "line"
        fill_rounded(painter, cap, ground, tokens.colour(line))
        ink, face = tokens.colour("faint" if self.done else "text"), font(TYPE_SMALL + 1, strong=True)
        draw_text(painter, cap, self.step.key, ink, Qt.AlignmentFlag.AlignCenter, face=face)
        words = QRectF(self.rect()).adjusted(_CAP_WIDTH + 3 * GRID, 0, -_CHECK - GRID, 0)
        ink = tokens.colour("faint" if self.done else "text" if self.next else "quiet")
        draw_text(painter, words, self.step.text, ink, face=font())
        if self.done:
            mark = QRectF(self.width() - _CHECK - 1, (self.height() - _CHECK) / 2, _CHECK, _CHECK)
            paint_icon(painter, "check", mark, tokens.colour("accent"))


class WelcomeCard(Panel):
    """A card in the middle of `stage`, with its steps and a text about where files are saved."""

    line, radius = "faint", 2 * RADIUS

    closed = Signal()  # by its button

    def __init__(
        self, tokens: Tokens, steps: Sequence[WelcomeStep], places: str, stage: QWidget, parent: QWidget
    ) -> None:
        super().__init__(tokens)
        self.setParent(parent)
        self._stage, self._parent = stage, parent
        self.outline = Outline(tokens, parent)
        self._target: QWidget | None = None
        self.title = _Heading(tokens, "It dreams, you play")
        self.rows = [StepRow(tokens, step) for step in steps]
        self.skip = Button(tokens, "Skip", tip="Close; F1 opens it again", shortcut="Esc", small=True)
        self.places = QuietLabel(tokens, places)
        self.places.setWordWrap(True)
        self._lay_out()
        self.setFixedWidth(_WIDTH)
        self.setAccessibleName("Welcome")
        self.skip.clicked.connect(self.closed)
        for widget in (parent, stage):
            widget.installEventFilter(self)
        self.hide()

    def show_progress(self, done: Sequence[bool], target: QWidget | None) -> None:
        """Show which steps are done, and frame the control of the next one; None after the last."""
        following = list(done).index(False) if False in done else None
        for i, row in enumerate(self.rows):
            row.show_state(done=done[i], is_next=i == following)
        self.title.setText("It dreams, you play" if following is not None else "That is all. The menu has the rest.")
        self.skip.setText("Skip" if following is not None else "Close")
        self._target = target
        self.place()

    def place(self) -> None:
        """Centre the card on the stage, and frame the target."""
        if self.isHidden():
            return
        self.adjustSize()
        corner = self._stage.mapTo(self._parent, QPoint(0, 0))
        stage = QRect(corner, self._stage.size())
        self.move(stage.center() - self.rect().center())
        if self._target is None:
            self.outline.hide()
        else:
            self.outline.surround(self._target)
            self.outline.raise_()
        self.raise_()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.LayoutRequest):
            self.place()
        return False

    def _lay_out(self) -> None:
        self.body.setContentsMargins(5 * GRID, 4 * GRID, 5 * GRID, 4 * GRID)
        self.body.setSpacing(GRID)
        add_items(self.head, self.title, STRETCH, self.skip)
        add_items(self.body, self.head, 2 * GRID, *self.rows, 2 * GRID, self.places)


class _Heading(QuietLabel):
    """A larger label."""

    def apply_tokens(self) -> None:
        self.setFont(font(TYPE_LARGE - 2, strong=True))
        self.setStyleSheet(f"color: {self.tokens.text}; font-size: {TYPE_LARGE - 2}px; font-weight: 600;")
