"""Folders in the system's temporary folder that belong to this user alone."""

import os
import stat
import tempfile
from pathlib import Path

_WRITABLE_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH


def private_folder(name: str) -> Path:
    """Return a folder that only this user can change, in the temporary folder; create it if it does not exist.

    On Windows the temporary folder is the user's own already. Elsewhere all users may share it, so that the name ends
    with the user's number; if another user has taken even that name, it ends with random letters.

    Raises:
        OSError: the temporary folder cannot be written.
    """
    temporary = Path(tempfile.gettempdir())
    if not hasattr(os, "getuid"):
        folder = temporary / name
        folder.mkdir(exist_ok=True)
        return folder
    folder = temporary / f"{name}-{os.getuid()}"
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        if not is_private(folder):
            return Path(tempfile.mkdtemp(prefix=f"{name}-"))
    return folder


def is_private(folder: Path) -> bool:
    """Return whether a folder exists, belongs to this user, and only this user can change it."""
    try:
        found = folder.lstat()  # not what a link of another user leads to
    except OSError:
        return False
    own = not hasattr(os, "getuid") or found.st_uid == os.getuid()
    return stat.S_ISDIR(found.st_mode) and own and not (hasattr(os, "getuid") and found.st_mode & _WRITABLE_BY_OTHERS)
