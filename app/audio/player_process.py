"""The process that plays. It handles the messages of `app.audio.remote_player` and sends reports.

The process starts from this module, which therefore does not import Qt.
"""

import contextlib
import os
import signal
import threading
from collections import deque
from multiprocessing.connection import Connection
from multiprocessing.shared_memory import SharedMemory
from typing import Any

from app.audio.devices import OutputDevice
from app.audio.messages import (
    TAP_FRAMES,
    PlayerMessage,
    PlayerReport,
    PlayerStatus,
    RecordingAnswer,
    SetLoop,
    SetTempo,
    StartRecording,
    StopRecording,
    UseDevice,
)
from app.audio.player import Player
from app.audio.priority import raise_priority
from app.processes.crash_log import log_crashes
from app.processes.shared_arrays import open_memory, unpack
from technogan.errors import TechnoganError
from technogan.sound.loop import Loop

_REPORT_EVERY_S = 1 / 60


def serve(connection: Connection, memory_name: str | None, settings: dict[str, Any]) -> None:
    """Run a player until the other end of the connection closes: the main function of the process."""
    # Ctrl-C reaches the whole process group; only the parent decides what happens.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    log_crashes()
    threading.excepthook = _exit
    raise_priority()
    with Player(**settings) as player:
        _PlayerServer(connection, open_memory(memory_name), player).run()


def _exit(failed: threading.ExceptHookArgs) -> None:
    """End the process if any thread raises; the parent restarts it."""
    threading.__excepthook__(failed)
    os._exit(1)


class _PlayerServer:
    """Handles messages in the main thread, and sends reports from the thread technogan-reports."""

    def __init__(self, connection: Connection, memory: SharedMemory | None, player: Player) -> None:
        self._connection, self._memory, self._player = connection, memory, player
        self._handled = 0
        self._sending = threading.Lock()
        self._ending = threading.Event()
        self._refused: deque[TechnoganError] = deque(maxlen=32)
        # The number and the loop of the last SetLoop of each voice.
        self._loops: dict[int, tuple[int, Loop | None]] = {}

    def run(self) -> None:
        """Handle messages until the parent sends None or closes the connection."""
        reporter = threading.Thread(target=self._send_reports, name="technogan-reports", daemon=True)
        reporter.start()
        with contextlib.suppress(EOFError, OSError):
            while (message := unpack(self._connection.recv(), self._memory)) is not None:
                self._handled += 1
                self._handle(message)
        self._ending.set()
        reporter.join()

    def _handle(self, message: PlayerMessage) -> None:
        error = None
        try:
            self._apply(message)
        except TechnoganError as refused:
            error = refused
        if isinstance(message, StartRecording):
            self._send(RecordingAnswer(error))
        elif error is not None:
            self._refused.append(error)

    def _apply(self, message: PlayerMessage) -> None:
        player = self._player
        match message:
            case SetLoop():
                self._set_loop(message)
            case SetTempo(bpm):
                player.set_tempo(bpm)
            case UseDevice(title):
                player.use_device(title)
            case StartRecording(path):
                player.record(path)
            case StopRecording():
                player.stop_recording()
            case _:
                player.mixer.send(message)

    def _set_loop(self, message: SetLoop) -> None:
        self._loops[message.voice] = (message.number, message.loop)
        if message.prepared is not None:
            self._player.add_prepared(message.prepared)
        self._player.set_loop(message.voice, message.loop, when=message.when)

    def _send_reports(self) -> None:
        known: tuple[OutputDevice, ...] | None = None
        before: PlayerStatus | None = None
        while not self._ending.wait(_REPORT_EVERY_S):
            status, devices = self._player.status, None
            if before is None or (status.device, status.problem) != (before.device, before.problem):
                before, found = status, self._player.devices()
                known, devices = found, None if found == known else found
            if not self._send(self._make_report(status, devices)):
                return

    def _make_report(self, status: PlayerStatus, devices: tuple[OutputDevice, ...] | None) -> PlayerReport:
        player, refused = self._player, [self._refused.popleft() for _ in range(len(self._refused))]
        return PlayerReport(
            status,
            self._handled,
            player.mark,
            player.mixer.meter(),
            player.mixer.tap(TAP_FRAMES),
            self._loop_numbers(),
            player.recording,
            (*player.take_problems(), *refused),
            devices,
        )

    def _loop_numbers(self) -> tuple[int, ...]:
        numbers = []
        for voice, state in enumerate(self._player.mixer.state.voices):
            number, loop = self._loops.get(voice, (0, None))
            held = None if state.loop is None else state.loop.source
            numbers.append(number if held is loop else 0)
        return tuple(numbers)

    def _send(self, message: PlayerReport | RecordingAnswer) -> bool:
        with self._sending, contextlib.suppress(OSError):
            self._connection.send(message)
            return True
        return False
