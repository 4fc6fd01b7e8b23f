"""Run the instrument with silent sound devices, for the pictures of the documents."""

import json
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from unittest.mock import patch

from PySide6.QtCore import QCoreApplication, QEventLoop
from PySide6.QtGui import QPixmap

from app.audio.devices import Output, OutputDevice
from app.audio.null_output import NullOutput
from app.audio.player import Player
from app.window.instrument import Instrument
from technogan.seeds.seed import Seed

# Seed numbers, so that every picture shows the same loops.
SEEDS = (5, 42, 14, 47, 30)

_TIMEOUT_S = 60.0
# The screen of the pictures is small, and windows fit themselves to it.
_WINDOW, WIZARD = (1280, 800), (1120, 760)
_SPEAKERS = OutputDevice("Speakers", "ALSA", 2, 44100, True, 0)


class _Quiet:
    """Silent devices that run at the speed of a real one and never drop out."""

    def __init__(self, *devices: OutputDevice) -> None:
        self._devices = devices

    def outputs(self) -> tuple[OutputDevice, ...]:
        """See Devices."""
        return self._devices

    def rescan(self) -> None:
        """See Devices."""

    def open(self, device: OutputDevice, buffer_s: float) -> Output:
        """See Devices."""
        output = NullOutput(device.sample_rate)
        output.device = device
        return output


class Stage:
    """An instrument for one scene, with its own folder.

    Attributes:
        folder: The state folder.
        its: The instrument.
    """

    def __init__(self, folder: Path, *, sound: bool = True, **settings: object) -> None:
        self.folder = folder
        (folder / "settings.json").write_text(json.dumps({"osc": False} | settings))
        player = partial(Player, devices=_Quiet(*[_SPEAKERS] * sound))
        with patch("app.window.instrument.RemotePlayer", player):
            self.its = Instrument(folder)
        self.its.window.resize(*_WINDOW)
        self.its.start()
        self.until(lambda: self.its.session.loop is not None)
        self.until(lambda: (self.its.player.status.device is not None) == sound)
        self.load(SEEDS[0])
        self.its.session.undo_stack.clear()

    def load(self, number: int) -> None:
        """Load the seed with this number and wait for its loop."""
        self.its.session.load_seed(Seed.from_integer(number))
        self.settle()

    def keep(self, *slots: int) -> None:
        """Keep a different loop in each of these slots (from 0)."""
        for i in slots:
            self.load(SEEDS[i % len(SEEDS)])
            self.its.slots.keep(i)

    def play(self, *slots: int) -> None:
        """Start the clock and these slots."""
        for i in slots:
            self.its.playback.play(i, True)
        self.its.playback.run(True)

    def settle(self) -> None:
        """Wait until nothing is rendering."""
        self.rest(0.05)
        self.until(lambda: not self.its.queue.busy)

    def until_beat(self, beat: float) -> None:
        """Wait for this beat (0 to 4) of the third bar."""
        self.until(lambda: self.its.player.beats_heard() >= 8 + beat)

    def until(self, is_true: Callable[[], bool]) -> None:
        """Run the event loop until the condition is true.

        Raises:
            TimeoutError: The condition is still false after a minute.
        """
        end = time.monotonic() + _TIMEOUT_S
        while not is_true():
            QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 5)
            time.sleep(0.001)
            if time.monotonic() > end:
                raise TimeoutError("the condition of the scene did not become true")

    def rest(self, seconds: float) -> None:
        """Run the event loop for this time."""
        end = time.monotonic() + seconds
        self.until(lambda: time.monotonic() >= end)

    def grab(self) -> QPixmap:
        """Return a picture of the window."""
        return self.its.window.grab()

    def close(self) -> None:
        """Close the instrument and wait for its threads."""
        self.its.window.close()
        QCoreApplication.processEvents()
