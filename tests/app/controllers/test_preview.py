"""Hearing a loop beside the session, over a player that has no device."""

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
def sound(player):
    return Playback(Session(), player)


@pytest.fixture
def audition(sound, player):
    return Preview(sound, player, VOICE)


def peak(player):
    """Of what is mixed, once levels have moved where they go."""
    player.mixer.mix(4096)
    return float(np.abs(player.mixer.mix(4096)).max())


def test_it_starts_the_clock_and_stops_it_again(audition, sound):
    audition.play(loop_of(seed_of(1)), "this")
    assert (audition.playing, sound.running) == ("this", True)
    audition.stop()
    assert (audition.playing, sound.running) == (None, False)


def test_a_clock_that_ran_goes_on(audition, sound):
    sound.run(True)
    audition.play(loop_of(seed_of(1)), "this")
    audition.stop()
    assert sound.running


def test_nothing_else_is_heard_meanwhile(audition, player, sound, qtbot):
    player.set_loop(0, loop_of(seed_of(1)))
    player.mixer.start(0)
    sound.run(True)
    qtbot.waitUntil(lambda: peak(player) > 0.1)
    silent = loop_of(seed_of(2))
    audition.play(replace(silent, samples=np.zeros_like(silent.samples)), "this")
    qtbot.waitUntil(lambda: peak(player) < 1e-3)
    audition.stop()
    qtbot.waitUntil(lambda: peak(player) > 0.1)


def test_whoever_stops_the_clock_stops_it(audition, sound, qtbot):
    audition.play(loop_of(seed_of(1)), "this")
    with qtbot.waitSignal(audition.changed):
        sound.run(False)
    assert audition.playing is None


def test_another_loop_takes_the_place_of_the_first(audition, sound):
    audition.play(loop_of(seed_of(1)), "this")
    audition.play(loop_of(seed_of(2)), "that")
    assert audition.playing == "that"
    audition.stop()
    assert not sound.running
