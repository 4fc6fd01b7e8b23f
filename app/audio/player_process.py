"""The child process that plays: handles the messages of `app.audio.remote_player` and sends reports.

The process starts from this module, which therefore does not import Qt.
"""

import contextlib
import threading
from collections.abc import Iterator
from typing import Any

from app.audio.devices import OutputDevice
from app.audio.messages import (
    TAP_FRAMES,
    PlayerMessage,
    PlayerReport,
    PlayerStatus,
    SetLoop,
    SetTempo,
    StartRecording,
    StopRecording,
    UseDevice,
)
from app.audio.player import Player
from app.audio.priority import raise_priority
from app.processes.child_server import ChildServer, Handler
from technogan.sound.loop import Loop

_REPORT_EVERY_S = 1 / 60


@contextlib.contextmanager
def open_player(server: ChildServer, **settings: Any) -> Iterator[Handler]:
    """Run a player that handles messages and reports its state to the server's parent."""
    raise_priority()
    with Player(**settings) as player:
        host = _PlayerHost(server, player)
        with host.reporting():
            yield Handler(host.handle, activity=lambda: player.n_blocks)


class _PlayerHost:
    """Handles messages in the main thread, and sends reports from the thread technogan-reports."""

    def __init__(self, server: ChildServer, player: Player) -> None:
        self._server, self._player = server, player
        # The number and the loop of the last SetLoop of each voice.
        self._loops: dict[int, tuple[int, Loop | None]] = {}

    def handle(self, message: PlayerMessage) -> None:
        """Apply a message. Raises TechnoganError if the player refuses it."""
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

    @contextlib.contextmanager
    def reporting(self) -> Iterator[None]:
        """Send a report sixty times a second."""
        ending = threading.Event()
        reporter = threading.Thread(target=self._send_reports, args=(ending,), name="technogan-reports", daemon=True)
        reporter.start()
        try:
            yield
        finally:
            ending.set()
            reporter.join()

    def _set_loop(self, message: SetLoop) -> None:
        self._loops[message.voice] = (message.number, message.loop)
        if message.prepared is not None:
            self._player.add_prepared(message.prepared)
        self._player.set_loop(message.voice, message.loop, when=message.when)

    def _send_reports(self, ending: threading.Event) -> None:
        known: tuple[OutputDevice, ...] | None = None
        before: PlayerStatus | None = None
        while not ending.wait(_REPORT_EVERY_S):
            status, devices = self._player.status, None
            if before is None or (status.device, status.problem) != (before.device, before.problem):
                before, found = status, self._player.devices()
                known, devices = found, None if found == known else found
            if not self._server.send_event(self._make_report(status, devices)):
                return

    def _make_report(self, status: PlayerStatus, devices: tuple[OutputDevice, ...] | None) -> PlayerReport:
        player = self._player
        return PlayerReport(
            status,
            player.mark,
            player.mixer.meter(),
            player.mixer.tap(TAP_FRAMES),
            self._loop_numbers(),
            player.recording,
            tuple(player.take_problems()),
            devices,
        )

    def _loop_numbers(self) -> tuple[int, ...]:
        numbers = []
        for voice, state in enumerate(self._player.mixer.state.voices):
            number, loop = self._loops.get(voice, (0, None))
            held = None if state.loop is None else state.loop.source
            numbers.append(number if held is loop else 0)
        return tuple(numbers)
