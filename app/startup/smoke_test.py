"""Uses the whole instrument once, for `app.startup.self_test`. It keeps no files."""

import json
import socket
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEventLoop
from PySide6.QtWidgets import QApplication

from app.widgets.style import load_typeface
from app.window.instrument import Instrument
from technogan.errors import DeviceError
from technogan.osc.packet import MAX_DATAGRAM, Message, decode_datagram, encode_message
from technogan.osc.ports import LOOPBACK, free_port

_TIMEOUT_S = 30.0
_DEVICE_S = 5.0
_LISTEN_S = 1.0
_QUIET_DB = -40.0


class SmokeTest:
    """An instrument with its own folder and ports. Each step returns a result and raises an error if it fails."""

    def __init__(self, folder: Path) -> None:
        self._application = QApplication.instance() or QApplication(["technogan"])
        load_typeface()
        self._client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._client.bind((LOOPBACK, 0))
        self._client.settimeout(_TIMEOUT_S)
        self._port = free_port()
        reply_port = self._client.getsockname()[1]
        settings = {"master_db": _QUIET_DB, "osc": True, "osc_port": self._port, "osc_reply_port": reply_port}
        (folder / "settings.json").write_text(json.dumps(settings))
        self._instrument = Instrument(folder)

    def window(self) -> str:
        """Open the window and wait until it shows a loop."""
        began = time.perf_counter()
        self._instrument.start()
        self._await(lambda: self._instrument.session.loop is not None, "a loop")
        seconds = time.perf_counter() - began
        picture = self._instrument.window.grab().toImage()
        if picture.isNull():
            raise ValueError("the window cannot be painted")
        return f"a loop in the window after {seconds:.1f} s, {picture.width()} x {picture.height()}"

    def sound(self) -> str:
        """Play the loop softly. Raises DeviceError if no device plays it."""
        player, playback = self._instrument.player, self._instrument.playback
        if not self._within(_DEVICE_S, lambda: player.status.device is not None):
            raise DeviceError(player.status.problem)
        began = player.beats_heard()
        playback.run(True)
        self._within(_LISTEN_S, lambda: player.status.device is None)
        playback.run(False)
        status = player.status
        if status.device is None:
            raise DeviceError(status.problem)
        if player.beats_heard() <= began:
            raise DeviceError(f"{status.device.title} accepts no sound; choose another device in the window")
        return f"{status}, {status.dropouts} dropouts"

    def osc(self) -> str:
        """Request a loop as a client, and check its file."""
        self._await(lambda: self._instrument.bridge.running, "the OSC service")
        size = len(self._instrument.session.state.seed)
        request = Message("/cc/generate_single_wav_id", "i" + "f" * size, (1, *[0.0] * size))
        self._client.sendto(encode_message(request), (LOOPBACK, self._port))
        path = self._receive_path("/ccret/wav_id")
        if not path.is_file():
            raise ValueError(f"{path} was announced but does not exist")
        return f"a file of {path.stat().st_size // 1000} kB, requested through port {self._port}"

    def end(self) -> str:
        """Close the window, which waits for every thread and process."""
        self._instrument.window.close()
        self._client.close()
        return "closed"

    def _receive_path(self, address: str) -> Path:
        """Return the path in the reply with this address."""
        while True:
            for message in decode_datagram(self._client.recv(MAX_DATAGRAM)):
                if isinstance(message, Message) and message.address == address:
                    return Path(str(message.arguments[1]))

    def _await(self, condition: Callable[[], bool], what: str) -> None:
        if not self._within(_TIMEOUT_S, condition):
            shown = [message.text for message in self._instrument.window.messages.messages]
            raise TimeoutError(f"{what} did not appear within {_TIMEOUT_S:g} s. {' '.join(shown)}".strip())

    def _within(self, seconds: float, condition: Callable[[], bool]) -> bool:
        """Process the window's events until the condition is true; return whether that happened in time."""
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                return False
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
            time.sleep(0.005)
        return True
