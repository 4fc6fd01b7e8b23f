"""Names for loops: short, pronounceable, and always the same for the same seed."""

from __future__ import annotations

import hashlib

from technogan.seeds.seed import Seed

_SYLLABLES = [consonant + vowel for consonant in "bdfgklmnprstvz" for vowel in "aeiou"]


def name_of(seed: Seed) -> str:
    """Three syllables, of 343 000 possible words."""
    digest = hashlib.sha256(repr(seed.values).encode()).digest()
    word = "".join(_SYLLABLES[digest[i] % len(_SYLLABLES)] for i in range(3))
    return word.capitalize()
