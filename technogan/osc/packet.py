"""Decode and encode datagrams, with python-osc's readers and writers of single values.

OscBundle and OscMessage are not used, because an element of negative size makes them loop for ever, an unknown type
tag shifts every argument after it, and both write to the root logger.
"""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from pythonosc.parsing import osc_types

# The largest UDP payload over IPv4.
MAX_DATAGRAM = 65507

_BUNDLE = b"#bundle\0"
_BUNDLE_HEAD = 16
_MAX_ARGUMENTS = 4096

_READERS: dict[str, Callable[[bytes, int], tuple[Any, int]]] = {
    "i": osc_types.get_int,
    "h": osc_types.get_int64,
    "f": osc_types.get_float,
    "d": osc_types.get_double,
    "s": osc_types.get_string,
    "S": osc_types.get_string,
    "b": osc_types.get_blob,
    "c": osc_types.get_int,
    "r": osc_types.get_rgba,
    "m": osc_types.get_midi,
    "t": osc_types.get_timetag,
}
_CONSTANTS = {"T": True, "F": False, "N": None, "I": None}
_WRITERS: dict[str, Callable[[Any], bytes]] = {
    "i": osc_types.write_int,
    "f": osc_types.write_float,
    "s": osc_types.write_string,
}


@dataclass(frozen=True, slots=True)
class Message:
    """A message. tags: one type tag for each argument, without the comma; arrays are flattened."""

    address: str
    tags: str = ""
    arguments: tuple[Any, ...] = ()

    def __str__(self) -> str:
        shown = [f"{argument:g}" if isinstance(argument, float) else repr(argument) for argument in self.arguments]
        if len(shown) > 8:
            shown = [*shown[:6], f"... ({len(shown)} arguments)"]
        return " ".join([self.address, *shown])


@dataclass(frozen=True, slots=True)
class Malformed:
    """A message whose arguments cannot be read."""

    address: str
    reason: str

    def __str__(self) -> str:
        return f"{self.address} ({self.reason})"


def decode_datagram(datagram: bytes) -> Iterator[Message | Malformed]:
    """Yield the messages of a datagram in order; none if it is not an OSC packet.

    The timetags of bundles are ignored.
    """
    waiting = [datagram]
    while waiting:  # no recursion: bundles may be nested thousands deep
        element = waiting.pop()
        if element.startswith(_BUNDLE):
            waiting += reversed(_elements(element))
        elif element.startswith(b"/"):
            message = _message(element)
            if message is not None:
                yield message


def encode_message(message: Message) -> bytes:
    """Encode a message of ints, floats, strings and true (tags i, f, s, T)."""
    data = osc_types.write_string(message.address) + osc_types.write_string(f",{message.tags}")
    for tag, argument in zip(message.tags, message.arguments, strict=True):
        if isinstance(argument, str):
            # A path may contain bytes that are not valid text.
            argument = argument.encode("utf-8", "replace").decode()
        if tag in _WRITERS:
            data += _WRITERS[tag](argument)
    return data


def _elements(bundle: bytes) -> list[bytes]:
    found = []
    index = _BUNDLE_HEAD
    while index + 4 <= len(bundle):
        (size,) = struct.unpack_from(">i", bundle, index)
        index += 4
        if size < 0 or index + size > len(bundle):
            break
        found.append(bundle[index : index + size])
        index += size
    return found


def _message(element: bytes) -> Message | Malformed | None:
    try:
        address, index = osc_types.get_string(element, 0)
    except (osc_types.ParseError, ValueError):
        return None
    try:
        tags, arguments = _arguments(element, index)
    except (osc_types.ParseError, ValueError, OverflowError) as error:
        return Malformed(address, f"its arguments cannot be read: {error}")
    return Message(address, tags, arguments)


def _arguments(element: bytes, index: int) -> tuple[str, tuple[Any, ...]]:
    if index >= len(element):  # old clients leave the tags out if there are no arguments
        return "", ()
    tags, index = osc_types.get_string(element, index)
    if not tags.startswith(","):
        raise ValueError("no type tags")
    tags = tags[1:].replace("[", "").replace("]", "")
    if len(tags) > _MAX_ARGUMENTS:
        raise ValueError(f"more than {_MAX_ARGUMENTS} arguments")
    values = []
    for tag in tags:
        value, index = _value(tag, element, index)
        values.append(value)
    return tags, tuple(values)


def _value(tag: str, element: bytes, index: int) -> tuple[Any, int]:
    if tag in _CONSTANTS:
        return _CONSTANTS[tag], index
    if tag not in _READERS:
        raise ValueError(f"unknown type {tag!r}")
    # python-osc pads a truncated float. A truncated message is rejected instead.
    if not 0 <= index <= len(element) - 4:
        raise ValueError("the message is truncated")
    return _READERS[tag](element, index)
