"""How fast the window is on this machine: `python -m scripts.window_figures [SECONDS] [MODEL]`.

Needs a display and a sound device.

Opens the instrument on an empty state folder, plays eight slots, moves a slider all the time, and prints as JSON:
when the window was drawn and when the first loop could sound (from the start of the interpreter's imports); how long a
moved slider takes until its loop is in the mixer (what the output's latency comes on top of); how late the event loop
answers; how many frames a second the playhead makes; how often the sound was interrupted.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from app.composition import Instrument

_PATIENCE_S = 60.0
_N_SLOTS = 8
_MOVES_EVERY_S = 0.25
_TICK_MS = 5


def main() -> None:
    """Measure and print."""
    began = time.perf_counter()
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 20.0
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QApplication

    from app.composition import Instrument
    from app.widgets.style import load_typeface

    application = QApplication([sys.argv[0]])
    application.setStyle("Fusion")
    load_typeface()
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "settings.json").write_text(json.dumps({"osc": False}))
        its = Instrument(Path(folder))
        its.start()
        QTest.qWaitForWindowExposed(its.window)
        its.window.repaint()
        figures = {"window_drawn_s": time.perf_counter() - began}
        _until(lambda: its.session.loop is not None)
        figures["first_loop_s"] = time.perf_counter() - began
        if len(sys.argv) > 2:
            its.window.transport.model_chosen.emit(sys.argv[2])
            _until(lambda: its.session.state.model == sys.argv[2] and not its.queue.busy)
        figures |= _play(its, seconds)
        its.window.close()
    print(json.dumps({name: round(value, 4) for name, value in figures.items()}, indent=2))


def _play(its: Instrument, seconds: float) -> dict[str, float]:
    for i in range(_N_SLOTS):
        its.session.randomise()
        _until(lambda: not its.queue.busy)
        its.wiring.keep(i)
        its.sound.play(i, True)
    _rest(2.0)
    dropouts, frames, began = its.player.status.dropouts, its.clock.frames, time.perf_counter()
    taken, late = _move_a_slider(its, seconds)
    elapsed = time.perf_counter() - began
    status = its.player.status
    return {
        "seconds": elapsed,
        "slider_to_mixer_ms_median": 1000 * float(np.median(taken)),
        "slider_to_mixer_ms_p95": 1000 * float(np.percentile(taken, 95)),
        "output_latency_ms": 1000 * status.latency,
        "block_frames": status.block_frames,
        "event_loop_late_ms_median": 1000 * float(np.median(late)),
        "event_loop_late_ms_p999": 1000 * float(np.percentile(late, 99.9)),
        "playhead_frames_a_second": (its.clock.frames - frames) / elapsed,
        "dropouts": status.dropouts - dropouts,
    }


def _move_a_slider(its: Instrument, seconds: float) -> tuple[list[float], list[float]]:
    """Seconds from each move to its loop in the mixer, and by how much each tick of a timer was late."""
    from PySide6.QtCore import QPointF, Qt, QTimer
    from PySide6.QtTest import QTest

    late: list[float] = []
    last = time.perf_counter()

    def tick() -> None:
        nonlocal last
        now = time.perf_counter()
        late.append(max(now - last - _TICK_MS / 1000, 0.0))
        last = now

    timer = QTimer(interval=_TICK_MS, timerType=Qt.TimerType.PreciseTimer)
    timer.timeout.connect(tick)
    timer.start()
    taken: list[float] = []
    bars, rng, end = its.window.seed.bars, np.random.default_rng(0), time.perf_counter() + seconds
    while time.perf_counter() < end:
        place = QPointF(rng.uniform(0, bars.width() - 1), rng.uniform(0, bars.height() / 4 - 4)).toPoint()
        moved = time.perf_counter()
        QTest.mouseClick(bars, Qt.MouseButton.LeftButton, pos=place)
        wanted = its.session.state.seed
        _until(lambda wanted=wanted: _sounds(its, wanted))  # type: ignore[misc]
        taken.append(time.perf_counter() - moved)
        _rest(_MOVES_EVERY_S)
    return taken, late


def _sounds(its: Instrument, seed: object) -> bool:
    loop = its.player.mixer.state.voices[0].loop
    return loop is not None and loop.source.origin is not None and loop.source.origin.seeds[0] == seed


def _until(there: Callable[[], bool]) -> None:
    from PySide6.QtCore import QCoreApplication, QEventLoop

    end = time.perf_counter() + _PATIENCE_S
    while not there():
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 1)
        time.sleep(0.0005)
        if time.perf_counter() > end:
            raise SystemExit("gave up waiting")


def _rest(seconds: float) -> None:
    end = time.perf_counter() + seconds
    _until(lambda: time.perf_counter() > end)


if __name__ == "__main__":
    main()
