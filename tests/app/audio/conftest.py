"""What the tests of the sound share."""

from tests.app.audio.sound_card import sound_card

__all__ = ["sound_card"]
