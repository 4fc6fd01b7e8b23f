"""A preview of the morph: the thumbnails of two slots, crossfaded."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.widgets.painting import draw_text
from app.widgets.themed import FixedHints, Themed
from app.widgets.thumbnail import render_thumbnail
from app.widgets.tokens import TYPE_SMALL, Tokens, font
from technogan.sound.loop import Loop

_MIN_HEIGHT, _MAX_HEIGHT = 20, 120


class MorphField(FixedHints, Themed, QWidget):
    """The loops of slots a and b, blended as the crossfader blends them."""

    size_hint = QSize(200, _MAX_HEIGHT)

    def __init__(self, tokens: Tokens) -> None:
        super().__init__(accessibleName="Morph preview")
        self._shown: tuple[tuple[int, Loop | None], tuple[int, Loop | None]] = ((0, None), (1, None))
        self._images: list[QImage | None] = [None, None]
        self._position = 0.0
        self.setFont(font(TYPE_SMALL))
        self.setMinimumHeight(_MIN_HEIGHT)
        self.setMaximumHeight(_MAX_HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.restyle(tokens)

    def show_morph(self, a: tuple[int, Loop | None], b: tuple[int, Loop | None], position: float) -> None:
        """Show the morph between two slots, each an index and its loop. position: 0 is a, 1 is b."""
        changed = any(new[0] != old[0] or new[1] is not old[1] for new, old in zip((a, b), self._shown, strict=True))
        self._shown, self._position = (a, b), position
        if changed:
            self.apply_tokens()
        self.update()

    def apply_tokens(self) -> None:
        self._images = [
            None if loop is None else render_thumbnail(loop, self.tokens.slot_colour(i)) for i, loop in self._shown
        ]

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, tokens, area = QPainter(self), self.tokens, QRectF(self.rect())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.fillRect(area, tokens.colour("picture"))
        for image, opacity in zip(self._images, (1 - self._position, self._position), strict=True):
            if image is not None:
                painter.setOpacity(opacity)
                painter.drawImage(area, image)
                # The lighter pixel of the two wins, so that both are visible half-way.
                painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Lighten)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
        if None in self._images:
            painter.setOpacity(1.0)
            hint, ink = "Keep two loops to morph", tokens.colour("on_picture", 0.55)
            draw_text(painter, area, hint, ink, Qt.AlignmentFlag.AlignCenter)
