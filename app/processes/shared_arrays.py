"""Send large arrays to another process through shared memory.

Through a pipe they would arrive in dozens of pieces, and for each the receiver must wait for the interpreter's lock.
"""

import pickle
from dataclasses import dataclass
from multiprocessing.shared_memory import SharedMemory
from typing import Any

# Several loops of four beats. Larger values, such as long sequences, are not urgent and go through the pipe.
_SHARED_BYTES = 8 << 20


@dataclass(frozen=True, slots=True)
class PackedMessage:
    """A pickled value. sizes: bytes of each of its arrays, which are in shared memory one after the other."""

    data: bytes
    sizes: tuple[int, ...]


def create_memory() -> SharedMemory | None:
    """Create memory that another process can open by its name; None if the system provides none."""
    try:
        return SharedMemory(create=True, size=_SHARED_BYTES)
    except OSError:
        return None


def open_memory(name: str | None) -> SharedMemory | None:
    """Open the memory of this name, in the other process; None for None."""
    return None if name is None else SharedMemory(name)


def free_memory(memory: SharedMemory | None) -> None:
    """Release the memory, once no process uses it any longer."""
    if memory is not None:
        memory.close()
        memory.unlink()


def pack(value: Any, memory: SharedMemory | None) -> PackedMessage:
    """Pickle a value and write its arrays over the memory's content; without memory or room, pickle them as well."""
    buffers: list[pickle.PickleBuffer] = []
    data = pickle.dumps(value, protocol=5, buffer_callback=buffers.append)
    views = [buffer.raw() for buffer in buffers]
    if memory is None or sum(view.nbytes for view in views) > memory.size:
        return PackedMessage(pickle.dumps(value, protocol=5), ())
    place, room = 0, memory.buf
    assert room is not None
    for view in views:
        room[place : place + view.nbytes] = view
        place += view.nbytes
    return PackedMessage(data, tuple(view.nbytes for view in views))


def unpack(message: PackedMessage, memory: SharedMemory | None) -> Any:
    """Return the value. Its arrays are copies, so that the memory may be written again."""
    copies, place = [], 0
    for size in message.sizes:
        assert memory is not None
        assert memory.buf is not None
        copies.append(bytearray(memory.buf[place : place + size]))
        place += size
    return pickle.loads(message.data, buffers=copies)
