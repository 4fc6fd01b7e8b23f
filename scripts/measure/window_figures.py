"""Measure the window on this machine: `python -m scripts.measure.window_figures [SECONDS] [MODEL]`.

Needs a display and a sound device, and PulseAudio's tools to record the output.

Opens the instrument with an empty state folder, plays the live loop and eight slots, and prints as JSON:
- the time from the start of the imports until the window is drawn and until the first loop is ready;
- with clicks on sliders for SECONDS: the time from the mouse event until the sound changes in the mixer and in the
  recording, and the share of the output buffer;
- with a slider dragged for SECONDS: the gaps in the recording;
- the effect of the machine (`scripts.measure.stalls`): stalls, gaps without a stall, latency without stalls;
- the latency of the event loop and the frame rate of the playhead;
- the memory of the window and its child processes (proportional set size).
"""

from __future__ import annotations

import itertools
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from scripts.measure.monitor import Monitor, Recording, first_change
from scripts.measure.stalls import Stalls, apart, distances, longest_ms
from technogan.arrays import FloatArray

if TYPE_CHECKING:
    from PySide6.QtCore import QPoint

    from app.window.instrument import Instrument
    from technogan.sound.loop import Loop

_TIMEOUT_S = 60.0
_N_SLOTS = 8
# Low enough that the limiter does not act, so the recording equals the sum of the loops.
_LIVE_DB, _SLOT_DB = -6.0, -26.0
_PAUSE_S = 0.4
# The effect of a stall is heard within this time.
_ECHO_S = 0.25
_TICK_MS = 5


class Ticks:
    """A timer in the GUI thread that records how late each tick is, in seconds."""

    def __init__(self) -> None:
        from PySide6.QtCore import Qt, QTimer

        self.late: list[float] = []
        self._last = time.perf_counter()
        self._timer = QTimer(interval=_TICK_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._timer.start()

    def _tick(self) -> None:
        now = time.perf_counter()
        self.late.append(max(now - self._last - _TICK_MS / 1000, 0.0))
        self._last = now


def main() -> None:
    """Measure and print."""
    began = time.perf_counter()
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 20.0
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QApplication

    from app.widgets.style import load_typeface
    from app.window.instrument import Instrument

    application = QApplication([sys.argv[0]])
    application.setStyle("Fusion")
    load_typeface()
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "settings.json").write_text(json.dumps({"osc": False}))
        its = Instrument(Path(folder))
        its.notifications.failed.connect(lambda text, _details: print("told:", text, file=sys.stderr))
        its.start()
        QTest.qWaitForWindowExposed(its.window)
        its.window.repaint()
        figures: dict[str, float] = {"window_drawn_s": time.perf_counter() - began}
        until(lambda: its.session.loop is not None)
        figures["first_loop_s"] = time.perf_counter() - began
        if len(sys.argv) > 2:
            its.window.transport.model.chosen.emit(sys.argv[2])
            until(lambda: its.session.state.model == sys.argv[2] and not its.queue.busy)
        figures |= _play(its, seconds, Path(folder))
        its.window.close()
    print(json.dumps({name: round(value, 2) for name, value in figures.items()}, indent=2))


def _play(its: Instrument, seconds: float, folder: Path) -> dict[str, float]:
    for i in range(_N_SLOTS):
        its.session.randomise()
        until(lambda: not its.queue.busy)
        its.slots.keep(i)
        its.session.set_slot(i, level_db=_SLOT_DB)
        its.playback.play(i, True)
    its.session.set_live(level_db=_LIVE_DB)
    rest(3.0)
    monitor = Monitor(folder) if shutil.which("parec") else None
    rest(0.5)
    stalls = Stalls()
    dropouts, frames, began, ticks = its.player.status.dropouts, its.clock.frames, time.monotonic(), Ticks()
    moves = _click_on_sliders(its, seconds)
    dragged, n_dragged = time.monotonic(), _drag_a_slider(its, seconds)
    ended = time.monotonic()
    stalled = stalls.stop()
    status, late = its.player.status, 1000 * np.array(ticks.late)
    figures = {
        **_times("slider_to_mixer", np.array([move.mixed - move.moved for move in moves])),
        "output_latency_ms": 1000 * status.latency,
        "block_frames": status.block_frames,
        "loops_a_second_while_dragging": n_dragged / (ended - dragged),
        "event_loop_late_ms_median": float(np.median(late)),
        "event_loop_late_ms_p999": float(np.percentile(late, 99.9)),
        "playhead_frames_a_second": (its.clock.frames - frames) / (ended - began),
        "dropouts_counted": status.dropouts - dropouts,
        "memory_mb": memory_mb(),
        "stalls": len(stalled),
        "longest_stall_ms": longest_ms(stalled),
        "stalled_s": float(np.diff(stalled).sum()),
    }
    if monitor is not None:
        figures |= _heard(monitor.stop(), moves, stalled, status.latency, began, ended)
    return figures


class Move:
    """A click on a slider.

    Attributes:
        before, after: The expected sound before and after it, float32 (n_frames,).
        moved: The time of the click.
        mixed: The time when its loop was in the mixer.
    """

    def __init__(self, its: Instrument, place: QPoint) -> None:
        from PySide6.QtCore import Qt
        from PySide6.QtTest import QTest

        self.before = _mix(its)
        self.moved = time.monotonic()
        QTest.mouseClick(its.window.seed.bars, Qt.MouseButton.LeftButton, pos=place)
        wanted = its.session.state.seed
        until(lambda: _sounds(its, wanted))
        self.mixed = time.monotonic()
        self.after = _mix(its)


