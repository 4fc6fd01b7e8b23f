"""The UDP side of the bridge: one socket, one thread that receives, parses and submits.

Replies are sent from this thread and from the service's worker. Nothing that anybody sends ends the thread.
"""

from __future__ import annotations

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
from technogan.osc.dialects import DIALECTS, Dialect, addressed, is_reply
from technogan.osc.jobs import Request
from technogan.osc.packet import MAX_DATAGRAM, Malformed, Message, datagram_of, messages_of
from technogan.osc.peers import Address, Peers
from technogan.osc.ports import LOOPBACK
from technogan.osc.protocol import NO_ID, Reply, failure, id_of, parse
from technogan.osc.service import Service
from technogan.osc.table import Row, row_named

_LOG = logging.getLogger(__name__)

DEFAULT_PORT, DEFAULT_REPLY_PORT = 10102, 10101

# Room for bursts. In Linux's books a request of 65 values takes 1280 bytes, one of 130 values 2304.
_RECEIVE_BUFFER = 1 << 22
_BOOKED_FOR_A_REQUEST = 2304
_PAUSE_S = 0.5
_MAX_ECHO = 200


@dataclass(frozen=True, slots=True)
class _Question:
    """A message on its way to the service."""

    source: Address
    reply_to: Address
    dialect: Dialect
    name: str


class Server:
    """Hosts a service on a UDP port.

    port: 0 lets the system choose one. reply_port: of the asking host, unless a client registers another. allowed: who
    may ask beside this machine, when `host` is more than loopback. clock: seconds, for registrations. Raises
    SettingError for a port or a host that is none.
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
            raise SettingError("reply port", reply_port, "another than the port that is listened on")
        self._service = service
        self._host, self._port, self._reply_port = host, port, reply_port
        self._peers = Peers(reply_port, allowed=allowed, clock=clock)
        self._socket: socket.socket | None = None
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._receive, name="osc-receiver", daemon=True)

    @property
    def address(self) -> Address:
        """Host and port that are listened on, once started."""
        return self._host, self._port

    @property
    def room(self) -> int:
        """How many requests may wait to be received; once started. What comes on top is lost, as is UDP's way."""
        assert self._socket is not None
        return self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) // _BOOKED_FOR_A_REQUEST

    def start(self) -> None:
        """Open the port, tell clients, receive. Raises PortError where the port cannot be had."""
        self._socket = _open_socket(self._host, self._port)
        self._host, self._port = self._socket.getsockname()[:2]
        self._peers.own = self.address
        self._thread.start()
        for dialect in DIALECTS.values():
            self._send(dialect, self._unasked(), Reply("init"))

    def stop(self) -> None:
        """Stop receiving and close the port. Stop the service before, so that what waits there is still answered."""
        self._closing.set()
        if self._socket is None:
            return
        with contextlib.suppress(OSError):  # wakes the thread at once; if not, it looks every half second
            self._socket.sendto(b"", (self._unasked()[0], self._port))
        if self._thread.is_alive():
            self._thread.join(5.0)
        self._socket.close()

    def handle(self, datagram: bytes, source: Address) -> None:
        """Follow whatever a datagram says; never raises."""
        try:
            if not self._peers.may_ask(source[0]):
                self._drop(source, "not one of those that may ask; see the option --allow")
                return
            found = False
            for message in messages_of(datagram):
                found = True
                self._handle_message(message, source)
            if not found:
                self._drop(source, "not an OSC message")
        except Exception:
            _LOG.exception("a datagram of %d bytes from %s could not be handled", len(datagram), source)

    def _handle_message(self, message: Message | Malformed, source: Address) -> None:
        self._service.tell(lambda listener: listener.received(f"{source[0]}:{source[1]}", message))
        if is_reply(message.address):
            self._drop(source, f"{message.address} is an answer, not a question")
            return
        dialect, name = addressed(message.address)
        question = _Question(source, self._peers.reply_address(source), dialect, name[:_MAX_ECHO])
        row = row_named(name)
        arguments = message.arguments if isinstance(message, Message) else ()
        try:
            self._ask(question, row, message)
        except Exception as error:
            if not isinstance(error, TechnoganError):
                _LOG.exception("%s failed", question.name)
            id = NO_ID if row is None else id_of(row, arguments, latent_size=self._service.latent_size, gg=dialect.gg)
            self._send(dialect, question.reply_to, failure(question.name, id, error))

    def _ask(self, question: _Question, row: Row | None, message: Message | Malformed) -> None:
        if row is None:
            raise RequestError("unknown_command", f"there is no command {question.name!r}")
        if isinstance(message, Malformed):
            raise RequestError("wrong_arguments", f"{row.name}: {message.reason}")
        dialect, source = question.dialect, question.source
        command = parse(row, message.arguments, latent_size=self._service.latent_size, gg=dialect.gg)
        match command:
            case Register(port, host):
                address = self._peers.register(source, port, host)
                self._send(dialect, address, Reply("registered", address))
            case Unregister():
                self._send(dialect, question.reply_to, Reply("unregistered", self._peers.unregister(source)))
            case _:
                to = question.reply_to
                answer = partial(self._send, dialect, to)
                self._service.submit(Request(command, to, answer, question.name, fixed_names=dialect.gg))

    def _receive(self) -> None:
        assert self._socket is not None
        while not self._closing.is_set():
            try:
                datagram, source = self._socket.recvfrom(MAX_DATAGRAM + 1)
            except TimeoutError:
                continue
            except OSError as error:
                # Windows: an earlier reply found no client (10054). Others: do not spin.
                _LOG.debug("receiving: %s", error)
                self._closing.wait(0 if isinstance(error, ConnectionError) else 0.05)
                continue
            if not self._closing.is_set():
                self.handle(datagram, source[:2])

    def _send(self, dialect: Dialect, address: Address, reply: Reply) -> None:
        for message in dialect.encode(reply):
            try:
                assert self._socket is not None
                self._socket.sendto(datagram_of(message), address)
            except OSError as error:
                _LOG.warning("%s could not be sent to %s:%d: %s", message.address, *address, error)
            self._service.tell(lambda listener, sent=message: listener.sent(_shown(address), sent))  # type: ignore[misc]

    def _drop(self, source: Address, reason: str) -> None:
        self._service.tell(lambda listener: listener.dropped(_shown(source), reason))

    def _unasked(self) -> Address:
        return "::1" if ":" in self._host else LOOPBACK, self._reply_port


def _open_socket(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    opened = socket.socket(family, socket.SOCK_DGRAM)
    try:
        for size in (_RECEIVE_BUFFER, 1 << 20):
            with contextlib.suppress(OSError):  # some systems refuse what is too much instead of giving less
                opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, size)
                break
        opened.bind((host, port))
        opened.settimeout(_PAUSE_S)
    except (OSError, UnicodeError) as error:
        opened.close()
        raise PortError(host, port, _reason(error)) from error
    return opened


def _reason(error: Exception) -> str:
    number = getattr(error, "errno", None)
    if number in (errno.EADDRINUSE, 10048):
        return "taken by another program, perhaps another bridge; choose another with --port"
    if number in (errno.EACCES, 10013):
        return "the system does not allow it; choose another with --port (above 1023)"
    if isinstance(error, socket.gaierror) or number in (errno.EADDRNOTAVAIL, 10049) or isinstance(error, UnicodeError):
        return "not an address of this machine; choose another with --host"
    return f"cannot be opened ({getattr(error, 'strerror', None) or error})"


def _shown(address: Sequence[Any]) -> str:
    return f"{address[0]}:{address[1]}"
