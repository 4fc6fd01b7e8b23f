"""What lies between two slots: the picture of one fading into that of the other."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.widgets.themed import Themed
from app.widgets.thumbnail import thumbnail_of
from app.widgets.tokens import TYPE_SMALL, Tokens, font
from technogan.sound.loop import Loop

_LOWEST, _HIGHEST = 20, 120


class MorphField(Themed, QWidget):
    """Shows the loops of slots a and b as transparent as the crossfader says."""

    def __init__(self, tokens: Tokens, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: tuple[tuple[int, Loop | None], tuple[int, Loop | None]] = ((0, None), (1, None))
        self._images: list[QImage | None] = [None, None]
        self._position = 0.0
        self.setFont(font(TYPE_SMALL))
        self.setMinimumHeight(_LOWEST)
        self.setMaximumHeight(_HIGHEST)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Picture of the morph")
        self.restyle(tokens)

    def show_morph(self, a: tuple[int, Loop | None], b: tuple[int, Loop | None], position: float) -> None:
        """a, b: number of the slot and its loop. position: 0 is a, 1 is b."""
        changed = any(new[0] != old[0] or new[1] is not old[1] for new, old in zip((a, b), self._shown, strict=True))
        self._shown, self._position = (a, b), position
        if changed:
            self.restyled()
        self.update()

    def restyled(self) -> None:
        """See Themed."""
        self._images = [
            None if loop is None else thumbnail_of(loop, self.tokens.slot_colour(i)) for i, loop in self._shown
        ]

    def sizeHint(self) -> QSize:
        return QSize(200, _HIGHEST)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, tokens, area = QPainter(self), self.tokens, QRectF(self.rect())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.fillRect(area, tokens.colour("picture"))
        for image, share in zip(self._images, (1 - self._position, self._position), strict=True):
            if image is not None:
                painter.setOpacity(share)
                painter.drawImage(area, image)
                # The second is laid over the first: lighter wins, so that both are seen half-way.
                painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Lighten)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
        if None in self._images:
            painter.setOpacity(1.0)
            painter.setPen(tokens.colour("on_picture", 0.55))
            painter.setFont(self.font())
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, "keep two loops, then morph")
