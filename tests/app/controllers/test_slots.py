"""Keys of slots."""

import pytest

from app.controllers.playback import Playback
from app.controllers.slots import SlotController
from app.session.state import Clip
from tests.app.controllers.test_stems import FakePlayer
from tests.app.fakes import loop_of, seed_of


@pytest.fixture
def player():
    return FakePlayer()


@pytest.fixture
def slots(session, player, notifications):
    session.set_loop(loop_of(seed_of(7)))
    session.fill(0, Clip("old", loop_of(seed_of(1))))
    return SlotController(session, Playback(session, player), notifications)


def test_a_stopped_slot_is_replaced(session, slots, messages):
    slots.keep(0)
    assert session.state.slots[0].clip.seed == seed_of(7)
    assert messages == []


def test_keeping_over_a_playing_slot_asks_for_shift(session, slots, messages):
    session.set_slot(0, playing=True)
    slots.keep(0)
    assert session.state.slots[0].clip.name == "old"
    assert "Hold Shift" in messages[0]
    slots.keep(0, replace=True)
    assert session.state.slots[0].clip.seed == seed_of(7)
    assert session.state.slots[0].playing


@pytest.mark.parametrize(("model", "said"), [("beat", False), ("bar", True)])
def test_a_seed_of_another_model_is_reported(session, slots, messages, model, said):
    session.set_model(model, 64, "1")
    slots.load(0)
    assert session.state.seed == seed_of(1)
    assert any("Slot 1: the seed belongs to the model beat (version 1)" in text for text in messages) == said


def test_an_empty_slot_loads_nothing(session, slots, messages):
    slots.load(1)
    slots.load(100)
    assert messages == []
