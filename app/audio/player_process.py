"""A player for another process: what it is told by calls, and what it tells in reports (`app.audio.remote_player`).

No Qt here: the process imports this module alone.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections import deque
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.shared_memory import SharedMemory
from operator import attrgetter
from typing import Any

import numpy as np

from app.audio.devices import OutputDevice
from app.audio.mixdown import When
from app.audio.mixer import Meter
from app.audio.player import Player, PlayerStatus
from app.audio.playhead import Mark
from app.audio.preparation import PreparedLoop
from app.audio.priority import nearly_realtime
from app.audio.recorder import Recording
from app.processes.shared_arrays import opened, unpacked
from technogan.arrays import FloatArray
from technogan.errors import TechnoganError
from technogan.sound.loop import Loop

# Frames that an analyser may look at.
TAP_FRAMES = 4096
_REPORT_EVERY_S = 1 / 60


@dataclass(frozen=True, slots=True)
class Report:
    """What is told sixty times a second.

    done: how many calls have been taken up. newest: the last TAP_FRAMES that went out. loops: for each voice, the
    number of the last change of its loop, 0 until it has been made. problems: since the report before. devices: None
    where they are those of the report before.
    """

    status: PlayerStatus
    done: int = 0
    mark: Mark = field(default_factory=Mark)
    meter: Meter = field(default_factory=lambda: Meter(0.0, 0.0))
    newest: FloatArray = field(default_factory=lambda: np.zeros(TAP_FRAMES, np.float32))
    loops: tuple[int, ...] = ()
    recording: Recording | None = None
    problems: tuple[TechnoganError, ...] = ()
    devices: tuple[OutputDevice, ...] | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """Something to be done. name: of a method of the player, dots included."""

    name: str
    arguments: tuple[Any, ...] = ()
    keywords: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Done:
    """The answer to a call that has one."""

    error: TechnoganError | None


def serve(connection: Connection, memory_name: str | None, settings: dict[str, Any]) -> None:
    """What that process runs: a player of these settings, until the other end of the connection closes."""
    # Ctrl-C reaches the whole group; the parent alone decides what follows.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.excepthook = _end
    nearly_realtime()
    with Player(**settings) as player:
        _Servant(connection, opened(memory_name), player).work()


def _end(failed: threading.ExceptHookArgs) -> None:
    """Where a thread fails that nobody would miss, the process ends: the parent sees that, and begins another."""
    threading.__excepthook__(failed)
    os._exit(1)


class _Servant:
    """Does what the parent asks for, and tells what it wants to know."""

    def __init__(self, connection: Connection, memory: SharedMemory | None, player: Player) -> None:
        self._connection, self._memory, self._player = connection, memory, player
        self._done = 0
        self._sending = threading.Lock()
        self._ending = threading.Event()
        self._refused: deque[TechnoganError] = deque(maxlen=32)
        # The last change of each voice's loop.
        self._loops: dict[int, tuple[int, Loop | None]] = {}

    def work(self) -> None:
        """Until the parent says that it is enough, or has gone."""
        teller = threading.Thread(target=self._tell, name="technogan-reports", daemon=True)
        teller.start()
        with contextlib.suppress(EOFError, OSError):
            while (call := unpacked(self._connection.recv(), self._memory)) is not None:
                self._done += 1
                self._do(call)
        self._ending.set()
        teller.join()

    def _do(self, call: Call) -> None:
        try:
            method = self._set_loop if call.name == "set_loop" else attrgetter(call.name)(self._player)
            method(*call.arguments, **call.keywords)
            error = None
        except TechnoganError as refused:
            error = refused
        if call.name == "record":
            self._say(Done(error))
        elif error is not None:
            self._refused.append(error)

    def _set_loop(self, voice: int, number: int, loop: Loop | None, prepared: PreparedLoop | None, when: When) -> None:
        self._loops[voice] = (number, loop)
        if prepared is not None:
            self._player.know(prepared)
        self._player.set_loop(voice, loop, when=when)

    def _tell(self) -> None:
        known: tuple[OutputDevice, ...] | None = None
        shown: PlayerStatus | None = None
        while not self._ending.wait(_REPORT_EVERY_S):
            status, devices = self._player.status, None
            if shown is None or (status.device, status.problem) != (shown.device, shown.problem):
                shown, found = status, self._player.devices()
                known, devices = found, None if found == known else found
            if not self._say(self._report(status, devices)):
                return

    def _report(self, status: PlayerStatus, devices: tuple[OutputDevice, ...] | None) -> Report:
        player, refused = self._player, [self._refused.popleft() for _ in range(len(self._refused))]
        return Report(
            status,
            self._done,
            player.mark,
            player.mixer.meter(),
            player.mixer.tap(TAP_FRAMES),
            self._changes_made(),
            player.recording,
            (*player.problems(), *refused),
            devices,
        )

    def _changes_made(self) -> tuple[int, ...]:
        numbers = []
        for voice, state in enumerate(self._player.mixer.state.voices):
            number, loop = self._loops.get(voice, (0, None))
            held = None if state.loop is None else state.loop.source
            numbers.append(number if held is loop else 0)
        return tuple(numbers)

    def _say(self, what: Report | Done) -> bool:
        with self._sending, contextlib.suppress(OSError):
            self._connection.send(what)
            return True
        return False
