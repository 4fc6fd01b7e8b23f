"""One line at the bottom of the window for notes and errors, instead of dialogs that interrupt the music."""

from collections import deque
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QTimer
from PySide6.QtGui import QGuiApplication, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from app.widgets.button import Button
from app.widgets.layout import add_items
from app.widgets.painting import fill_rounded, make_painter
from app.widgets.panel import QuietLabel
from app.widgets.themed import Themed
from app.widgets.tokens import GRID, Tokens

_NOTE_MS = 6000
_KEPT = 50


@dataclass(frozen=True, slots=True)
class StatusMessage:
    """A message to the user. `details` are for bug reports; an `error` stays until it is closed."""

    text: str
    details: str = ""
    error: bool = False


class MessageBar(Themed, QWidget):
    """A bar that shows the newest message. Notes disappear after some seconds; errors stay until they are closed."""

    def __init__(self, tokens: Tokens) -> None:
        super().__init__(accessibleName="Messages")
        self.messages: deque[StatusMessage] = deque(maxlen=_KEPT)
        self._waiting: deque[StatusMessage] = deque(maxlen=_KEPT)
        self.shown: StatusMessage | None = None
        self.label = QuietLabel(tokens)
        self.label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.count = QuietLabel(tokens)
        self.copy = Button(tokens, "Copy details", tip="Copy the details for a bug report", small=True)
        self.dismiss = Button(tokens, icon="close", name="Close message", shortcut="Esc", small=True, flat=True)
        self._hide = QTimer(self, singleShot=True, interval=_NOTE_MS)
        self._hide.timeout.connect(self.close_message)
        self.copy.clicked.connect(self.copy_details)
        self.dismiss.clicked.connect(self.close_message)
        row = QHBoxLayout(self)
        row.setContentsMargins(3 * GRID + 4, GRID, 2 * GRID, GRID)
        add_items(row, (self.label, 1), self.count, self.copy, self.dismiss)
        self.setFixedHeight(32)
        self.restyle(tokens)
        self._show(None)

    def show_message(self, message: StatusMessage) -> None:
        """Show a message. A shown error waits behind a newer error; notes do not replace errors."""
        self.messages.append(message)
        if self.shown is not None and self.shown.error:
            if message.text == self.shown.text:
                return
            if not message.error:
                return
            self._waiting.append(self.shown)
        self._show(message)

    def close_message(self) -> bool:
        """Close the message and show the error that waits behind it, if any. Returns whether there was a message."""
        was_shown = self.shown is not None
        self._show(self._waiting.pop() if self._waiting else None)
        return was_shown

    def copy_details(self) -> None:
        """Copy the details of the message to the clipboard."""
        if self.shown is not None:
            QGuiApplication.clipboard().setText(self.shown.details or self.shown.text)

    def _show(self, message: StatusMessage | None) -> None:
        self.shown = message
        self._hide.stop()
        # The bar keeps its height, so that nothing else moves.
        for widget in (self.label, self.copy, self.dismiss, self.count):
            widget.setVisible(message is not None)
        if message is not None:
            self.label.setText(message.text)
            self.label.setToolTip(message.text)
            self.copy.setVisible(bool(message.details) or message.error)
            self.count.setText(f"+{len(self._waiting)}" if self._waiting else "")
            self.setAccessibleDescription(message.text)
            if not message.error:
                self._hide.start()
        self.apply_tokens()
        self.update()

    def apply_tokens(self) -> None:
        is_error = self.shown is not None and self.shown.error
        self.label.setStyleSheet(f"color: {self.tokens.text if is_error else self.tokens.quiet};")

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self.shown is None:
            return
        painter, tokens = make_painter(self), self.tokens
        area = QRectF(self.rect()).adjusted(0, 2, 0, -2)
        fill_rounded(painter, area, tokens.colour("warning", 0.16) if self.shown.error else tokens.colour("panel"))
        stripe = QRectF(area.left(), area.top(), 3, area.height())
        fill_rounded(painter, stripe, tokens.colour("warning" if self.shown.error else "accent"), radius=1.5)
