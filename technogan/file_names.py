"""File and folder names that are valid on every system, and unique names."""

import unicodedata
from collections.abc import Callable

# Systems allow 255 bytes; the rest is for a number, a suffix and the suffix of a temporary file.
LONGEST_NAME = 150


def safe_name(text: str, *, fallback: str, replacement: str = "_", longest: int = LONGEST_NAME) -> str:
    """Return `text` as a file name that is valid on Linux, macOS and Windows.

    Args:
        text: any text.
        fallback: the name to return if no characters remain.
        replacement: replaces each character that is not allowed.
        longest: maximum length of the name, in bytes of UTF-8.
    """
    from pathvalidate import sanitize_filename

    printable = "".join(replacement if _is_control(c) else c for c in unicodedata.normalize("NFC", text))
    name = str(sanitize_filename(printable, replacement_text=replacement, platform="universal"))
    return name.encode(errors="replace")[:longest].decode(errors="ignore").strip(" .") or fallback


def is_safe_name(text: str) -> bool:
    """Return True if `text` is a valid file name on Linux, macOS and Windows."""
    if any(map(_is_control, text)) or text.strip(" .") != text:
        return False
    from pathvalidate import is_valid_filename

    return is_valid_filename(text, platform="universal")


def unique_name(name: str, is_taken: Callable[[str], bool], *, separator: str = "-") -> str:
    """Return `name`, or the first of name-2, name-3, ... that is not taken.

    Args:
        name: the wanted name.
        is_taken: returns True if a name exists already.
        separator: goes between the name and its number.
    """
    wanted, number = name, 1
    while is_taken(wanted):
        number += 1
        wanted = f"{name}{separator}{number}"
    return wanted


def _is_control(character: str) -> bool:
    """Return whether a character is a control code, half of a surrogate pair or the end of a line or paragraph."""
    return unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp")
