"""The digits 0 to 9 of the top row, whatever characters the keyboard layout has on these keys.

On a French keyboard, for example, the key 1 types an ampersand unless Shift is held, which no shortcut matches.
"""

import sys

from PySide6.QtCore import QEvent, QKeyCombination, QObject, Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication

from app.widgets.main_window import MainWindow

_MODIFIERS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.ShiftModifier
# X11's Mod5, which Qt does not name: AltGr types another character.
_ALT_GR = 0x80

# The digits of the keys 1, 2, ..., 9, 0 by the code that the system gives them.
_DIGITS = "1234567890"
_CODES = {
    "darwin": (0x12, 0x13, 0x14, 0x15, 0x17, 0x16, 0x1A, 0x1C, 0x19, 0x1D),
    "win32": tuple(range(2, 12)),
}
_OTHER_CODES = tuple(range(10, 20))
_DIGIT_BY_CODE = dict(zip(_CODES.get(sys.platform, _OTHER_CODES), _DIGITS, strict=True))


class DigitKeys(QObject):
    """Triggers the window's actions for the keys of the top row. Lives in the GUI thread."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window

    def start(self) -> None:
        """Begin to watch the keyboard; call it once the window is on the screen."""
        self._window.windowHandle().installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        kinds = (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress)
        if event.type() not in kinds or not isinstance(event, QKeyEvent) or _is_typing():
            return False
        action = self._find_action(event)
        if action is None:
            return False
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()  # so that Qt looks for no shortcut, but sends the key
        elif action.autoRepeat() or not event.isAutoRepeat():
            action.trigger()
        return True

    def _find_action(self, event: QKeyEvent) -> QAction | None:
        digit = find_digit(event)
        if digit is None:
            return None
        keys = QKeySequence(QKeyCombination(event.modifiers() & _MODIFIERS, Qt.Key(ord(digit))))
        return next((action for action in self._window.actions() if keys in action.shortcuts()), None)


def find_digit(event: QKeyEvent) -> str | None:
    """Return the digit of the top row's key that was pressed; None for any other key, and with AltGr."""
    if sys.platform == "darwin":
        return _DIGIT_BY_CODE.get(event.nativeVirtualKey())
    if sys.platform != "win32" and event.nativeModifiers() & _ALT_GR:
        return None
    return _DIGIT_BY_CODE.get(event.nativeScanCode())


def _is_typing() -> bool:
    """Return whether a text field or an open menu gets the keys."""
    focused = QApplication.focusWidget()
    is_text = focused is not None and focused.testAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled)
    return is_text or QApplication.activePopupWidget() is not None
