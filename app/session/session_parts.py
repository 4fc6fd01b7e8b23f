"""The parts of a session, read from a zip archive or a folder without trusting them: sessions come from strangers.

No name leads out of the session's folder, and sizes are checked before anything is read.
"""

import contextlib
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO

from technogan.atomic import explain
from technogan.errors import SourceError, SpecError
from technogan.records import require

JSON = "session.json"
_SOUND = re.compile(r"sounds/[0-9a-f]{24}\.wav")

_MAX_TOTAL_BYTES = 2 << 30
# Sounds compress to a third or so. More than this is a file made to fill the memory.
_MAX_RATIO = 100
_SMALL_BYTES = 1 << 20
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# What zipfile raises for damaged archives.
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, struct.error, RuntimeError, ValueError, OverflowError)

# Opens a part by its name; returns its file and its size in bytes. Raises SpecError or OSError.
_Open = Callable[[str], AbstractContextManager[tuple[IO[bytes], int]]]


class SessionParts:
    """The parts of an open session; see `open_parts`."""

    def __init__(self, open_part: _Open) -> None:
        self._open = open_part
        self._total = 0

    def read(self, name: str, max_bytes: int) -> bytes:
        """Return the content of a part.

        Args:
            name: JSON, or the name of a sound as `is_sound_name` accepts it.
            max_bytes: the largest size to read.

        Raises:
            SpecError: the part is missing, damaged, too large or not a regular file.
        """
        require(name == JSON or is_sound_name(name), f"{name[:60]!r} is not a part of a session")
        try:
            with self._open(name) as (file, size):
                require(
                    size <= max_bytes, f"{name} is too large: {_megabytes(size)} of {_megabytes(max_bytes)} at most"
                )
                self._total += size
                require(self._total <= _MAX_TOTAL_BYTES, f"its sounds are larger than {_megabytes(_MAX_TOTAL_BYTES)}")
                # One byte more than expected, so that zipfile reaches the end and compares the checksum.
                return file.read(size + 1)
        except OSError as error:
            raise SpecError(f"{name}: {explain(error)}") from error


def is_sound_name(name: str) -> bool:
    """Return whether a sound of a session can have this name, which is relative to the session's folder."""
    return _SOUND.fullmatch(name) is not None


@contextlib.contextmanager
def open_parts(path: Path) -> Iterator[SessionParts]:
    """Open a session file or a folder for a `with` block. Raises SourceError or OSError."""
    if path.is_dir():
        yield SessionParts(lambda name: _open_file(path, name))
        return
    if not path.is_file():  # opening a pipe would wait for a writer
        raise SourceError(path, "is not a file" if path.exists() else "no such file or folder")
    try:
        archive = zipfile.ZipFile(path)
    except _DAMAGE as error:
        raise SourceError(path, f"is not a session file, or is damaged ({error})") from error
    file_bytes = path.stat().st_size
    with archive:
        yield SessionParts(lambda name: _open_entry(archive, name, file_bytes))


@contextlib.contextmanager
def _open_file(folder: Path, name: str) -> Iterator[tuple[IO[bytes], int]]:
    path = folder / name
    require(path.exists(), f"{name} is missing")
    require(path.resolve().is_relative_to(folder.resolve()), f"{name} is a link to another folder")
    require(path.is_file(), f"{name} is not a file")
    with path.open("rb") as file:
        yield file, path.stat().st_size


@contextlib.contextmanager
def _open_entry(archive: zipfile.ZipFile, name: str, file_bytes: int) -> Iterator[tuple[IO[bytes], int]]:
    try:
        entry = archive.getinfo(name)
    except KeyError as error:
        raise SpecError(f"{name} is missing") from error
    require(entry.compress_type in _METHODS, f"{name} is compressed with a method that sessions do not use")
    # An entry may claim more than there is.
    packed = min(entry.compress_size, file_bytes)
    require(
        entry.file_size <= max(_SMALL_BYTES, _MAX_RATIO * packed),
        f"{name} is {_megabytes(entry.file_size)} in {_megabytes(packed)}: it was made to fill the memory",
    )
    try:
        with archive.open(entry) as file:
            yield file, entry.file_size
    except _DAMAGE as error:
        raise SpecError(f"{name} is damaged ({error})") from error


def _megabytes(n_bytes: int) -> str:
    return f"{n_bytes / (1 << 20):.3g} MB"
