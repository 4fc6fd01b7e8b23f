"""The whole instrument once, for `app.startup.self_test`: opened, played, asked over OSC, closed. It keeps nothing."""

from __future__ import annotations

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
from technogan.osc.packet import MAX_DATAGRAM, Message, datagram_of, messages_of
from technogan.osc.ports import free_port

_PATIENCE_S = 30.0
_DEVICE_S = 5.0
_LISTEN_S = 1.0
_QUIET_DB = -40.0


class Rehearsal:
    """An instrument with a folder and ports of its own. Each step raises what keeps it from working."""

    def __init__(self, folder: Path) -> None:
        self._application = QApplication.instance() or QApplication(["technogan"])
        load_typeface()
        self._client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._client.bind(("127.0.0.1", 0))
        self._client.settimeout(_PATIENCE_S)
        self._port = free_port()
        reply_port = self._client.getsockname()[1]
        settings = {"master_db": _QUIET_DB, "osc": True, "osc_port": self._port, "osc_reply_port": reply_port}
        (folder / "settings.json").write_text(json.dumps(settings))
        self._its = Instrument(folder)

    def window(self) -> str:
        """The window opens and shows a loop."""
        began = time.perf_counter()
        self._its.start()
        self._await(lambda: self._its.session.loop is not None, "a loop")
        seconds = time.perf_counter() - began
        picture = self._its.window.grab().toImage()
        if picture.isNull():
            raise ValueError("the window cannot be painted")
        return f"a loop in the window after {seconds:.1f} s, {picture.width()} x {picture.height()}"

    def sound(self) -> str:
        """The loop is played, softly. Raises DeviceError where there is nothing to play it."""
        player = self._its.player
        if not self._within(_DEVICE_S, lambda: player.status.device is not None):
            raise DeviceError(player.status.problem)
        began = player.beats_heard()
        self._its.sound.run(True)
        self._within(_LISTEN_S, lambda: player.status.device is None)
        self._its.sound.run(False)
        status = player.status
        if status.device is None:
            raise DeviceError(status.problem)
        if player.beats_heard() <= began:
            raise DeviceError(f"{status.device.title} takes no sound; choose another device in the window")
        return f"{status}, {status.dropouts} dropouts"

    def osc(self) -> str:
        """A client asks for a loop and gets its file."""
        self._await(lambda: self._its.bridge.running, "the OSC bridge")
        size = len(self._its.session.state.seed)
        wish = Message("/cc/generate_single_wav_id", "i" + "f" * size, (1, *[0.0] * size))
        self._client.sendto(datagram_of(wish), ("127.0.0.1", self._port))
        path = self._answered("/ccret/wav_id")
        if not path.is_file():
            raise ValueError(f"{path} was told of and is not there")
        return f"a file of {path.stat().st_size // 1000} kB, asked for over port {self._port}"

    def end(self) -> str:
        """It closes as a musician closes it, and waits for all that it began."""
        self._its.window.close()
        self._client.close()
        return "closed"

    def _answered(self, address: str) -> Path:
        """The file that an answer tells of."""
        while True:
            for message in messages_of(self._client.recv(MAX_DATAGRAM)):
                if isinstance(message, Message) and message.address == address:
                    return Path(str(message.arguments[1]))

    def _await(self, there: Callable[[], bool], what: str) -> None:
        if not self._within(_PATIENCE_S, there):
            told = [message.text for message in self._its.window.messages.messages]
            raise TimeoutError(f"{what} did not come within {_PATIENCE_S:g} s. {' '.join(told)}".strip())

    def _within(self, seconds: float, there: Callable[[], bool]) -> bool:
        """Let the window live until something is there; returns whether it came in time."""
        end = time.monotonic() + seconds
        while not there():
            if time.monotonic() > end:
                return False
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
            time.sleep(0.005)
        return True
