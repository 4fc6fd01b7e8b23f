"""A fader for levels in decibels."""

from PySide6.QtCore import Signal

from app.session.state import MAX_LEVEL_DB, MIN_LEVEL_DB
from app.widgets.fader import Fader
from app.widgets.tokens import Tokens


class LevelFader(Fader):
    """A fader from MIN_LEVEL_DB (off) to MAX_LEVEL_DB; a double click resets it to 0 dB."""

    level_edited = Signal(float)  # dB, by the user only

    def __init__(self, tokens: Tokens, *, name: str) -> None:
        super().__init__(tokens, int(MIN_LEVEL_DB), int(MAX_LEVEL_DB), name=name, rest=0)
        self.value_edited.connect(lambda value: self.level_edited.emit(float(value)))
        self.show_level(0.0)

    def show_level(self, level_db: float) -> None:
        """Show a level in dB."""
        self.setValue(round(level_db))
        self.setToolTip(f"{self.accessibleName()}: {format_level(level_db)}")


def format_level(level_db: float) -> str:
    """Return a level as text, such as "+3 dB" or "-6.5 dB"; "off" at the minimum."""
    if level_db <= MIN_LEVEL_DB:
        return "off"
    tenths = round(level_db, 1)
    return f"{tenths:+.1f}".removesuffix(".0") + " dB" if tenths else "0 dB"
