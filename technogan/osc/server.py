"""The UDP side of the bridge: one port, and one thread that receives, parses and submits.

This thread and the service's worker send replies. No datagram can end the thread.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from technogan.errors import RequestError, SettingError, TechnoganError
from technogan.osc.commands import Register, Unregister
from technogan.osc.dialects import DIALECTS, Dialect, is_reply, parse_address
from technogan.osc.jobs import OscRequest
from technogan.osc.packet import Malformed, Message, decode_datagram, encode_message
from technogan.osc.peers import Address, Peers
from technogan.osc.ports import DEFAULT_PORT, DEFAULT_REPLY_PORT, LOOPBACK, LOOPBACK_6
from technogan.osc.protocol import NO_ID, Reply, error_reply, id_of, parse_command
from technogan.osc.service import Service
from technogan.osc.table import CommandRow, find_command
from technogan.osc.udp_port import UdpPort

_LOG = logging.getLogger(__name__)

# Linux charges so many bytes of the receive buffer for a request of 130 values.
_BYTES_PER_REQUEST = 2304
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
        self._udp: UdpPort | None = None
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._receive, name="osc-receiver", daemon=True)

    @property
    def address(self) -> Address:
        """The host and port of the service, once started."""
        return self._host, self._port

    @property
    def capacity(self) -> int:
        """The number of requests that the receive buffer holds, once started; a larger burst may lose some."""
        assert self._udp is not None
        return self._udp.buffer_bytes // _BYTES_PER_REQUEST

    def start(self) -> None:
        """Open the port, announce the start to clients, and receive. Raises PortError if the port is not available."""
        self._udp = UdpPort(self._host, self._port)
        self._host, self._port = self._udp.address
        self._peers.own = self.address
        self._thread.start()
        for dialect in DIALECTS.values():
            self._send(dialect, self._default_reply_address(), Reply("init"))

    def stop(self) -> None:
        """Stop receiving and close the port. Stop the service first, so that waiting requests are still answered."""
        self._closing.set()
        if self._udp is None:
            return
        self._udp.wake()
        if self._thread.is_alive():
            self._thread.join(5.0)
        self._udp.close()

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
        assert self._udp is not None
        while not self._closing.is_set():
            try:
                received = self._udp.receive()
            except OSError as error:
                # On Windows, an earlier reply did not reach a client (10054). Otherwise wait, to avoid spinning.
                _LOG.debug("receiving: %s", error)
                self._closing.wait(0 if isinstance(error, ConnectionError) else 0.05)
                continue
            if received is not None and not self._closing.is_set():
                self.handle(*received)

    def _send(self, dialect: Dialect, address: Address, reply: Reply) -> None:
        for message in dialect.encode(reply):
            try:
                assert self._udp is not None
                self._udp.send(encode_message(message), address)
            except OSError as error:
                _LOG.warning("cannot send %s to %s: %s", message.address, _format(address), error)
            self._service.notify(lambda listener, sent=message: listener.sent(_format(address), sent))  # type: ignore[misc]

    def _drop(self, source: Address, reason: str) -> None:
        self._service.notify(lambda listener: listener.dropped(_format(source), reason))

    def _default_reply_address(self) -> Address:
        return LOOPBACK_6 if ":" in self._host else LOOPBACK, self._reply_port


def _format(address: Sequence[Any]) -> str:
    host, port = address[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
