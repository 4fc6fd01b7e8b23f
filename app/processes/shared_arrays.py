"""Large arrays from one process to another, through memory that both see.

Through a pipe they would come in dozens of pieces, and for each the receiver waits for the interpreter anew.
"""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from multiprocessing.shared_memory import SharedMemory
from typing import Any

# Several loops of four beats. What is larger, as long sequences are, is in no hurry and goes through the pipe.
_SHARED_BYTES = 8 << 20


@dataclass(frozen=True, slots=True)
class Parcel:
    """Something pickled. sizes: bytes of each array that lies in the shared memory, one behind the other."""

    data: bytes
    sizes: tuple[int, ...]


def shared() -> SharedMemory | None:
    """Memory that another process can open by its name; None where the system gives none."""
    try:
        return SharedMemory(create=True, size=_SHARED_BYTES)
    except OSError:
        return None


def opened(name: str | None) -> SharedMemory | None:
    """The memory of that name, in the other process; None for None."""
    return None if name is None else SharedMemory(name)


def freed(memory: SharedMemory | None) -> None:
    """Give it back, once nobody uses it any more."""
    if memory is not None:
        memory.close()
        memory.unlink()


def packed(thing: Any, memory: SharedMemory | None) -> Parcel:
    """Put its arrays into the memory, over what lay there. Without memory, or room, all of it is in the parcel."""
    buffers: list[pickle.PickleBuffer] = []
    data = pickle.dumps(thing, protocol=5, buffer_callback=buffers.append)
    views = [buffer.raw() for buffer in buffers]
    if memory is None or sum(view.nbytes for view in views) > memory.size:
        return Parcel(pickle.dumps(thing, protocol=5), ())
    place, room = 0, memory.buf
    assert room is not None
    for view in views:
        room[place : place + view.nbytes] = view
        place += view.nbytes
    return Parcel(data, tuple(view.nbytes for view in views))


def unpacked(parcel: Parcel, memory: SharedMemory | None) -> Any:
    """What was packed; its arrays are copies, so that the memory may be written again."""
    copies, place = [], 0
    for size in parcel.sizes:
        assert memory is not None
        assert memory.buf is not None
        copies.append(bytearray(memory.buf[place : place + size]))
        place += size
    return pickle.loads(parcel.data, buffers=copies)
