"""Preview of a loop, over a player without a device."""

from dataclasses import replace

import numpy as np
import pytest

from app.audio.player import Player
from app.controllers.playback import Playback
from app.controllers.preview import Preview
from app.session.session import Session
from tests.app.fakes import loop_of, seed_of

VOICE = 9


@pytest.fixture
def player():
    made = Player(n_voices=10)
    yield made
    made.close()


@pytest.fixture
def playback(player):
    return Playback(Session(), player)


@pytest.fixture
def preview(playback, player):
    return Preview(playback, player, VOICE)


def peak(player):
    """Return the level of the mix once its ramps have ended."""
    player.mixer.mix(4096)
    return float(np.abs(player.mixer.mix(4096)).max())


def test_a_preview_starts_the_clock_and_stops_it_again(preview, playback):
    preview.play(loop_of(seed_of(1)), "this")
    assert (preview.playing, playback.running) == ("this", True)
    preview.stop()
    assert (preview.playing, playback.running) == (None, False)


def test_a_running_clock_keeps_running(preview, playback):
    playback.run(True)
    preview.play(loop_of(seed_of(1)), "this")
    preview.stop()
    assert playback.running


def test_only_the_preview_is_heard(preview, player, playback, qtbot):
    player.set_loop(0, loop_of(seed_of(1)))
    player.mixer.start(0)
    playback.run(True)
    qtbot.waitUntil(lambda: peak(player) > 0.1)
    silent = loop_of(seed_of(2))
    preview.play(replace(silent, samples=np.zeros_like(silent.samples)), "this")
    qtbot.waitUntil(lambda: peak(player) < 1e-3)
    preview.stop()
    qtbot.waitUntil(lambda: peak(player) > 0.1)


def test_stopping_the_clock_stops_the_preview(preview, playback, qtbot):
    preview.play(loop_of(seed_of(1)), "this")
    with qtbot.waitSignal(preview.changed):
        playback.run(False)
    assert preview.playing is None


def test_another_loop_replaces_the_first(preview, playback):
    preview.play(loop_of(seed_of(1)), "this")
    preview.play(loop_of(seed_of(2)), "that")
    assert preview.playing == "that"
    preview.stop()
    assert not playback.running
