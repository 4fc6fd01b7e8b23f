"""The stems of slots and of the live loop, from the controls to the player."""

import pytest

from app.controllers.playback import LIVE, Playback
from app.controllers.stems import StemController
from app.session.session import Session
from app.session.state import Clip
from tests.app.fakes import STEMS, loop_of, seed_of, with_stems


class FakePlayer:
    """Records the gains of stems and the loops that it gets, in order."""

    def __init__(self):
        self.mixer = self
        self.sent = []

    def set_stem(self, voice, stem, gain):
        self.sent.append((voice, stem, gain))

    def set_loop(self, voice, loop, *, when="now"):
        self.sent.append((voice, loop))

    def start(self, voice, *, when="now"):
        pass

    def set_level(self, voice, gain):
        pass

    def set_tempo(self, bpm):
        pass

    def taken(self):
        sent, self.sent = self.sent, []
        return sent


@pytest.fixture
def player():
    return FakePlayer()


@pytest.fixture
def session(qtbot):
    return Session()


@pytest.fixture
def playback(session, player):
    return Playback(session, player)


@pytest.fixture
def stems(session, playback):
    return StemController(session)


LOOP = with_stems(loop_of(seed_of(3)))


def test_a_stem_of_a_slot_is_switched_and_levelled(session, stems, player):
    session.fill(2, Clip("a", LOOP))
    assert player.taken() == [(3, LOOP)]
    stems.toggle(2, "kick")
    assert player.taken() == [(3, "kick", 0.0)]
    stems.set_level(2, "drums", -20.0)
    assert player.taken() == [(3, "drums", pytest.approx(0.1))]
    stems.set_level(2, "kick", -20.0)
    assert player.taken() == []
    stems.toggle(2, "kick")
    assert player.taken() == [(3, "kick", pytest.approx(0.1))]


def test_a_solo_switches_the_other_stems_off_and_on(session, stems, player):
    session.set_loop(LOOP)
    player.taken()
    stems.solo(None, "drums")
    assert player.taken() == [(LIVE, "kick", 0.0), (LIVE, "music", 0.0)]
    stems.solo(None, "drums")
    assert player.taken() == [(LIVE, "kick", 1.0), (LIVE, "music", 1.0)]


def test_gains_come_before_a_loop_that_brings_new_stems(session, stems, player):
    stems.solo(None, "voice")
    assert player.taken() == []
    other = with_stems(loop_of(seed_of(1)), "voice", "rest")
    session.set_loop(LOOP)
    session.set_loop(other)
    assert player.taken() == [(LIVE, LOOP), (LIVE, "rest", 0.0), (LIVE, other)]


def test_loops_without_stems_send_no_gains(session, stems, player):
    plain = loop_of(seed_of(1))
    session.set_loop(plain)
    session.fill(0, Clip("a", plain))
    session.set_slot(0, muted=False)
    assert player.taken() == [(LIVE, plain), (1, plain)]
    assert stems.names(None) == stems.names(0) == stems.names(1) == ()


def test_stems_stay_with_the_slot_and_cannot_be_undone(session, stems):
    session.fill(0, Clip("a", LOOP))
    stems.toggle(0, "kick")
    session.fill(0, Clip("b", LOOP))
    assert not session.state.slots[0].stems.stem("kick").on
    session.undo_stack.undo()
    assert session.state.slots[0].clip.name == "a"
    assert not session.state.slots[0].stems.stem("kick").on
    assert session.undo_stack.count() == 2
    assert stems.names(0) == STEMS
