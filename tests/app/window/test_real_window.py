"""A real window on a real X server, played by mouse and keys, and what is heard of it from a real sound server."""

import contextlib
import os
import random
import shutil
import subprocess
import sys
import time
from itertools import pairwise

import numpy as np
import pytest

from app.session.session_file import read_session
from technogan.errors import SourceError
from technogan.network.library import bundled_dir
from technogan.sound.loop import loop_frames
from tests.app.audio.sound_card import sound_card

__all__ = ["sound_card"]

ROOT = bundled_dir().parents[1]
PATIENCE_S = 60
RATE = 44100
BAR = loop_frames(4, 128.0, RATE)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not all(shutil.which(tool) for tool in ("Xvfb", "xdotool")), reason="needs Xvfb and xdotool"),
]


class Desk:
    """A screen with the instrument on it."""

    def __init__(self, folder, display):
        self.folder, self.display = folder, display
        (folder / "settings.json").write_text('{"osc": false}')
        self.environment = {
            **os.environ,
            "DISPLAY": display,
            "QT_QPA_PLATFORM": "xcb",
            "TECHNOGAN_STATE": str(folder),
        }
        self.process = subprocess.Popen([sys.executable, "-m", "app"], cwd=ROOT, env=self.environment)
        wait_for(lambda: (folder / "autosave" / "session.json").exists())
        self.window = self.said("search", "--sync", "--onlyvisible", "--name", "TechnoGAN").split()[0]
        self.said("windowfocus", "--sync", self.window)
        time.sleep(2)

    def said(self, *command):
        asked = subprocess.run(
            ["xdotool", *command], env=self.environment, capture_output=True, text=True, check=True, timeout=PATIENCE_S
        )
        return asked.stdout

    def key(self, *keys):
        self.said("key", *keys)
        time.sleep(0.3)

    def click(self, x, y):
        self.said("mousemove", "--window", self.window, str(x), str(y), "click", "1")
        time.sleep(0.3)

    def drag(self, start, end):
        self.said("mousemove", "--window", self.window, *map(str, start), "mousedown", "1")
        self.said("mousemove", "--window", self.window, *map(str, end), "mouseup", "1")
        time.sleep(0.3)

    @property
    def state(self):
        for _ in range(5):
            # Read while it is written, it may name a sound that has just been deleted; the window itself never does so.
            with contextlib.suppress(SourceError):
                return read_session(self.folder / "autosave")
        return read_session(self.folder / "autosave")


def wait_for(there):
    end = time.monotonic() + PATIENCE_S
    while not there():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.1)


@pytest.fixture
def display():
    read_end, write_end = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write_end), "-screen", "0", "1400x900x24"],
        pass_fds=[write_end],
        stderr=subprocess.DEVNULL,
    )
    os.close(write_end)
    with os.fdopen(read_end) as pipe:
        number = pipe.readline().strip()
    yield f":{number}"
    server.terminate()
    server.wait()


@pytest.fixture
def desk(tmp_path, display, sound_card):
    made = Desk(tmp_path, display)
    yield made
    with contextlib.suppress(ProcessLookupError):
        made.process.terminate()
    assert made.process.wait(PATIENCE_S) == 0


def test_a_first_five_minutes(desk, sound_card):
    """Play, paint, keep, morph, and undo: what is asked for by hand is in the session, and heard."""
    first = desk.state.seed
    desk.key("space")
    desk.drag((40, 120), (380, 180))
    desk.key("1")
    desk.key("r")
    time.sleep(1)
    desk.key("2")
    wait_for(lambda: all(slot.clip for slot in desk.state.slots[:2]))
    kept = [slot.clip.seed for slot in desk.state.slots[:2] if slot.clip]
    assert first not in kept
    assert kept[0] != kept[1]
    assert any(value != old for value, old in zip(kept[0].values[:16], first.values[:16], strict=True))
    desk.key("x")
    wait_for(lambda: desk.state.seed == kept[1])
    desk.key("ctrl+z")
    desk.key("alt+1")
    wait_for(lambda: desk.state.slots[0].playing)
    desk.click(145, 644)
    wait_for(lambda: not desk.state.slots[0].playing)
    assert np.abs(sound_card.recorded()).max() > 0.1


def test_the_same_bar_again_and_again(desk, sound_card):
    desk.key("space")
    time.sleep(2)
    sound_card.clear()
    time.sleep(8)
    sound = sound_card.recorded()[:, 0]
    bars = sound[: len(sound) // BAR * BAR].reshape(-1, BAR)
    assert len(bars) >= 3
    assert np.abs(bars).max() > 0.1
    same = [bool((one == other).all()) for one, other in pairwise(bars)]
    # A machine under load may interrupt the sound once: then the bars around that differ, all others may not.
    assert any(same)


@pytest.mark.skipif(not shutil.which("setxkbmap"), reason="needs setxkbmap")
@pytest.mark.parametrize("layout", ["fr", "cz"])
def test_digits_are_the_keys_of_the_top_row(desk, layout):
    """Press the keys 1 and 2, whose characters are no digits, and Shift with 3."""
    subprocess.run(["setxkbmap", layout], env=desk.environment, check=True)
    desk.key("10", "11", "shift+12")
    wait_for(lambda: [bool(slot.clip) for slot in desk.state.slots] == [True] * 3 + [False] * 5)


def test_stopped_it_is_silent(desk, sound_card):
    desk.key("space")
    time.sleep(1)
    desk.key("space")
    time.sleep(1)
    sound_card.clear()
    time.sleep(1)
    assert not sound_card.recorded().any()


def test_killed_it_has_lost_five_seconds_at_most(tmp_path, display):
    rng = random.Random(0)
    for i in range(3):
        folder = tmp_path / str(i)
        folder.mkdir()
        desk = Desk(folder, display)
        try:
            kept = []
            for key in "12345678":
                desk.key(key)
                kept.append(time.monotonic())
                time.sleep(1)
            time.sleep(rng.uniform(0, 2))
        finally:
            killed = time.monotonic()
            desk.process.kill()
            desk.process.wait()
        slots = desk.state.slots
        assert all(slot.clip for slot, moment in zip(slots, kept, strict=True) if killed - moment > 5)
