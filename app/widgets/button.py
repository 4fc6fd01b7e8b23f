"""A button with a word, an icon, or both."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from app.widgets.icons import paint_icon
from app.widgets.keyboard import add_shortcut, is_activation_key
from app.widgets.painting import draw_text, edge_of, fill_rounded, make_painter
from app.widgets.themed import Themed
from app.widgets.tokens import CONTROL_HEIGHT, GRID, TYPE_BODY, Tokens, font

_ICON = 11


class Button(Themed, QAbstractButton):
    """A push button, or a toggle button if it is checkable.

    `name` is for screen readers and `tip` for the pointer; both default to `text`. `lit` is the token of the colour
    while it is checked. `flat` leaves out the background, `primary` highlights the most likely choice.
    """

    def __init__(
        self,
        tokens: Tokens,
        text: str = "",
        *,
        icon: str = "",
        name: str = "",
        tip: str = "",
        shortcut: str = "",
        lit: str = "accent",
        flat: bool = False,
        small: bool = False,
        primary: bool = False,
    ) -> None:
        super().__init__()
        self.icon_name, self.lit, self.flat, self.small, self.primary = icon, lit, flat, small, primary
        self._lit_colour: QColor | None = None
        self.setText(text)
        self.setAccessibleName(name or text)
        self.setToolTip(add_shortcut(tip or name or text, shortcut))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFont(font(TYPE_BODY - 1 if small else TYPE_BODY))
        self.restyle(tokens)

    def set_icon(self, icon: str) -> None:
        """Set the icon."""
        if icon != self.icon_name:
            self.icon_name = icon
            self.update()

    def set_lit_colour(self, colour: QColor | None) -> None:
        """Set the colour while it is checked; None for the token's."""
        self._lit_colour = colour
        self.update()

    def sizeHint(self) -> QSize:
        height = CONTROL_HEIGHT - 6 if self.small else CONTROL_HEIGHT
        if not self.text():
            return QSize(height + (0 if self.small else GRID), height)
        width = QFontMetrics(self.font()).horizontalAdvance(self.text()) + (3 if self.small else 5) * GRID
        return QSize(width + (_ICON + GRID if self.icon_name else 0), height)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if is_activation_key(event):
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, area = make_painter(self), edge_of(self)
        ground, ink = self._colours()
        # On a ground of the accent, a ring of the accent would be invisible.
        ring = self.tokens.colour("text" if self.isChecked() or self.primary else "accent")
        fill_rounded(painter, area, ground, ring if self.hasFocus() else None)
        self._paint_face(painter, area, ink)

    def _colours(self) -> tuple[QColor, QColor]:
        tokens = self.tokens
        if not self.isEnabled():
            return tokens.colour("raised", 0.0 if self.flat else 0.5), tokens.colour("faint")
        if self.primary:
            strength = 0.75 if self.isDown() else 0.9 if self.underMouse() else 1.0
            return tokens.colour("accent", strength), tokens.colour("on_accent")
        if self.isChecked():
            return self._lit_colour or tokens.colour(self.lit), tokens.colour("on_accent")
        if self.isDown():
            return tokens.colour("pressed"), tokens.colour("text")
        if self.underMouse():
            return tokens.colour("pressed", 0.7), tokens.colour("text")
        return tokens.colour("raised", 0.0 if self.flat else 1.0), tokens.colour("quiet" if self.flat else "text")

    def _paint_face(self, painter: QPainter, area: QRectF, ink: QColor) -> None:
        metrics = QFontMetrics(self.font())
        text = metrics.horizontalAdvance(self.text())
        side = _ICON - 2 if self.small else _ICON
        icon = side if self.icon_name else 0
        gap = GRID + 1 if icon and text else 0
        left = area.center().x() - (icon + gap + text) / 2
        if self.icon_name:
            paint_icon(painter, self.icon_name, QRectF(left, area.center().y() - side / 2, side, side), ink)
        middle = QRectF(left + icon + gap, area.top(), text + 2, area.height())
        draw_text(painter, middle, self.text(), ink)
