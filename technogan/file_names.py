"""Names for files and folders that are valid on every system, and names that nothing else has yet."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

from pathvalidate import is_valid_filename, sanitize_filename

# Bytes of a name; a number, a suffix and the suffix of a temporary file still fit into the 255 that systems allow.
LONGEST_NAME = 150


def safe_name(text: str, *, fallback: str, replacement: str = "_", longest: int = LONGEST_NAME) -> str:
    """Return `text` as a file name that is valid on Linux, macOS and Windows.

    Args:
        text: any text.
        fallback: the name to use if nothing of the text is left.
        replacement: what takes the place of characters that are not allowed.
        longest: the most bytes of the name in UTF-8.
    """
    printable = "".join(c if c.isprintable() else replacement for c in unicodedata.normalize("NFC", text))
    name = str(sanitize_filename(printable, replacement_text=replacement, platform="universal"))
    return name.encode(errors="replace")[:longest].decode(errors="ignore").strip(" .") or fallback


def is_safe_name(text: str) -> bool:
    """Return whether `text` can name a file on Linux, macOS and Windows as it is."""
    return text.isprintable() and text.strip(" .") == text and is_valid_filename(text, platform="universal")


def unique_name(name: str, is_taken: Callable[[str], bool], *, separator: str = "-") -> str:
    """Return `name`, or the first of name-2, name-3, ... that is not taken.

    Args:
        name: the wanted name.
        is_taken: whether something has this name already.
        separator: what stands between the name and its number.
    """
    wanted, number = name, 1
    while is_taken(wanted):
        number += 1
        wanted = f"{name}{separator}{number}"
    return wanted
