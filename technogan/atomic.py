"""Files are written whole or not at all: to a temporary name beside the target, then renamed into place."""

from __future__ import annotations

import contextlib
import errno
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from technogan.errors import OutputError


@contextlib.contextmanager
def written_whole(path: Path) -> Iterator[BinaryIO]:
    """Open a file for writing that appears under `path` only when the block ends without an error.

    Missing parent folders are made. Raises OutputError where the system refuses (no permission, full disk, a folder of
    that name); an earlier file of that name then stands untouched.
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


def write_whole(path: Path, data: bytes) -> None:
    """Write `data` to `path`, whole or not at all. Raises OutputError."""
    with written_whole(path) as file:
        file.write(data)


def explain(error: OSError) -> str:
    """An operating system's error as a person says it."""
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
