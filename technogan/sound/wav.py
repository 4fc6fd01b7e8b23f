"""WAV files for samplers and DAWs: with loop points, a tempo and a comment that stores the origin of the sound.

Three chunks follow the samples: `smpl` (one forward loop over the whole file), `acid` (beats and tempo) and
`LIST`/`INFO` (the comment). Programs that know none of them read a plain WAV.
"""

import contextlib
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Literal

import numpy as np

from technogan.arrays import FloatArray
from technogan.atomic import explain, is_stream, write_atomically
from technogan.errors import SettingError, SourceError
from technogan.sound.chunks import Chunk, read_chunks

Subtype = Literal["16", "24", "float"]
SUBTYPES: tuple[Subtype, ...] = ("16", "24", "float")

_PCM, _IEEE_FLOAT = 1, 3
_SOFTWARE = "TechnoGAN"
_MIDDLE_C = 60
_ACID = "IHHfIHHf"
_ACID_BYTES = 24
_ONE_SHOT, _ACID_STRETCH = 1, 4
_MAX_LIST_BYTES = 1 << 20


def choose_subtype(samples: FloatArray) -> Subtype:
    """Return "24", or "float" for samples that 24 bits would clip, such as a stem that is louder than its loop."""
    return "float" if float(np.abs(samples).max(initial=0.0)) > 1 else "24"


def write_wav(
    path: Path,
    samples: FloatArray,
    sample_rate: int,
    *,
    bpm: float,
    beats: int,
    comment: str = "",
    subtype: Subtype = "24",
) -> int:
    """Write a mono loop to a WAV file, atomically.

    Args:
        path: the file to write or replace.
        samples: float32 (n_samples,). Values outside [-1, 1] are clipped, except with the subtype "float".
        sample_rate: Hz.
        bpm: tempo of the loop.
        beats: length of the loop in beats.
        comment: text for the `ICMT` field.
        subtype: bits per sample, "16", "24" or "float" (32-bit floating point).

    Returns:
        The number of samples that were clipped.

    Raises:
        OutputError: the file cannot be written.
        SettingError: the subtype is unknown.
    """
    if subtype not in SUBTYPES:
        raise SettingError("subtype", subtype, f"one of {', '.join(SUBTYPES)}")
    data, clipped = _encode(samples, subtype)
    width = 2 if subtype == "16" else 3 if subtype == "24" else 4
    code = _IEEE_FLOAT if subtype == "float" else _PCM
    chunks = _chunk(b"fmt ", struct.pack("<HHIIHH", code, 1, sample_rate, sample_rate * width, width, 8 * width))
    chunks += _chunk(b"data", data)
    if subtype == "float":
        chunks += _chunk(b"fact", struct.pack("<I", len(samples)))
    chunks += _chunk(b"smpl", _loop_points(len(samples), sample_rate))
    chunks += _chunk(b"acid", struct.pack("<" + _ACID, _ACID_STRETCH, _MIDDLE_C, 0x8000, 0.0, beats, 4, 4, bpm))
    chunks += _chunk(b"LIST", b"INFO" + _text(b"ISFT", _SOFTWARE) + _text(b"ICMT", comment))
    write_atomically(path, b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks)
    return clipped


def read_comment(path: Path) -> str:
    """Return the `ICMT` comment of a WAV file, "" if it has none or is another file. Raises SourceError."""
    with _open_chunks(path) as (file, chunks):
        for chunk in chunks:
            if chunk.name == b"LIST" and chunk.size <= _MAX_LIST_BYTES:
                file.seek(chunk.start)
                comment = _find_comment(file.read(chunk.size), chunk.order)
                if comment:
                    return comment
    return ""


def read_tempo(path: Path) -> tuple[int, float]:
    """Return the beats and the tempo, BPM, that the `acid` chunk of a WAV file states; (0, 0.0) if it states none.

    Raises SourceError.
    """
    with _open_chunks(path) as (file, chunks):
        for chunk in chunks:
            if chunk.name == b"acid" and chunk.size >= _ACID_BYTES:
                file.seek(chunk.start)
                kind, _, _, _, beats, _, _, bpm = struct.unpack(chunk.order + _ACID, file.read(_ACID_BYTES))
                return (0, 0.0) if kind & _ONE_SHOT else (beats, bpm)
    return 0, 0.0


@contextlib.contextmanager
def _open_chunks(path: Path) -> Iterator[tuple[BinaryIO, Iterator[Chunk]]]:
    if is_stream(path):
        raise SourceError(path, "is not a file")
    try:
        with path.open("rb") as file:
            yield file, read_chunks(file)
    except OSError as error:
        raise SourceError(path, explain(error)) from error


def _encode(samples: FloatArray, subtype: Subtype) -> tuple[bytes, int]:
    if subtype == "float":
        return samples.astype("<f4").tobytes(), 0
    full = 32767 if subtype == "16" else 8388607
    scaled = np.rint(samples.astype(np.float64) * full)
    clipped = int(np.count_nonzero(np.abs(scaled) > full))
    whole = np.clip(scaled, -full, full).astype("<i4")
    if subtype == "16":
        return whole.astype("<i2").tobytes(), clipped
    return whole.view(np.uint8).reshape(-1, 4)[:, :3].tobytes(), clipped


def _loop_points(n_samples: int, sample_rate: int) -> bytes:
    # Manufacturer and product 0, sample period in ns, root note, no SMPTE. One loop: id 0, forward, first and last
    # sample, endless.
    head = struct.pack("<9I", 0, 0, round(1e9 / sample_rate), _MIDDLE_C, 0, 0, 0, 1, 0)
    return head + struct.pack("<6I", 0, 0, 0, n_samples - 1, 0, 0)


def _chunk(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def _text(name: bytes, text: str) -> bytes:
    return _chunk(name, text.encode(errors="backslashreplace") + b"\0")


def _find_comment(info: bytes, order: str) -> str:
    position = 4
    while info[:4] == b"INFO" and position + 8 <= len(info):
        name, size = info[position : position + 4], struct.unpack_from(order + "I", info, position + 4)[0]
        if name == b"ICMT":
            return info[position + 8 : position + 8 + size].split(b"\0")[0].decode(errors="replace")
        position += 8 + size + size % 2
    return ""
