"""Fixtures for the tests of the sound."""

from tests.app.audio.sound_card import sound_card

__all__ = ["sound_card"]
