"""A stand-in for the bridge: it speaks the `/cc` dialect and answers with prepared files."""

import queue
import socket
import struct
import threading
import time
from pathlib import Path
from typing import Self

from technogan.osc.ports import LOOPBACK

Argument = int | float | str
Message = tuple[str, str, tuple[Argument, ...]]


def _padded(text: str) -> bytes:
    data = text.encode() + b"\0"
    return data + b"\0" * (-len(data) % 4)


def encode(address: str, *arguments: Argument) -> bytes:
    """Encode an OSC message: int as i, float as f, str as s."""
    tags, data = ",", b""
    for argument in arguments:
        match argument:
            case int():
                tags, data = tags + "i", data + struct.pack(">i", argument)
            case float():
                tags, data = tags + "f", data + struct.pack(">f", argument)
            case str():
                tags, data = tags + "s", data + _padded(argument)
    return _padded(address) + _padded(tags) + data


def decode(datagram: bytes) -> Message:
    """Return address, type tags without the comma, and arguments of exactly one message; else raise ValueError."""
    address, rest = _string(datagram)
    tags, rest = _string(rest)
    if not address.startswith("/") or not tags.startswith(","):
        raise ValueError(f"no OSC message: {datagram!r}")
    arguments: list[Argument] = []
    for tag in tags[1:]:
        if tag == "s":
            text, rest = _string(rest)
            arguments.append(text)
        else:
            arguments.append(struct.unpack(f">{tag}", rest[:4])[0])
            rest = rest[4:]
    if rest:
        raise ValueError(f"{len(rest)} bytes too many")
    return address, tags[1:], tuple(arguments)


def _string(data: bytes) -> tuple[str, bytes]:
    end = data.index(b"\0")
    return data[:end].decode(), data[end + 4 - end % 4 :]


class BridgeStandIn:
    """A server on a free port. `loops` maps ids to files; other ids are answered with an error."""

    def __init__(self, loops: dict[int, Path], *, bpm: float = 128.0) -> None:
        self.loops = loops
        self.bpm = bpm
        self.received: queue.Queue[Message] = queue.Queue()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((LOOPBACK, 0))
        self._socket.settimeout(0.1)
        self._reply_port = 0
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._serve)

    @property
    def port(self) -> int:
        return self._socket.getsockname()[1]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        self._thread.join()
        self._socket.close()

    def next(self, address: str, timeout_s: float = 10.0) -> Message:
        """Return the next message to this address and skip earlier ones."""
        deadline = time.monotonic() + timeout_s
        while True:
            message = self.received.get(timeout=max(0.0, deadline - time.monotonic()))
            if message[0] == address:
                return message

    def forget(self) -> None:
        """Discard all messages received so far."""
        self.addresses()

    def addresses(self) -> list[str]:
        """Return the addresses of the messages received since, without the heartbeat."""
        found = []
        while not self.received.empty():
            found.append(self.received.get()[0])
        return [address for address in found if address not in ("/cc/register", "/cc/status")]

    def reply(self, address: str, *arguments: Argument) -> None:
        self._socket.sendto(encode(address, *arguments), (LOOPBACK, self._reply_port))

    def _serve(self) -> None:
        while not self._ends.is_set():
            try:
                datagram = self._socket.recv(65536)
            except TimeoutError:
                continue
            message = decode(datagram)
            self.received.put(message)
            self._answer(*message)

    def _answer(self, address: str, _tags: str, arguments: tuple[Argument, ...]) -> None:
        if address == "/cc/register":
            self._reply_port = int(arguments[0])
            self.reply("/ccret/registered", LOOPBACK, self._reply_port)
        elif address == "/cc/status":
            self.reply("/ccret/status", "0.1.0", "beat", 64, self.bpm, 44100, "/tmp", 0)
        elif address == "/cc/isAlive":
            self.reply("/ccret/alive")
        elif address.startswith("/cc/generate_"):
            number = int(arguments[0])
            if number in self.loops:
                self.reply("/ccret/wav_id", number, str(self.loops[number]), f"Generated {number}")
            else:
                self.reply("/ccret/error", address, number, "failed", "no such loop")
                self.reply("/ccret/msg", "no such loop")
