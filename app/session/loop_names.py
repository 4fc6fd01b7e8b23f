"""Names for loops: short, pronounceable, and always the same for the same seed."""

import hashlib

from technogan.seeds.seed import Seed

_SYLLABLES = [consonant + vowel for consonant in "bdfgklmnprstvz" for vowel in "aeiou"]


def name_of(seed: Seed) -> str:
    """Return the name of a seed: three syllables, one of 343 000 possible words."""
    digest = hashlib.sha256(repr(seed.values).encode()).digest()
    return "".join(_SYLLABLES[byte % len(_SYLLABLES)] for byte in digest[:3]).capitalize()
