"""A UDP port of the bridge.

Some clients look up `localhost` as 127.0.0.1, others as ::1, so that a port on one loopback address is open on both.
"""

import contextlib
import errno
import selectors
import socket
from typing import Any

from technogan.errors import PortError
from technogan.osc.packet import MAX_DATAGRAM
from technogan.osc.peers import Address
from technogan.osc.ports import LOOPBACK, LOOPBACK_6

# Large enough for bursts. Linux charges 1280 bytes for a request of 65 values, and 2304 bytes for one of 130 values.
_RECEIVE_BUFFER = 1 << 22
_TIMEOUT_S = 0.5
_PARTNERS = {LOOPBACK: LOOPBACK_6, "0.0.0.0": LOOPBACK_6, LOOPBACK_6: LOOPBACK}
_NO_SUCH_FAMILY = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, 10049, 10047)
_IN_USE = (errno.EADDRINUSE, 10048)


class UdpPort:
    """An open port. One thread receives, any thread sends. Raises PortError if the port cannot be opened."""

    def __init__(self, host: str, port: int) -> None:
        self._sockets = _open_both(host, port)
        self._selector = selectors.DefaultSelector()
        for opened in self._sockets:
            self._selector.register(opened, selectors.EVENT_READ)

    @property
    def address(self) -> Address:
        """The host and the number of the port."""
        host, port = self._sockets[0].getsockname()[:2]
        return host, port

    @property
    def buffer_bytes(self) -> int:
        """The size of the receive buffer; the system may have limited it."""
        return self._sockets[0].getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)

    def receive(self) -> tuple[bytes, Address] | None:
        """Return the next datagram and its source; None if there was none for half a second. Raises OSError."""
        for key, _ in self._selector.select(_TIMEOUT_S):
            ready: Any = key.fileobj
            with contextlib.suppress(TimeoutError):  # the system may drop a damaged datagram
                datagram, source = ready.recvfrom(MAX_DATAGRAM + 1)
                return datagram, source[:2]
        return None

    def send(self, datagram: bytes, address: Address) -> None:
        """Send a datagram. Raises OSError."""
        host, port = address
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        by_family = {opened.family: opened for opened in self._sockets}
        if family in by_family:
            by_family[family].sendto(datagram, address)
        else:  # a socket for :: serves IPv4 as well
            self._sockets[0].sendto(datagram, (f"::ffff:{host}", port))

    def wake(self) -> None:
        """Let `receive` return at once."""
        host, port = self.address
        with contextlib.suppress(OSError):
            self.send(b"", (LOOPBACK_6 if ":" in host else LOOPBACK, port))

    def close(self) -> None:
        """Close the port."""
        self._selector.close()
        for opened in self._sockets:
            opened.close()


def _open_both(host: str, port: int) -> list[socket.socket]:
    """Open a port, and the same port of the other loopback address if `host` is one. Raises PortError."""
    first = _open(host, port)
    own_host, own_port = first.getsockname()[:2]
    if own_host not in _PARTNERS:
        return [first]
    try:
        return [first, _open(_PARTNERS[own_host], own_port)]
    except PortError as error:
        number = getattr(error.__cause__, "errno", None)
        if number in _NO_SUCH_FAMILY:
            return [first]
        first.close()
        if port or number not in _IN_USE:
            raise
    return _open_both(host, port)  # the system chose the port, and chooses another one


def _open(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        opened = socket.socket(family, socket.SOCK_DGRAM)
    except OSError as error:
        raise PortError(host, port, _explain(error)) from error
    try:
        for size in (_RECEIVE_BUFFER, 1 << 20):
            with contextlib.suppress(OSError):  # some systems refuse a large buffer instead of providing a smaller one
                opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, size)
                break
        if family == socket.AF_INET6:
            opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, host != "::")
        opened.bind((host, port))
        opened.settimeout(_TIMEOUT_S)
    except (OSError, UnicodeError) as error:
        opened.close()
        raise PortError(host, port, _explain(error)) from error
    return opened


def _explain(error: Exception) -> str:
    number = getattr(error, "errno", None)
    if number in _IN_USE:
        return "in use by another program, perhaps another bridge; choose another with --port"
    if number in (errno.EACCES, 10013):
        return "not permitted by the system; choose another above 1023 with --port"
    if isinstance(error, (socket.gaierror, UnicodeError)) or number in (errno.EADDRNOTAVAIL, 10049):
        return "not an address of this machine; choose another with --host"
    return f"cannot be opened ({getattr(error, 'strerror', None) or error})"
