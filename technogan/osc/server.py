"""The UDP side of the bridge: one socket, and one thread that receives, parses and submits.

This thread and the service's worker send replies. No datagram can end the thread.
"""

import contextlib
import errno
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from technogan.errors import PortError, RequestError, SettingError, TechnoganError
from technogan.osc.commands import Register, Unregister
from technogan.osc.dialects import DIALECTS, Dialect, is_reply, parse_address
from technogan.osc.jobs import OscRequest
from technogan.osc.packet import MAX_DATAGRAM, Malformed, Message, decode_datagram, encode_message
from technogan.osc.peers import Address, Peers
from technogan.osc.ports import DEFAULT_PORT, DEFAULT_REPLY_PORT, LOOPBACK
from technogan.osc.protocol import NO_ID, Reply, error_reply, id_of, parse_command
from technogan.osc.service import Service
from technogan.osc.table import CommandRow, find_command

_LOG = logging.getLogger(__name__)

# Large enough for bursts. Linux charges 1280 bytes for a request of 65 values, and 2304 bytes for one of 130 values.
_RECEIVE_BUFFER = 1 << 22
_BYTES_PER_REQUEST = 2304
_POLL_S = 0.5
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class _Query:
    """The source of a message, and the address and dialect for its reply."""

    source: Address
    reply_to: Address
    dialect: Dialect
    name: str


