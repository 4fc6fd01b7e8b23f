"""Measure dropouts under load: `python -m scripts.measure.sound_under_load [SECONDS]`.

Eight slots and the live loop play through a virtual sound card, a slider moves all the time (network and reconstruction
run without a pause), and a window-like picture is painted 60 times a second. The recording of the card is checked, not
the player's own count. `scripts.measure.stalls` reports how often the machine itself stalled.
"""

import contextlib
import os
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np

from app.audio.remote_player import RemotePlayer
from app.rendering.process import RenderProcess
from app.rendering.remote_engine import RemoteEngine
from scripts.measure.monitor import find_silences
from scripts.measure.stalls import Stalls, longest_ms
from technogan.arrays import FloatArray
from technogan.network.library import find_model
from technogan.seeds.seed import Seed
from tests.app.audio.sound_card import RATE, SoundCard

_FRAME_S = 1 / 60


class Slider(threading.Thread):
    """A thread that moves one value of a seed and renders without a pause."""

    def __init__(self, player: RemotePlayer, engine: RemoteEngine) -> None:
        super().__init__(daemon=True)
        self.player, self.engine = player, engine
        self.renders = 0
        self.ending = threading.Event()

    def run(self) -> None:
        """Render until `ending` is set."""
        values = list(Seed.from_integer(0).values)
        loop = None
        while not self.ending.is_set():
            values[5] = 100 * np.sin(self.renders / 10)
            prepared = self.engine.render_prepared(Seed.of(values), bpm=128.0, rate=RATE, previous=loop)
            loop = prepared.source
            self.player.add_prepared(prepared)
            self.player.set_loop(0, loop)
            self.renders += 1


def paint(player: RemotePlayer, seconds: float) -> list[float]:
    """Paint for this time and return the seconds between the pictures."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtCore import QRectF
    from PySide6.QtGui import QColor, QGuiApplication, QImage, QPainter

    application = QGuiApplication([])
    screen = QImage(1280, 800, QImage.Format.Format_RGB32)
    picture = QImage(512, 256, QImage.Format.Format_RGB32)
    picture.fill(QColor(30, 30, 60))
    times = [time.perf_counter()]
    while times[-1] - times[0] < seconds:
        painter = QPainter(screen)
        painter.drawImage(QRectF(400, 100, 700, 400), picture)
        position = player.beats_heard()
        for i, height in enumerate(np.abs(np.fft.rfft(player.mixer.tap(1024)))[:256]):
            painter.fillRect(QRectF(400 + 2 * i, 600, 1, float(height)), QColor(200, 200, 200))
        for i in range(64):
            painter.fillRect(QRectF(6 * i, 200, 5, 50 * np.sin(i + position)), QColor(220, 120, 0))
        painter.fillRect(QRectF(400 + position % 4 * 175, 100, 1, 400), QColor(255, 255, 255))
        painter.end()
        player.mixer.meter()
        application.processEvents()
        time.sleep(max(times[-1] + _FRAME_S - time.perf_counter(), 0))
        times.append(time.perf_counter())
    return list(np.diff(times))


def count_gaps(sound: FloatArray) -> tuple[int, int]:
    """Return the number of gaps and their total length in frames."""
    missing = find_silences(sound[:, 0])
    return len(missing), int(np.diff(missing).sum())


def measure(card: SoundCard, seconds: float) -> None:
    """Play and print the results."""
    process = RenderProcess()
    engine = RemoteEngine(find_model("bar"), process)
    with contextlib.closing(process), RemotePlayer() as player:
        for voice in range(9):
            player.set_loop(voice, engine.render(Seed.from_integer(voice)))
            player.mixer.set_level(voice, 0.25)
            player.mixer.start(voice)
        while not all(player.loop_in(voice) for voice in range(9)):
            time.sleep(0.01)
        player.mixer.run(True)
        time.sleep(2)
        print(player.status, flush=True)
        slider = Slider(player, engine)
        slider.start()
        stalls = Stalls()
        card.clear()
        dropouts = player.status.dropouts
        gaps = paint(player, seconds)
        sound = card.recorded()
        spans = stalls.stop()
        slider.ending.set()
        slider.join()
        times, frames = count_gaps(sound)
        print(f"recorded {len(sound) / RATE:.0f} s: {times} gaps, {1000 * frames / RATE:.0f} ms in total")
        print(f"dropouts counted by the player: {player.status.dropouts - dropouts}")
        print(f"{slider.renders / seconds:.1f} renders and {1 / np.mean(gaps):.0f} pictures a second,", end=" ")
        print(f"longest pause between pictures {1000 * max(gaps):.0f} ms")
        print(f"{len(spans)} stalls of the machine, longest {longest_ms(spans):.0f} ms")


def main() -> None:
    """Run the measurement on a virtual sound card."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 600.0
    with tempfile.TemporaryDirectory() as folder:
        card = SoundCard(Path(folder))
        # PortAudio, which the player loads, reads these.
        os.environ.update(card.environment)
        card.plug_in()
        try:
            measure(card, seconds)
        finally:
            card.pull_out()


if __name__ == "__main__":
    main()
