"""The chunks of WAV files of every kind: RIFF, RIFX (big-endian), RF64 and BW64 (over 4 GB), also behind an ID3 tag.

Common faults are tolerated: lengths that were never filled in, a length beyond the end of the file, and chunks of odd
length that no zero follows.
"""

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Literal

# A file of a stranger may consist of empty chunks only.
_MAX_CHUNKS = 4096
# A length that stands in the `ds64` chunk instead, or was never filled in.
_UNKNOWN = 0xFFFFFFFF
_KINDS: dict[bytes, Literal["<", ">"]] = {b"RIFF": "<", b"RF64": "<", b"BW64": "<", b"RIFX": ">"}


@dataclass(frozen=True, slots=True)
class Chunk:
    """The name of a chunk, where its data starts in the file, its size in bytes, and its byte order as in `struct`."""

    name: bytes
    start: int
    size: int
    order: Literal["<", ">"]


def read_chunks(file: BinaryIO) -> Iterator[Chunk]:
    """Yield the chunks of a WAV file that have at least one byte within the file; nothing for other files."""
    end = file.seek(0, os.SEEK_END)
    position = skip_id3(file)
    file.seek(position)
    header = file.read(12)
    order = _KINDS.get(header[:4])
    if order is None or header[8:] != b"WAVE":
        return
    position += 12
    data_size = _UNKNOWN
    for _ in range(_MAX_CHUNKS):
        found = _read_head(file, position, order)
        if found is None:
            return
        name, size = found
        start = position + 8
        if name == b"ds64" and size >= 16:
            file.seek(start + 8)
            data_size = struct.unpack(order + "Q", file.read(8).ljust(8, b"\0"))[0]
        if name == b"data":
            size = data_size if size == _UNKNOWN else size
            if size == 0 and not _is_head(file, start, order, end):
                size = end - start
        size = min(size, end - start)
        if size > 0:
            yield Chunk(name, start, size, order)
        position = start + size
        if size % 2 and (_is_head(file, position + 1, order, end) or not _is_head(file, position, order, end)):
            position += 1


def skip_id3(file: BinaryIO) -> int:
    """Return the length of the ID3 tag at the beginning of a file, 0 for none."""
    file.seek(0)
    head = file.read(10)
    if len(head) < 10 or head[:3] != b"ID3":
        return 0
    size = sum((byte & 0x7F) << shift for byte, shift in zip(head[6:], (21, 14, 7, 0), strict=True))
    return 10 + size + (10 if head[5] & 0x10 else 0)


def _read_head(file: BinaryIO, position: int, order: str) -> tuple[bytes, int] | None:
    """Return the name and the size of the chunk at a position, None if there is none."""
    file.seek(position)
    head = file.read(8)
    if len(head) < 8 or not all(0x20 <= byte < 0x7F for byte in head[:4]):
        return None
    return head[:4], struct.unpack(order + "I", head[4:])[0]


def _is_head(file: BinaryIO, position: int, order: str, end: int) -> bool:
    """Return whether a chunk that fits into the file starts at a position, or the file ends there."""
    found = _read_head(file, position, order)
    return position >= end if found is None else position + 8 + found[1] <= end or found[0] == b"data"
