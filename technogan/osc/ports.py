"""Hosts and ports of the OSC bridge, and free ports of this machine."""

import socket

LOOPBACK, LOOPBACK_6 = "127.0.0.1", "::1"
DEFAULT_PORT, DEFAULT_REPLY_PORT = 10102, 10101


def free_port(kind: socket.SocketKind = socket.SOCK_DGRAM) -> int:
    """Return a port that is not in use. kind: SOCK_DGRAM for UDP, SOCK_STREAM for TCP."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])
