"""Atomic file writes: to a temporary file in the same folder, which is then renamed to the target."""

import contextlib
import errno
import os
import re
import shutil
import stat
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from technogan.errors import OutputError

# Bytes of the target's name in the name of the temporary file; some systems allow names of 143 bytes only.
_LONGEST_HINT = 80
_TEMPORARY = re.compile(r"\..*\.[0-9a-f]{32}\.part", re.DOTALL)


@contextlib.contextmanager
def open_atomically(path: Path) -> Iterator[BinaryIO]:
    """Open a file for writing that replaces `path` only if the block ends without an error.

    Missing parent folders are created. An earlier file at `path` stays untouched until then; its mode is kept, and if
    it is write-protected, so is its content. A link stays, and its target is replaced. A pipe or a device receives the
    content when the block ends.

    Raises:
        OutputError: the system refuses (no permission, full disk, a folder of that name).
    """
    try:
        with _open_stream(path) if is_stream(path) else _open_replacement(Path(os.path.realpath(path))) as file:
            yield file
    except OSError as error:
        raise OutputError(path, explain(error)) from error


def write_atomically(path: Path, data: bytes) -> None:
    """Write `data` to `path` completely or not at all. Raises OutputError."""
    with open_atomically(path) as file:
        file.write(data)


def delete_leftovers(folder: Path) -> None:
    """Delete the temporary files in a folder that killed processes left."""
    for path in folder.glob(".*.part"):
        if _TEMPORARY.fullmatch(path.name):
            with contextlib.suppress(OSError):
                path.unlink()


def is_stream(path: Path) -> bool:
    """Return True for a pipe, a device or a socket, which takes data but cannot be replaced by a file."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


@contextlib.contextmanager
def _open_replacement(target: Path) -> Iterator[BinaryIO]:
    if target.is_file() and not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, "write-protected")
    hint = target.name.encode(errors="ignore")[:_LONGEST_HINT].decode(errors="ignore")
    temporary = target.with_name(f".{hint}.{uuid.uuid4().hex}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("xb") as file:
            yield file
        if target.is_file():
            temporary.chmod(target.stat().st_mode & 0o7777)
        temporary.replace(target)
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()


@contextlib.contextmanager
def _open_stream(path: Path) -> Iterator[BinaryIO]:
    # The writers of some formats go back to complete a header, which a pipe does not allow.
    with tempfile.TemporaryFile() as file:
        yield file
        file.seek(0)
        with path.open("wb") as stream:
            shutil.copyfileobj(file, stream)


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
        errno.ELOOP: "a link in the path leads to itself",
        errno.EPIPE: "the program that reads it has ended",
    }
    return known.get(error.errno or 0, error.strerror or str(error))
