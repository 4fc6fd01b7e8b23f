"""Name the pictures of sounds, so that no picture of one sound replaces that of another, in this run or a later one."""

import hashlib
import os
import re
from collections import Counter
from collections.abc import Collection, Sequence
from pathlib import Path, PurePath

from technogan.errors import OutputError, SourceError
from technogan.file_names import name_key
from technogan.files.png import read_png_header
from training.sound_files import make_name

# Bytes of a name; number, suffix and the suffix of a temporary file follow.
_LONGEST_NAME = 150
_NUMBERED = re.compile(r"(.*)-\d+", re.DOTALL)


def name_pictures(paths: Sequence[PurePath]) -> list[str]:
    """Return the stem of the pictures of each sound, by its path in the folder of sounds.

    Picture N of a sound of several loops is called stem-N. Where names could become equal, all of them contain a digest
    of their path instead of a number, so that a sound which is added later changes no name that is in use.
    """
    stems = [make_name("_".join(path.with_suffix("").parts), longest=_LONGEST_NAME) for path in paths]
    keys = [name_key(stem) for stem in stems]
    count = Counter(keys)
    bases = [match[1] if (match := _NUMBERED.fullmatch(key)) else None for key in keys]
    numbered = {base for base in bases if base in count}
    return [
        f"{stem}_{_digest(path)}" if count[key] > 1 or base in count or key in numbered else stem
        for path, stem, key, base in zip(paths, stems, keys, bases, strict=True)
    ]


def check_own(picture: Path, owners: Collection[str]) -> None:
    """Raise OutputError if there is a file that was not made of one of these sounds, named by their paths."""
    if os.path.lexists(picture) and not is_own(picture, owners):
        raise OutputError(picture, "another file is there, which this dataset did not make; move it away")


def is_own(picture: Path, owners: Collection[str]) -> bool:
    """Return whether there is a picture of one of these sounds."""
    try:
        return read_png_header(picture).comment in owners
    except SourceError:
        return False


def _digest(path: PurePath) -> str:
    return hashlib.sha256(path.as_posix().encode(errors="surrogateescape")).hexdigest()[:8]