def _click_on_sliders(its: Instrument, seconds: float) -> list[Move]:
    from PySide6.QtCore import QPoint

    bars, rng, end, moves = its.window.seed.bars, np.random.default_rng(0), time.monotonic() + seconds, []
    while time.monotonic() < end:
        moves.append(Move(its, QPoint(int(rng.integers(bars.width())), int(rng.integers(bars.height() // 5)))))
        rest(_PAUSE_S)
    return moves


def _drag_a_slider(its: Instrument, seconds: float) -> int:
    """Drag a slider up and down without a pause and return the number of loops."""
    from PySide6.QtCore import QPoint, Qt
    from PySide6.QtTest import QTest

    made = itertools.count()
    its.session.loop_changed.connect(lambda _loop: next(made))
    bars, end = its.window.seed.bars, time.monotonic() + seconds
    reach = bars.height() / 10
    QTest.mousePress(bars, Qt.MouseButton.LeftButton, pos=QPoint(30, int(reach)))
    while time.monotonic() < end:
        QTest.mouseMove(bars, QPoint(30, int(reach * (1 + np.sin(4 * time.monotonic())))))
        rest(0.012)
    QTest.mouseRelease(bars, Qt.MouseButton.LeftButton, pos=QPoint(30, int(reach)))
    return next(made)


def _heard(
    recorded: Recording, moves: list[Move], stalled: npt.NDArray[np.float64], latency: float, began: float, ended: float
) -> dict[str, float]:
    """Return the metrics of the recording."""
    changes = [first_change(recorded, move.moved, move.before, move.after) for move in moves]
    heard = [
        (move.moved, change - move.moved) for change, move in zip(changes, moves, strict=True) if change is not None
    ]
    breaks = np.array(recorded.breaks(recorded.frame_at(began), recorded.frame_at(ended))).reshape(-1, 2)
    figures = {
        "breaks_recorded": float(len(breaks)),
        "breaks_without_a_stall": float(apart(breaks[:, 0], stalled, margin=_ECHO_S).sum()),
        "break_furthest_from_a_stall_s": float(distances(breaks[:, 0], stalled).max(initial=0.0)),
        "missing_ms": 1000 * float(np.diff(breaks).sum()),
        "moves": float(len(moves)),
    }
    if not heard:
        return figures
    moved, taken = np.array(heard).T
    alone = taken[apart(moved, stalled, margin=_ECHO_S)]
    return figures | {
        "moves_heard": float(len(taken)),
        **_times("slider_to_sound", taken),
        **_times("on_top_of_output", taken - latency),
        "moves_without_a_stall": float(len(alone)),
        **_times("on_top_of_output_without_a_stall", alone - latency),
    }


def _times(name: str, seconds: npt.NDArray[np.float64]) -> dict[str, float]:
    if not len(seconds):
        return {}
    median, p95 = np.percentile(1000 * seconds, [50, 95])
    return {f"{name}_ms_median": float(median), f"{name}_ms_p95": float(p95)}


def _sounds(its: Instrument, seed: object) -> bool:
    loop = its.player.loop_in(0)
    return loop is not None and loop.origin is not None and loop.origin.seeds[0] == seed


@lru_cache(maxsize=2 * _N_SLOTS)
def _prepared(loop: Loop, bpm: float, rate: int) -> FloatArray:
    from app.audio.preparation import prepare

    return prepare(loop, bpm=bpm, sample_rate=rate).samples


def _mix(its: Instrument) -> FloatArray:
    """Return a bar of the live loop and all slots, mixed, float32 (n_frames,)."""
    from app.controllers.playback import gain_of

    bpm, rate = its.session.state.bpm, its.player.status.sample_rate
    held = [loop for voice in range(_N_SLOTS + 1) if (loop := its.player.loop_in(voice)) is not None]
    loops = [_prepared(loop, bpm, rate) for loop in held]
    gains = [gain_of(_LIVE_DB)] + [gain_of(_SLOT_DB)] * (len(loops) - 1)
    longest = max(len(loop) for loop in loops)
    whole = [np.tile(loop, longest // len(loop)) * np.float32(gain) for loop, gain in zip(loops, gains, strict=True)]
    return np.asarray(np.sum(whole, axis=0), np.float32)


def memory_mb() -> float:
    """Return the proportional set size of this process and its children in MB, without the measuring processes."""
    import psutil

    below = psutil.Process().children(recursive=True)
    ours = [psutil.Process(), *(process for process in below if "scripts." not in " ".join(process.cmdline()))]
    return sum(getattr(process.memory_full_info(), "pss", process.memory_info().rss) for process in ours) / 1e6


def until(is_true: Callable[[], bool]) -> None:
    """Run the event loop until a condition is true."""
    from PySide6.QtCore import QCoreApplication, QEventLoop

    end = time.monotonic() + _TIMEOUT_S
    while not is_true():
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        if time.monotonic() > end:
            raise SystemExit("timeout: the condition did not become true")


def rest(seconds: float) -> None:
    """Run the event loop for this time."""
    end = time.monotonic() + seconds
    until(lambda: time.monotonic() > end)


if __name__ == "__main__":
    main()
