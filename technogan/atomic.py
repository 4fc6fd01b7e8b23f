"""Atomic file writes: to a temporary file in the same folder, which is then renamed to the target."""

import contextlib
import errno
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from technogan.errors import OutputError


@contextlib.contextmanager
def open_atomically(path: Path) -> Iterator[BinaryIO]:
    """Open a file for writing that replaces `path` only if the block ends without an error.

    Missing parent folders are created. An earlier file at `path` stays untouched until then.

    Raises:
        OutputError: the system refuses (no permission, full disk, a folder of that name).
    """
    temporary = path.with_name(f".{path.name[:80]}.{uuid.uuid4().hex}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("xb") as file:
            yield file
        temporary.replace(path)
    except OSError as error:
        raise OutputError(path, explain(error)) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()


def write_atomically(path: Path, data: bytes) -> None:
    """Write `data` to `path` completely or not at all. Raises OutputError."""
    with open_atomically(path) as file:
        file.write(data)


def explain(error: OSError) -> str:
    """Return a short explanation of an operating system error in plain English."""
    known = {
        errno.ENOSPC: "the disk is full",
        errno.EACCES: "permission denied",
        errno.EPERM: "permission denied",
        errno.EROFS: "the folder is read-only",
        errno.EISDIR: "a folder has that name",
        errno.ENOTDIR: "part of the path is a file, not a folder",
        errno.EEXIST: "part of the path is a file, not a folder",
        errno.ENAMETOOLONG: "the name is too long",
        errno.ENOENT: "no such file or folder",
    }
    return known.get(error.errno or 0, error.strerror or str(error))
