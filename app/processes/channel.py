"""A two-way connection between this process and a child."""

import threading
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from app.processes.shared_arrays import SharedArrays


@dataclass(frozen=True, slots=True)
class ChannelAddress:
    """What a child needs to open its end. The names are those of shared memory, or None."""

    connection: Connection
    incoming: str | None
    outgoing: str | None

    def open(self) -> "Channel":
        """Return the child's end."""
        return Channel(self.connection, SharedArrays.open(self.incoming), SharedArrays.open(self.outgoing))


class Channel:
    """One end of the connection. Any thread may send; one thread receives."""

    def __init__(self, connection: Connection, incoming: SharedArrays, outgoing: SharedArrays) -> None:
        self._connection, self._incoming, self._outgoing = connection, incoming, outgoing
        self._sending = threading.Lock()

    def make_address(self, connection: Connection) -> ChannelAddress:
        """Return the address of the other end, which uses this connection."""
        return ChannelAddress(connection, incoming=self._outgoing.name, outgoing=self._incoming.name)

    def send(self, value: Any) -> None:
        """Send a value; wait while the other end reads too slowly. Raises OSError if the other end is closed."""
        with self._sending:
            self._connection.send(self._outgoing.pack(value))

    def receive(self) -> Any:
        """Wait for the next value. Raises EOFError or OSError if the other end is closed."""
        return self._incoming.unpack(self._connection.recv())

    def close(self) -> None:
        """Close this end, in the parent, and release the memory. The child must have ended."""
        self._connection.close()
        self._incoming.free()
        self._outgoing.free()
