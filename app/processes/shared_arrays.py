"""Pass large arrays to another process through shared memory.

Through a pipe they would arrive in dozens of pieces, and for each the receiver must wait for the interpreter's lock.
"""

import contextlib
import os
import pickle
import re
import secrets
from dataclasses import dataclass
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path
from typing import Any, Self

# Several loops of four beats. Larger values, such as long sequences, are not urgent and go through the pipe.
_ARRAY_BYTES = 8 << 20
# The first bytes count the values that the reader has taken.
_COUNT_BYTES = 8
# Linux shows shared memory as files here.
_FOLDER = Path("/dev/shm")
_NAME = re.compile(r"technogan-(\d+)-[0-9a-f]+")


@dataclass(frozen=True, slots=True)
class PackedMessage:
    """A pickled value. sizes: bytes of each of its arrays, which are in shared memory one after the other."""

    data: bytes
    sizes: tuple[int, ...]


class SharedArrays:
    """Shared memory that holds the arrays of one value at a time. One process writes values, another one reads them."""

    def __init__(self, memory: SharedMemory | None) -> None:
        self._memory = memory
        self._bytes = None if memory is None else memory.buf
        self._n_packed = 0

    @classmethod
    def create(cls) -> Self:
        """Create memory that another process can open; without any if the system provides none."""
        try:
            name = f"technogan-{os.getpid()}-{secrets.token_hex(4)}"
            return cls(SharedMemory(name, create=True, size=_COUNT_BYTES + _ARRAY_BYTES))
        except OSError:
            return cls(None)

    @classmethod
    def open(cls, name: str | None) -> Self:
        """Open the memory with this name in the other process."""
        return cls(None if name is None else SharedMemory(name))

    @property
    def name(self) -> str | None:
        """The name for `open`; None without memory."""
        return None if self._memory is None else self._memory.name

    def pack(self, value: Any) -> PackedMessage:
        """Pickle a value; write its arrays to the memory if they fit and the reader has taken the previous ones."""
        buffers: list[pickle.PickleBuffer] = []
        data = pickle.dumps(value, protocol=5, buffer_callback=buffers.append)
        views = [buffer.raw() for buffer in buffers]
        memory = self._bytes
        if memory is None or self._n_taken != self._n_packed or sum(view.nbytes for view in views) > _ARRAY_BYTES:
            return PackedMessage(pickle.dumps(value, protocol=5), ())
        place = _COUNT_BYTES
        for view in views:
            memory[place : place + view.nbytes] = view
            place += view.nbytes
        self._n_packed += bool(views)
        return PackedMessage(data, tuple(view.nbytes for view in views))

    def unpack(self, message: PackedMessage) -> Any:
        """Return the value, with copies of its arrays."""
        memory = self._bytes
        if memory is None or not message.sizes:
            return pickle.loads(message.data)
        copies, place = [], _COUNT_BYTES
        for size in message.sizes:
            copies.append(bytearray(memory[place : place + size]))
            place += size
        self._n_taken += 1
        return pickle.loads(message.data, buffers=copies)

    def free(self) -> None:
        """Release the memory, once no process uses it any longer."""
        if self._memory is not None:
            self._memory.close()
            self._memory.unlink()

    @property
    def _n_taken(self) -> int:
        return 0 if self._bytes is None else int.from_bytes(self._bytes[:_COUNT_BYTES], "little")

    @_n_taken.setter
    def _n_taken(self, number: int) -> None:
        if self._bytes is not None:
            self._bytes[:_COUNT_BYTES] = number.to_bytes(_COUNT_BYTES, "little")


def remove_abandoned() -> None:
    """Remove shared memory of processes that were killed together with everything that would have released it."""
    with contextlib.suppress(OSError):
        for path in _FOLDER.iterdir():
            found = _NAME.fullmatch(path.name)
            if found is not None and not Path("/proc", found.group(1)).exists():
                path.unlink()
