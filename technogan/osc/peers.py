"""Hosts that may send commands, and addresses for replies. Only the receiving thread uses this module."""

import ipaddress
import socket
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable

from technogan.errors import RequestError, SettingError
from technogan.osc.ports import LOOPBACK, LOOPBACK_6

Address = tuple[str, int]

REGISTERED_FOR_S = 3600.0
MAX_REGISTERED = 256


class Peers:
    """The clients. This machine may always send commands, other hosts only if they are allowed.

    Args:
        reply_port: the port for replies to clients that have not registered.
        allowed: hosts, addresses or networks ("192.168.1.0/24").
        clock: returns the time in seconds.

    Raises:
        SettingError: an allowed host cannot be found.

    Attributes:
        own: the address of this bridge, to which it never replies.
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
        # Names are looked up now, because a lookup may take seconds and would block the receiving thread later.
        self._names = {host: _look_up(host) for host in allowed if not _is_numeric(host)}
        self._allowed = [ipaddress.ip_network(self._names.get(host, host), strict=False) for host in allowed]
        self._clock = clock
        # Source address -> where its replies go, and the time of its last message; oldest first.
        self._registered: OrderedDict[Address, tuple[Address, float]] = OrderedDict()

    def is_allowed(self, host: str) -> bool:
        """Return whether messages from this numeric address are answered."""
        address = _numeric(host)
        return address is not None and (address.is_loopback or any(address in network for network in self._allowed))

    def reply_address(self, source: Address) -> Address:
        """Return the address for replies to `source`, and renew its registration."""
        self._remove_expired()
        if source not in self._registered:
            return source[0], self._reply_port
        address, _ = self._registered[source]
        self._registered[source] = (address, self._clock())
        self._registered.move_to_end(source)
        return address

    def register(self, source: Address, port: int, host: str = "") -> Address:
        """Send the replies to `source` to this port and host from now on. Raises RequestError if not allowed."""
        own_name = LOOPBACK_6 if ":" in source[0] else LOOPBACK
        numeric = (self._names | {"localhost": own_name}).get(host, host) or source[0]
        if not self.is_allowed(numeric):
            raise RequestError("not_allowed", f"replies to {host} are not allowed; see the option --allow")
        if port == self.own[1] and (numeric == self.own[0] or is_loopback(numeric)):
            raise RequestError("not_allowed", f"port {port} is the bridge's own: it would receive its own replies")
        if len(self._registered) >= MAX_REGISTERED and source not in self._registered:
            raise RequestError("busy", f"{MAX_REGISTERED} clients are already registered")
        self._registered[source] = ((numeric, port), self._clock())
        self._registered.move_to_end(source)
        return numeric, port

    def unregister(self, source: Address) -> Address:
        """End a registration; return its address for replies. Raises RequestError if there is none."""
        if source not in self._registered:
            raise RequestError("not_registered", "this client is not registered, or its registration has expired")
        return self._registered.pop(source)[0]

    def _remove_expired(self) -> None:
        deadline = self._clock() - REGISTERED_FOR_S
        while self._registered and next(iter(self._registered.values()))[1] < deadline:
            self._registered.popitem(last=False)


def is_loopback(host: str) -> bool:
    """Return whether a numeric address is a loopback address."""
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


def _look_up(host: str) -> str:
    try:
        return str(socket.getaddrinfo(host, None, socket.AF_INET, socket.SOCK_DGRAM)[0][4][0])
    except (OSError, ValueError) as error:
        wanted = "a host that can be found, an address, or a network such as 192.168.1.0/24"
        raise SettingError("allow", host, wanted) from error
