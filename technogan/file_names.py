"""File and folder names: valid on every system, unique, and inside of their folder."""

import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path, PurePath

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


def is_inside(name: str) -> bool:
    """Return True if the relative path `name`, joined to a folder, names something inside of that folder.

    Names that a file of a stranger lists must pass before anything is read, written or deleted by them.
    """
    path = PurePath(name)
    return bool(path.name) and "\0" not in name and not path.anchor and ".." not in path.parts


def name_key(name: str) -> str:
    """Return a key that is equal for names that some systems do not tell apart: in case, or in accents as two codes."""
    return unicodedata.normalize("NFC", name).casefold()


def free_path(path: Path, is_own: Callable[[Path], bool] = lambda _: False) -> Path:
    """Return `path`, or the first of name-2, name-3, ... of the same suffix where no file of somebody else is.

    Args:
        path: the wanted path.
        is_own: returns True for an existing file that may be replaced.
    """

    def is_taken(stem: str) -> bool:
        found = path.with_name(stem + path.suffix)
        return found.exists() and not is_own(found)

    return path.with_name(unique_name(path.stem, is_taken) + path.suffix)


def number_duplicates(names: Sequence[str], *, separator: str) -> list[str]:
    """Append its position in the list to every name that a system may not tell from another one.

    Unique names stay as they are, and no two results are equal.
    """
    count = Counter(map(name_key, names))
    taken = {key for key, n in count.items() if n == 1}
    distinct = []
    for i, name in enumerate(names):
        if count[name_key(name)] > 1:
            numbered = f"{name}{separator}{i + 1}"
            name = unique_name(numbered, lambda each: name_key(each) in taken, separator=separator)
            taken.add(name_key(name))
        distinct.append(name)
    return distinct


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
