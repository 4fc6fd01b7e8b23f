"""Keys that mean the same everywhere."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

# Only the first slots have keys of their own: the digits 1 to 8.
N_SLOT_KEYS = 8


def is_activation_key(event: QKeyEvent) -> bool:
    """Return whether this key clicks the focused widget: Return does; Space always starts and stops the clock."""
    return event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)


def slot_key(number: int, modifier: str = "") -> str:
    """Return the key of a slot (counted from 0), such as "Alt+3"; empty for a slot without one."""
    return f"{modifier}{number + 1}" if number < N_SLOT_KEYS else ""


def add_shortcut(text: str, shortcut: str) -> str:
    """Return a tooltip with its key in parentheses, if it has one."""
    return f"{text} ({shortcut})" if shortcut else text
