"""One window per user: a second start raises the first window and ends."""

import getpass
import hashlib
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

_TIMEOUT_MS = 500
_RAISE = b"raise"


def name_for(folder: Path) -> str:
    """Return the name of the local socket for instances with this state folder."""
    try:
        user = getpass.getuser()
    except (OSError, KeyError):
        user = ""
    return f"technogan-{hashlib.sha256(f'{user} {folder}'.encode()).hexdigest()[:16]}"


def raise_first(name: str) -> bool:
    """Ask the first instance to raise its window; return whether there is one."""
    socket = QLocalSocket()
    socket.connectToServer(name)
    if not socket.waitForConnected(_TIMEOUT_MS):
        return False
    socket.write(_RAISE)
    socket.waitForBytesWritten(_TIMEOUT_MS)
    socket.disconnectFromServer()
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
        socket = self._server.nextPendingConnection()
        socket.disconnected.connect(socket.deleteLater)
        self.raised.emit()
