"""Read and write the metadata of an ONNX file, byte for byte, without the onnx package.

An ONNX file is one protobuf message, ModelProto: a sequence of fields, each a tag and a value. Each field number 14
holds one key and value of the metadata; the network is the large field 7, which is skipped. Fields may be in any order,
so metadata can be removed and appended without touching the rest.

Source: onnx.proto of ONNX 1.17; the Protocol Buffers encoding.
"""

import hashlib
import io
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from technogan.atomic import explain
from technogan.errors import BundleError

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_GRAPH, _METADATA = 7, 14
_MODEL_FIELDS = {1: _VARINT, 5: _VARINT} | dict.fromkeys((2, 3, 4, 6, _GRAPH, 8, _METADATA, 20, 25), _BYTES)
# A tag takes at most 5 bytes, the number after it at most 10.
_HEAD_BYTES = 15
_UNNAMED = Path("model.onnx")
# Far beyond any real model. They bound the time and the memory that a file of a stranger takes.
_MAX_FIELDS = 1 << 14
_MAX_ENTRY_BYTES = 16 << 20


class _Damaged(Exception):
    """Bytes are not a protobuf message of the expected kind."""


@dataclass(frozen=True, slots=True)
class _Field:
    number: int
    wire_type: int
    start: int  # of the tag
    body: int  # of the value
    end: int


def read_metadata(path: Path) -> dict[str, str]:
    """Return the metadata of the ONNX file at `path`; for a key that occurs twice, the last value.

    Reads only a few hundred bytes, even of a large network.

    Raises:
        BundleError: the file is missing, unreadable, truncated or not an ONNX model.
    """
    try:
        if path.exists() and not path.is_file():
            raise BundleError(path, "a folder, not a model file" if path.is_dir() else "not a regular file")
        with path.open("rb") as file:
            return _metadata(file, os.fstat(file.fileno()).st_size)
    except OSError as error:
        raise BundleError(path, explain(error)) from error
    except ValueError as error:  # a path with a NUL in it
        raise BundleError(path, str(error)) from error
    except _Damaged as damage:
        raise BundleError(path, str(damage)) from damage


def metadata_of(data: bytes, path: Path = _UNNAMED) -> dict[str, str]:
    """Return the metadata of an ONNX file's bytes; `path` only names the file in a BundleError. See `read_metadata`."""
    try:
        return _metadata(io.BytesIO(data), len(data))
    except _Damaged as damage:
        raise BundleError(path, str(damage)) from damage


def with_metadata(data: bytes, metadata: Mapping[str, str], path: Path = _UNNAMED) -> bytes:
    """Return the ONNX file `data` with these keys set, in this order at its end. The rest is unchanged.

    Raises:
        BundleError: `data` is not an ONNX model.
    """
    try:
        file = io.BytesIO(data)
        kept = [
            data[field.start : field.end]
            for field in _model_fields(file, len(data))
            if field.number != _METADATA or _read_entry(file, field)[0] not in metadata
        ]
    except _Damaged as damage:
        raise BundleError(path, str(damage)) from damage
    added = [_encode(_METADATA, _encode(1, k.encode()) + _encode(2, v.encode())) for k, v in metadata.items()]
    return b"".join(kept + added)


def graph_digest(data: bytes, path: Path = _UNNAMED) -> str:
    """Return the SHA-256, in hexadecimal, of everything in the ONNX file `data` except its metadata.

    Raises:
        BundleError: `data` is not an ONNX model.
    """
    digest = hashlib.sha256()
    view = memoryview(data)
    try:
        for field in _model_fields(io.BytesIO(data), len(data)):
            if field.number != _METADATA:
                digest.update(view[field.start : field.end])
    except _Damaged as damage:
        raise BundleError(path, str(damage)) from damage
    return digest.hexdigest()


def _metadata(file: BinaryIO, size: int) -> dict[str, str]:
    entries = [field for field in _model_fields(file, size) if field.number == _METADATA]
    return dict(_read_entry(file, field) for field in entries)


def _model_fields(file: BinaryIO, size: int) -> Iterator[_Field]:
    """Yield the fields of a ModelProto, in order. Raises _Damaged if the bytes are something else."""
    if size == 0:
        raise _Damaged("the file is empty")
    graphs = 0
    try:
        for count, field in enumerate(_fields(file, 0, size)):
            if count == _MAX_FIELDS:
                raise _Damaged(f"more than {_MAX_FIELDS} fields")
            if _MODEL_FIELDS.get(field.number, field.wire_type) != field.wire_type:
                raise _Damaged("a field has the wrong type")
            graphs += field.number == _GRAPH
            if field.end > size:
                raise _Damaged(f"{field.end - size} bytes are missing")
            yield field
    except _Damaged as damage:
        what = "the file is truncated or damaged" if graphs else "not an ONNX model, or only the beginning of one"
        raise _Damaged(f"{what} ({damage})") from damage
    if not graphs:
        raise _Damaged("not an ONNX model: it contains no network")


def _fields(file: BinaryIO, start: int, size: int) -> Iterator[_Field]:
    """Yield the fields of a protobuf message from `start`; the last one may claim to end beyond `size`."""
    position = start
    while position < size:
        file.seek(position)
        field = _field_at(position, file.read(min(_HEAD_BYTES, size - position)))
        yield field
        position = field.end


def _field_at(position: int, head: bytes) -> _Field:
    tag, offset = _read_varint(head, 0)
    number, wire_type = tag >> 3, tag & 7
    if not 1 <= number < 1 << 29:
        raise _Damaged(f"{number} is not a field number")
    body = offset
    if wire_type == _VARINT:
        _, end = _read_varint(head, offset)
    elif wire_type == _BYTES:
        length, body = _read_varint(head, offset)
        end = body + length
    elif wire_type in (_FIXED64, _FIXED32):
        end = offset + (8 if wire_type == _FIXED64 else 4)
    else:
        raise _Damaged(f"{wire_type} is not a wire type")
    return _Field(number, wire_type, position, position + body, position + end)


def _read_varint(data: bytes, offset: int) -> tuple[int, int]:
    """Return the number at `offset` and the offset after it: seven bits per byte, lowest first, at most ten bytes."""
    value = 0
    for i, byte in enumerate(data[offset : offset + 10]):
        value |= (byte & 0x7F) << (7 * i)
        if byte < 0x80:
            return value, offset + i + 1
    raise _Damaged("a number does not end")


def _read_entry(file: BinaryIO, field: _Field) -> tuple[str, str]:
    """Return the key and the value of one StringStringEntryProto."""
    if field.end - field.body > _MAX_ENTRY_BYTES:
        raise _Damaged(f"an entry of the metadata has {field.end - field.body} bytes")
    file.seek(field.body)
    body = file.read(field.end - field.body)
    texts = {1: "", 2: ""}
    for part in _fields(io.BytesIO(body), 0, len(body)):
        if part.end > len(body):
            raise _Damaged("the metadata is damaged")
        if part.number in texts and part.wire_type == _BYTES:
            try:
                texts[part.number] = body[part.body : part.end].decode()
            except UnicodeDecodeError as error:
                raise _Damaged("the metadata is damaged: it is not text") from error
    return texts[1], texts[2]


def _encode(number: int, body: bytes) -> bytes:
    return _write_varint(number << 3 | _BYTES) + _write_varint(len(body)) + body


def _write_varint(value: int) -> bytes:
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
