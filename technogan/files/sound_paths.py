"""Find the sound files of folders and playlists, the same way for every command and window.

Playlists are M3U, M3U8 or PLS as players of any system write them. Their paths are relative or absolute, with slashes
or backslashes, percent-encoded or not, or file:// URLs; in UTF-8, UTF-16 or Windows-1252.
"""

import codecs
import contextlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote_to_bytes

from technogan.atomic import explain
from technogan.errors import SourceError, SpecError
from technogan.files.sound_reader import SUFFIXES
from technogan.records import read_file

PLAYLISTS = frozenset({".m3u", ".m3u8", ".pls"})

_MAX_PLAYLIST_BYTES = 16 << 20
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_PLS_FILE = re.compile(rb"\s*file\d+\s*=", re.IGNORECASE)
_FILE_URL = re.compile(rb"file://(localhost(?=/))?", re.IGNORECASE)


def list_sounds(path: Path) -> list[Path]:
    """Return the sounds of a folder or a playlist, or the path itself. Raises SourceError for a damaged playlist."""
    with contextlib.suppress(OSError):  # the reader of the sound reports it
        if path.is_dir():
            return find_sounds_in(path)
    return read_playlist(path) if path.suffix.lower() in PLAYLISTS else [path]


def find_sounds_in(folder: Path) -> list[Path]:
    """Return the sounds in a folder and its subfolders, sorted; hidden files and folders are left out.

    Links are followed, but no folder is searched twice.
    """
    return sorted(_walk(folder, set()))


def read_playlist(path: Path) -> list[Path]:
    """Return the files that a playlist lists; relative paths start at its folder. Raises SourceError."""
    try:
        data = read_file(path, _MAX_PLAYLIST_BYTES)
        if data.startswith(_UTF_16):
            data = data.decode("utf-16").encode()
    except UnicodeDecodeError as error:
        raise SourceError(path, "is not a playlist: it is not text") from error
    except OSError as error:
        raise SourceError(path, explain(error)) from error
    except SpecError as error:
        raise SourceError(path, str(error)) from error
    if b"\0" in data:
        raise SourceError(path, "is not a playlist: it is not text")
    lines = data.removeprefix(codecs.BOM_UTF8).splitlines()
    return [_find_file(path.parent, entry) for line in lines if (entry := _read_entry(line, path.suffix.lower()))]


def _walk(folder: Path, seen: set[tuple[int, int]]) -> Iterator[Path]:
    try:
        found = folder.stat()
        entries = sorted(folder.iterdir())
    except OSError:  # no permission, or deleted in the meantime
        return
    if found.st_ino and (found.st_dev, found.st_ino) in seen:
        return
    seen.add((found.st_dev, found.st_ino))
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            yield from _walk(entry, seen)
        elif entry.suffix.lower() in SUFFIXES and entry.is_file():
            yield entry


def _read_entry(line: bytes, suffix: str) -> bytes:
    """Return the path in a line, b"" for none."""
    line = line.strip()
    if suffix == ".pls":
        match = _PLS_FILE.match(line)
        return line[match.end() :].strip() if match else b""
    return b"" if line.startswith(b"#") else line


def _find_file(folder: Path, entry: bytes) -> Path:
    """Return the first reading of an entry that is a file, or else the most likely one."""
    candidates = [folder / text for text in _readings(entry)]
    return next(filter(os.path.exists, candidates), candidates[0])


def _readings(entry: bytes) -> Iterator[str]:
    """Yield what an entry may mean, the most likely first."""
    url = _FILE_URL.match(entry)
    if url:
        yield from map(_path_of_url, _decode(unquote_to_bytes(entry[url.end() :])))
        return
    plain = entry.replace(b"\\", b"/")
    for reading in dict.fromkeys((entry, plain, unquote_to_bytes(entry), unquote_to_bytes(plain))):
        yield from _decode(reading)


def _path_of_url(path: str) -> str:
    # file:///C:/Music is C:/Music, and file://server/share is //server/share.
    return path[1:] if re.match(r"/[A-Za-z]:", path) else path if path.startswith("/") else f"//{path}"


def _decode(data: bytes) -> Iterator[str]:
    data = data.replace(b"\0", b"%00")
    try:
        yield data.decode()
    except UnicodeDecodeError:
        yield data.decode("cp1252", "replace")
        # The name as the system has it, which need not be UTF-8.
        yield data.decode(errors="surrogateescape")
