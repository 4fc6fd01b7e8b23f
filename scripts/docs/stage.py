"""A stage for the pictures of the documents: the instrument, with sound that goes nowhere."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from unittest.mock import patch

from PySide6.QtCore import QCoreApplication, QEventLoop
from PySide6.QtGui import QPixmap

from app.audio.clock_only import ClockOnly
from app.audio.devices import Output, OutputDevice
from app.audio.player import Player
from app.window.instrument import Instrument
from technogan.seeds.seed import Seed

# Seeds by their numbers: the same loops in every picture, today and always.
SEEDS = (5, 42, 14, 47, 30)

_PATIENCE_S = 60.0
_SPEAKERS = OutputDevice("Speakers", "ALSA", 2, 44100, True, 0)


class _Quiet:
    """Devices that play nothing, at the pace of one that plays, and never come too late."""

    def __init__(self, *devices: OutputDevice) -> None:
        self._devices = devices

    def outputs(self) -> tuple[OutputDevice, ...]:
        """See Devices."""
        return self._devices

    def look_again(self) -> None:
        """See Devices."""

    def open(self, device: OutputDevice, buffer_s: float) -> Output:
        """See Devices."""
        output = ClockOnly(device.sample_rate)
        output.device = device
        return output


class Stage:
    """An instrument for one scene, in a folder of its own. sound: whether it has a device. settings: see Settings."""

    def __init__(self, folder: Path, *, sound: bool = True, **settings: object) -> None:
        self.folder = folder
        (folder / "settings.json").write_text(json.dumps({"osc": False} | settings))
        player = partial(Player, devices=_Quiet(*[_SPEAKERS] * sound))
        with patch("app.window.instrument.RemotePlayer", player):
            self.its = Instrument(folder)
        self.its.start()
        self.until(lambda: self.its.session.loop is not None)
        self.until(lambda: (self.its.player.status.device is not None) == sound)
        self.load(SEEDS[0])
        self.its.session.undo_stack.clear()

    def load(self, number: int) -> None:
        """The seed of that number under the sliders, and its loop."""
        self.its.session.load_seed(Seed.from_integer(number))
        self.settle()

    def keep(self, *slots: int) -> None:
        """Loops in these slots (from 0), each of another seed."""
        for i in slots:
            self.load(SEEDS[i % len(SEEDS)])
            self.its.wiring.keep(i)

    def play(self, *slots: int) -> None:
        """Start the clock, with these slots."""
        for i in slots:
            self.its.sound.play(i, True)
        self.its.sound.run(True)

    def settle(self) -> None:
        """Until nothing is rendered any more."""
        self.rest(0.05)
        self.until(lambda: not self.its.queue.busy)

    def until_beat(self, beat: float) -> None:
        """Until this beat (0 to 4) of the third bar is heard."""
        self.until(lambda: self.its.player.beats_heard() >= 8 + beat)

    def until(self, there: Callable[[], bool]) -> None:
        """Let the window live until this is so. Raises TimeoutError after a minute."""
        end = time.monotonic() + _PATIENCE_S
        while not there():
            QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 5)
            time.sleep(0.001)
            if time.monotonic() > end:
                raise TimeoutError("what the scene waits for does not come")

    def rest(self, seconds: float) -> None:
        """Let the window live for so long."""
        end = time.monotonic() + seconds
        self.until(lambda: time.monotonic() >= end)

    def taken(self) -> QPixmap:
        """The window as it is now."""
        return self.its.window.grab()

    def strike(self) -> None:
        """Close the instrument, and wait for its threads."""
        self.its.window.close()
        QCoreApplication.processEvents()
