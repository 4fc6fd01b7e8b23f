"""Use the window at random: `python -m scripts.measure.window_soak [MINUTES]`, with a display and a sound device.

Clicks, drags, types and switches at random while an OSC client sends messages. Prints progress, the memory of all
processes, dropouts and stalls of the machine (`scripts.measure.stalls`). The exit status is 1 if an exception was not
caught or the autosaved session could not be read.
"""

from __future__ import annotations

import json
import random
import socket
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from pythonosc.osc_message_builder import OscMessageBuilder

from scripts.measure.stalls import Stalls, distances, longest_ms
from scripts.measure.window_figures import memory_mb
from technogan.osc.ports import LOOPBACK, free_port

if TYPE_CHECKING:
    from PySide6.QtCore import QPoint
    from PySide6.QtWidgets import QWidget

    from app.window.instrument import Instrument

_KEYS = "rmzlxfcat0 12345678"
_REPORT_S = 30.0
# A dropout is counted within this time after the stall that causes it.
_ECHO_S = 0.5


def main() -> int:
    """Use the window for some minutes and return the exit status."""
    from PySide6.QtWidgets import QApplication

    from app.widgets.style import load_typeface
    from app.window.instrument import Instrument

    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 30.0
    uncaught: list[str] = []

    def record(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        uncaught.append("".join(traceback.format_exception(kind, error, trace)))

    sys.excepthook = record
    application = QApplication([sys.argv[0]])
    application.setStyle("Fusion")
    load_typeface()
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        (Path(folder) / "settings.json").write_text(json.dumps({"osc_port": port, "osc_reply_port": free_port()}))
        its = Instrument(Path(folder))
        its.notifications.failed.connect(lambda text, _details: print("message:", text))
        its.start()
        stalls = Stalls()
        unreadable, dropouts = _use(its, Path(folder), port, minutes * 60)
        stalled = stalls.stop()
        its.window.close()
    print(*uncaught, sep="\n")
    print(f"{len(uncaught)} uncaught exceptions, {unreadable} unreadable autosaves")
    print(f"{len(stalled)} stalls of the machine, longest {longest_ms(stalled):.0f} ms")
    away = [float(distance) for distance in distances(dropouts, stalled) if distance >= _ECHO_S]
    print(f"{len(dropouts)} dropouts, {len(away)} of them without a stall", end="")
    print("".join(f", {distance:.1f} s away" for distance in away))
    return 1 if uncaught or unreadable else 0


def _use(its: Instrument, folder: Path, port: int, seconds: float) -> tuple[int, list[float]]:
    """Return the number of unreadable autosaves and the times of dropouts."""
    from PySide6.QtTest import QTest

    rng, began, reported, unreadable, actions = random.Random(0), time.monotonic(), 0.0, 0, 0
    client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    dropouts: list[float] = []
    counted = 0
    while time.monotonic() - began < seconds:
        rng.choice(_ACTIONS)(its, rng)
        client.sendto(_message(rng), (LOOPBACK, port))
        QTest.qWait(rng.randrange(1, 60))
        actions += 1
        if its.player.status.dropouts > counted:
            counted = its.player.status.dropouts
            dropouts.append(time.monotonic())
        if time.monotonic() - reported > _REPORT_S:
            reported = time.monotonic()
            status = its.player.status
            memory = f"{memory_mb():.0f} MB"
            print(f"{reported - began:6.0f} s  {actions} actions  {memory}  {status.dropouts} dropouts", flush=True)
            unreadable += actions > 1 and not _readable(folder / "autosave")
    client.close()
    return unreadable, dropouts


def _readable(folder: Path) -> bool:
    """Return True if the autosave can be read; retry if it is being written."""
    from app.session.session_file import read_session
    from technogan.errors import TechnoganError

    for _ in range(5):
        try:
            read_session(folder)
        except TechnoganError as error:
            print(error)
        else:
            return True
    return False


def _press_key(its: Instrument, rng: random.Random) -> None:
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    modifier = rng.choice([Qt.KeyboardModifier.NoModifier] * 6 + [Qt.KeyboardModifier.AltModifier])
    QTest.keyClick(its.window, Qt.Key(ord(rng.choice(_KEYS).upper())), modifier)


def _drag(its: Instrument, rng: random.Random) -> None:
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    from app.widgets.fader import Fader

    targets: list[QWidget] = [its.window.seed.bars] * 4 + its.window.findChildren(Fader)
    target = rng.choice(targets)
    if target.isEnabled():
        QTest.mousePress(target, Qt.MouseButton.LeftButton, pos=_place(target, rng))
        for _ in range(rng.randrange(1, 8)):
            QTest.mouseMove(target, _place(target, rng))
            QTest.qWait(10)
        QTest.mouseRelease(target, Qt.MouseButton.LeftButton, pos=_place(target, rng))


def _press(its: Instrument, rng: random.Random) -> None:
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    from app.widgets.button import Button

    keys = [key for key in its.window.findChildren(Button) if key.isEnabled() and key is not its.window.transport.menu]
    QTest.mouseClick(rng.choice(keys), Qt.MouseButton.LeftButton)


def _type_tempo(its: Instrument, rng: random.Random) -> None:
    its.window.transport.bpm.setValue(rng.uniform(90, 170))


def _switch(its: Instrument, rng: random.Random) -> None:
    change: Callable[[], object] = rng.choice(
        [
            lambda: its.preferences.set(theme=rng.choice(["Dark", "Light"])),
            lambda: its.window.transport.model.chosen.emit(rng.choice(["bar", "beat"])),
            lambda: its.session.undo_stack.undo(),
            lambda: its.session.undo_stack.redo(),
            lambda: its.session.clear(rng.randrange(8)),
            lambda: its.transfer.load_files(["/nothing.wav"], rng.randrange(8)),
            lambda: its.window.resize(rng.randrange(1024, 1400), rng.randrange(640, 900)),
            lambda: its.loop_files.prepare_drag(rng.randrange(8), lambda _paths: None),
        ]
    )
    change()


_ACTIONS = [_press_key, _press_key, _drag, _drag, _drag, _press, _type_tempo, _switch]


def _message(rng: random.Random) -> bytes:
    address = rng.choice(["/cc/isAlive", "/cc/status", "/cc/generate_single_wav_id", "/cc/set_bpm", "/cc/nonsense"])
    builder = OscMessageBuilder(address)
    if address.endswith("wav_id"):
        builder.add_arg(rng.randrange(0, 12))
        for _ in range(64):
            builder.add_arg(float(rng.randrange(-128, 128)))
    elif address.endswith("bpm"):
        builder.add_arg(rng.uniform(100, 150))
    return builder.build().dgram


def _place(widget: QWidget, rng: random.Random) -> QPoint:
    from PySide6.QtCore import QPoint

    return QPoint(rng.randrange(widget.width()), rng.randrange(widget.height()))


if __name__ == "__main__":
    sys.exit(main())