class Server:
    """Hosts a service on a UDP port.

    Args:
        service: the service.
        host: the address to listen on.
        port: the port to listen on; the system chooses one for 0.
        reply_port: the port for replies to clients that have not registered.
        allowed: hosts or networks that may send commands besides this machine.
        clock: returns the time in seconds, for registrations.

    Raises:
        SettingError: a port is out of range, the two ports are the same, or a host cannot be found.
    """

    def __init__(
        self,
        service: Service,
        *,
        host: str = LOOPBACK,
        port: int = DEFAULT_PORT,
        reply_port: int = DEFAULT_REPLY_PORT,
        allowed: Iterable[str] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        for name, value, lowest in (("port", port, 0), ("reply port", reply_port, 1)):
            if not lowest <= value <= 65535:
                raise SettingError(name, value, f"from {lowest} to 65535")
        if port == reply_port:
            raise SettingError("reply port", reply_port, "different from the port of the service")
        self._service = service
        self._host, self._port, self._reply_port = host, port, reply_port
        self._peers = Peers(reply_port, allowed=allowed, clock=clock)
        self._socket: socket.socket | None = None
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._receive, name="osc-receiver", daemon=True)

    @property
    def address(self) -> Address:
        """The host and port of the service, once started."""
        return self._host, self._port

    @property
    def capacity(self) -> int:
        """The number of requests that the receive buffer holds, once started; a larger burst may lose some."""
        assert self._socket is not None
        return self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) // _BYTES_PER_REQUEST

    def start(self) -> None:
        """Open the port, announce the start to clients, and receive. Raises PortError if the port is not available."""
        self._socket = _open_socket(self._host, self._port)
        self._host, self._port = self._socket.getsockname()[:2]
        self._peers.own = self.address
        self._thread.start()
        for dialect in DIALECTS.values():
            self._send(dialect, self._default_reply_address(), Reply("init"))

    def stop(self) -> None:
        """Stop receiving and close the port. Stop the service first, so that waiting requests are still answered."""
        self._closing.set()
        if self._socket is None:
            return
        with contextlib.suppress(OSError):  # wakes the thread at once; otherwise it polls every half second
            self._socket.sendto(b"", (self._default_reply_address()[0], self._port))
        if self._thread.is_alive():
            self._thread.join(5.0)
        self._socket.close()

    def handle(self, datagram: bytes, source: Address) -> None:
        """Process a datagram; never raises."""
        try:
            if not self._peers.is_allowed(source[0]):
                self._drop(source, "this host is not allowed; see the option --allow")
                return
            found = False
            for message in decode_datagram(datagram):
                found = True
                self._handle_message(message, source)
            if not found:
                self._drop(source, "not an OSC message")
        except Exception:
            _LOG.exception("cannot handle a datagram of %d bytes from %s", len(datagram), source)

    def _handle_message(self, message: Message | Malformed, source: Address) -> None:
        self._service.notify(lambda listener: listener.received(_format(source), message))
        if is_reply(message.address):
            self._drop(source, f"{message.address} is a reply, not a command")
            return
        dialect, name = parse_address(message.address)
        query = _Query(source, self._peers.reply_address(source), dialect, name[:_LONGEST_NAME])
        row = find_command(name)
        arguments = message.arguments if isinstance(message, Message) else ()
        try:
            self._submit(query, row, message)
        except Exception as error:
            if not isinstance(error, TechnoganError):
                _LOG.exception("%s failed", query.name)
            id = NO_ID if row is None else id_of(row, arguments, latent_size=self._service.latent_size, gg=dialect.gg)
            self._send(dialect, query.reply_to, error_reply(query.name, id, error))

    def _submit(self, query: _Query, row: CommandRow | None, message: Message | Malformed) -> None:
        if row is None:
            raise RequestError("unknown_command", f"there is no command {query.name!r}")
        if isinstance(message, Malformed):
            raise RequestError("wrong_arguments", f"{row.name}: {message.reason}")
        dialect, source = query.dialect, query.source
        command = parse_command(row, message.arguments, latent_size=self._service.latent_size, gg=dialect.gg)
        match command:
            case Register(port, host):
                address = self._peers.register(source, port, host)
                self._send(dialect, address, Reply("registered", address))
            case Unregister():
                self._send(dialect, query.reply_to, Reply("unregistered", self._peers.unregister(source)))
            case _:
                answer = partial(self._send, dialect, query.reply_to)
                self._service.submit(OscRequest(command, query.reply_to, answer, query.name, fixed_names=dialect.gg))

    def _receive(self) -> None:
        assert self._socket is not None
        while not self._closing.is_set():
            try:
                datagram, source = self._socket.recvfrom(MAX_DATAGRAM + 1)
            except TimeoutError:
                continue
            except OSError as error:
                # On Windows, an earlier reply did not reach a client (10054). Otherwise wait, to avoid spinning.
                _LOG.debug("receiving: %s", error)
                self._closing.wait(0 if isinstance(error, ConnectionError) else 0.05)
                continue
            if not self._closing.is_set():
                self.handle(datagram, source[:2])

    def _send(self, dialect: Dialect, address: Address, reply: Reply) -> None:
        for message in dialect.encode(reply):
            try:
                assert self._socket is not None
                self._socket.sendto(encode_message(message), address)
            except OSError as error:
                _LOG.warning("cannot send %s to %s:%d: %s", message.address, *address, error)
            self._service.notify(lambda listener, sent=message: listener.sent(_format(address), sent))  # type: ignore[misc]

    def _drop(self, source: Address, reason: str) -> None:
        self._service.notify(lambda listener: listener.dropped(_format(source), reason))

    def _default_reply_address(self) -> Address:
        return "::1" if ":" in self._host else LOOPBACK, self._reply_port


def _open_socket(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    opened = socket.socket(family, socket.SOCK_DGRAM)
    try:
        for size in (_RECEIVE_BUFFER, 1 << 20):
            with contextlib.suppress(OSError):  # some systems refuse a large buffer instead of providing a smaller one
                opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, size)
                break
        opened.bind((host, port))
        opened.settimeout(_POLL_S)
    except (OSError, UnicodeError) as error:
        opened.close()
        raise PortError(host, port, _reason(error)) from error
    return opened


def _reason(error: Exception) -> str:
    number = getattr(error, "errno", None)
    if number in (errno.EADDRINUSE, 10048):
        return "in use by another program, perhaps another bridge; choose another with --port"
    if number in (errno.EACCES, 10013):
        return "not permitted by the system; choose another above 1023 with --port"
    if isinstance(error, socket.gaierror) or number in (errno.EADDRNOTAVAIL, 10049) or isinstance(error, UnicodeError):
        return "not an address of this machine; choose another with --host"
    return f"cannot be opened ({getattr(error, 'strerror', None) or error})"


def _format(address: Sequence[Any]) -> str:
    return f"{address[0]}:{address[1]}"
