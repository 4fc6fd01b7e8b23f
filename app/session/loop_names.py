"""Names for loops: short, pronounceable, and always the same for the same seed."""

import hashlib
import unicodedata

from technogan.seeds.seed import Seed

LONGEST_NAME = 100

_SYLLABLES = [consonant + vowel for consonant in "bdfgklmnprstvz" for vowel in "aeiou"]


def name_of(seed: Seed) -> str:
    """Return the name of a seed: three syllables, one of 343 000 possible words.

    Values that differ by less than files store, a thousandth of a slider step, have the same name.
    """
    values = tuple(round(value, 3) + 0.0 for value in seed.values)  # + 0.0 turns -0.0 into 0.0
    digest = hashlib.sha256(repr(values).encode()).digest()
    return "".join(_SYLLABLES[byte % len(_SYLLABLES)] for byte in digest[:3]).capitalize()


def clean_name(text: str) -> str:
    """Return a name on one line, of at most LONGEST_NAME characters, without control characters."""
    # Halves of surrogate pairs cannot be shown or written.
    start = text[: 10 * LONGEST_NAME]
    printable = "".join(" " if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") else c for c in start)
    return " ".join(printable.split())[:LONGEST_NAME].strip()
