"""Who may ask, and where the answers go. Used by the receiving thread alone."""

from __future__ import annotations

import ipaddress
import socket
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable

from technogan.errors import RequestError, SettingError

Address = tuple[str, int]

REGISTERED_FOR_S = 3600.0
MAX_REGISTERED = 256


class Peers:
    """Loopback may always ask, others only where they are listed.

    reply_port: of the asking host, where the client did not register another. allowed: hosts, addresses or networks
    ("192.168.1.0/24"). clock: seconds. own: where this bridge itself listens; it never answers there. Raises
    SettingError for a host that is none.
    """

    def __init__(
        self,
        reply_port: int,
        *,
        allowed: Iterable[str] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._reply_port = reply_port
        self.own: Address = ("", 0)
        # Names are looked up now: that may take seconds, for which the receiving thread could not wait later.
        self._names = {"localhost": "127.0.0.1"} | {host: _looked_up(host) for host in allowed if not _is_numeric(host)}
        self._allowed = [ipaddress.ip_network(self._names.get(host, host), strict=False) for host in allowed]
        self._clock = clock
        # Source address -> where its answers go and when it was heard last; the oldest first.
        self._registered: OrderedDict[Address, tuple[Address, float]] = OrderedDict()

    def may_ask(self, host: str) -> bool:
        """Whether messages from this numeric address are answered."""
        address = _numeric(host)
        return address is not None and (address.is_loopback or any(address in network for network in self._allowed))

    def reply_address(self, source: Address) -> Address:
        """Where answers to `source` go. Counts as a message of it."""
        self._forget()
        if source not in self._registered:
            return source[0], self._reply_port
        address, _ = self._registered[source]
        self._registered[source] = (address, self._clock())
        self._registered.move_to_end(source)
        return address

    def register(self, source: Address, port: int, host: str = "") -> Address:
        """Answer `source` at this port (and host) from now on. Raises RequestError where that may not be."""
        numeric = self._names.get(host, host) or source[0]
        if not self.may_ask(numeric):
            raise RequestError("not_allowed", f"{host} may not be answered; see the option --allow")
        if port == self.own[1] and (numeric == self.own[0] or is_loopback(numeric)):
            raise RequestError("not_allowed", f"port {port} is this bridge's own; answers would come back as questions")
        if len(self._registered) >= MAX_REGISTERED and source not in self._registered:
            raise RequestError("busy", f"{MAX_REGISTERED} clients are registered already")
        self._registered[source] = ((numeric, port), self._clock())
        self._registered.move_to_end(source)
        return numeric, port

    def unregister(self, source: Address) -> Address:
        """End that; returns where answers went until now. Raises RequestError where nothing was registered."""
        if source not in self._registered:
            raise RequestError("not_registered", "this client is not registered (any more)")
        return self._registered.pop(source)[0]

    def _forget(self) -> None:
        deadline = self._clock() - REGISTERED_FOR_S
        while self._registered and next(iter(self._registered.values()))[1] < deadline:
            self._registered.popitem(last=False)


def is_loopback(host: str) -> bool:
    """Whether a numeric address is this machine's own, reached from nowhere else."""
    address = _numeric(host)
    return address is not None and address.is_loopback


def _numeric(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped
    return address


def _is_numeric(host: str) -> bool:
    try:
        ipaddress.ip_network(host, strict=False)
    except ValueError:
        return False
    return True


def _looked_up(host: str) -> str:
    try:
        return str(socket.getaddrinfo(host, None, socket.AF_INET, socket.SOCK_DGRAM)[0][4][0])
    except (OSError, ValueError) as error:
        wanted = "a host that can be found, an address, or a network such as 192.168.1.0/24"
        raise SettingError("allow", host, wanted) from error
