"""Sequences land in the slots that were asked for."""

import threading

import pytest

from app.controllers.sequences import Sequences
from app.session.state import Clip
from technogan.errors import SettingError
from tests.app.fakes import FakeEngine, loop_of, seed_of


@pytest.fixture
def gate():
    return threading.Event()


@pytest.fixture
def sequences(session, tasks, notifications, gate):
    engine = FakeEngine(gate=gate)
    yield Sequences(session, lambda _model: engine, tasks, notifications)
    gate.set()


def steps(session):
    return [slot.clip.steps if slot.clip else 0 for slot in session.state.slots]


def test_two_sequences_for_the_first_empty_slot(session, sequences, gate, tasks, qtbot):
    session.set_morph(steps=3)
    sequences.make("walk")
    session.set_morph(steps=4)
    sequences.make("walk")
    gate.set()
    qtbot.waitUntil(lambda: not tasks.busy)
    assert steps(session)[:3] == [3, 4, 0]


def test_a_second_sequence_for_the_same_slot_is_refused(session, sequences, gate, tasks, qtbot):
    session.set_morph(target=4, steps=3)
    sequences.make("walk")
    with pytest.raises(SettingError, match="slot 5"):
        sequences.make("walk")
    gate.set()
    qtbot.waitUntil(lambda: not tasks.busy)
    assert steps(session)[4] == 3
    sequences.make("walk")
    qtbot.waitUntil(lambda: not tasks.busy)


def test_a_cancelled_sequence_frees_its_slot(session, sequences, gate, tasks, qtbot):
    awaited = []
    session.awaited_changed.connect(lambda index, awaits: awaited.append((index, awaits)))
    for _ in range(2):
        sequences.make("walk")
    tasks.cancel()
    gate.set()
    qtbot.waitUntil(lambda: not tasks.busy)
    assert sorted(awaited) == [(0, False), (0, True), (1, False), (1, True)]
    assert session.first_empty() == 0


def test_a_loop_that_was_kept_meanwhile_stays(session, sequences, gate, tasks, messages, qtbot):
    sequences.make("walk")
    session.fill(0, Clip("kept", loop_of(seed_of(1))))
    gate.set()
    qtbot.waitUntil(lambda: not tasks.busy)
    assert session.state.slots[0].clip.name == "kept"
    assert session.state.slots[1].clip is not None
    assert "is in slot 2, because slot 1 was filled meanwhile" in messages[0]
