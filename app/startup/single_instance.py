"""One window per user: a second start raises the first window and ends.

The two talk through a socket in a folder that only the user can change. Another user can neither take its name, which
would keep the window from opening, nor listen to it.
"""

import contextlib
import getpass
import hashlib
import os
import socket
import struct
import sys
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from technogan.private_folder import is_private, private_folder

_TIMEOUT_MS = 500
_RAISE = b"raise"
# The process, the user and the group at the other end of a socket.
_CREDENTIALS = struct.Struct("3i")


def name_for(folder: Path) -> str:
    """Return the name of the local socket for instances with this state folder."""
    try:
        user = getpass.getuser()
    except (OSError, KeyError):
        user = ""
    name = f"technogan-{hashlib.sha256(f'{user} {folder}'.encode()).hexdigest()[:16]}"
    return name if sys.platform == "win32" else str(_socket_folder() / name)


def raise_first(name: str) -> bool:
    """Ask the first instance to raise its window; return whether there is one."""
    local = QLocalSocket()
    local.connectToServer(name)
    if not local.waitForConnected(_TIMEOUT_MS) or not _is_own(local):
        return False
    local.write(_RAISE)
    local.waitForBytesWritten(_TIMEOUT_MS)
    local.disconnectFromServer()
    return True


class FirstInstance(QObject):
    """Listens for later starts. Signal: `raised` is emitted for each."""

    raised = Signal()

    def __init__(self, name: str) -> None:
        super().__init__()
        QLocalServer.removeServer(name)  # a crash may have left it behind
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._connected)
        self._server.listen(name)

    def close(self) -> None:
        """Stop listening."""
        self._server.close()

    def _connected(self) -> None:
        local = self._server.nextPendingConnection()
        local.disconnected.connect(local.deleteLater)
        if _is_own(local):
            self.raised.emit()


def _socket_folder() -> Path:
    """Return the user's folder for sockets if the system has one, or else a private folder."""
    named = Path(os.environ.get("XDG_RUNTIME_DIR", ""))
    if named.is_absolute() and is_private(named):
        return named
    with contextlib.suppress(OSError):
        return private_folder("TechnoGAN")
    return Path()  # Qt chooses the folder; if it cannot be written either, every start opens a window


def _is_own(local: QLocalSocket) -> bool:
    """Return whether the program at the other end is this user's; only Linux tells."""
    if sys.platform != "linux":
        return True
    try:
        with socket.fromfd(int(local.socketDescriptor()), socket.AF_UNIX, socket.SOCK_STREAM) as peer:
            credentials = peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    except OSError:
        return False
    return bool(_CREDENTIALS.unpack(credentials)[1] == os.getuid())
