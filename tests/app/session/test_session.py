import numpy as np
import pytest

from app.session.session import Session
from app.session.state import Clip, Morph, SessionState, Slot, Start
from technogan.errors import SeedError, SettingError
from technogan.seeds.seed import Seed
from tests.app.fakes import loop_of, seed_of


@pytest.fixture
def session(qtbot):
    return Session(rng=np.random.default_rng(0))


def with_clips(session, *values):
    for i, value in enumerate(values):
        session.fill(i, Clip(f"clip {value}", loop_of(seed_of(value))))


def test_every_gesture_is_one_undo_step(session):
    session.begin_gesture("Paint")
    for i in range(10):
        session.set_seed_value(i, 50)
    session.end_gesture()
    session.set_seed_value(0, 7)
    assert session.undo_stack.count() == 2
    session.undo_stack.undo()
    assert session.state.seed.values[:11] == (50,) * 10 + (0,)
    session.undo_stack.undo()
    assert session.state.seed == seed_of(0)
    session.undo_stack.redo()
    assert session.state.seed.values[9] == 50


def test_a_gesture_without_a_change_adds_no_undo_step(session):
    session.begin_gesture("Paint")
    session.set_seed_value(3, 0)
    session.end_gesture()
    assert session.undo_stack.count() == 0


CHANGES = {
    "randomise": lambda s: s.randomise(),
    "mutate": lambda s: s.mutate(40),
    "zero": lambda s: s.zero(),
    "set": lambda s: s.set_seed(seed_of(9)),
    "load": lambda s: s.load_seed(seed_of(9)),
}


@pytest.mark.parametrize("change", CHANGES)
def test_locked_sliders_stay(session, change):
    session.set_seed(seed_of(33))
    session.toggle_lock(5)
    CHANGES[change](session)
    assert session.state.seed.values[5] == 33
    assert any(value != 33 for value in session.state.seed.values)


def test_a_locked_slider_can_be_moved_alone(session):
    session.toggle_lock(5)
    session.set_seed_value(5, 12)
    assert session.state.seed.values[5] == 12


def test_loading_a_slot_moves_locked_sliders(session):
    with_clips(session, 20)
    session.toggle_lock(5)
    assert session.load_slot(0)
    assert session.state.seed == session.state.reference == seed_of(20)


@pytest.mark.parametrize("value", [128, -129, float("nan"), float("inf")])
def test_values_beyond_the_sliders_are_refused(session, value):
    with pytest.raises(SeedError):
        session.set_seed_value(0, value)
    assert session.state.seed == seed_of(0)


def test_a_seed_of_another_size_is_refused(session):
    with pytest.raises(SeedError, match="64 sliders; this seed has 8"):
        session.set_seed(seed_of(1, 8))


def test_keeping_stores_the_live_loop(session):
    assert not session.keep(2)
    session.set_loop(loop_of(seed_of(7)))
    session.set_seed(seed_of(8))  # not rendered yet
    assert session.keep(2)
    clip = session.state.slots[2].clip
    assert clip.loop is session.loop
    assert clip.seed == session.state.reference == seed_of(7)


def test_undo_restores_the_clip_of_a_slot(session):
    with_clips(session, 1)
    first = session.state.slots[0].clip
    session.set_slot(0, playing=True, level_db=-6.0)
    session.fill(0, Clip("other", loop_of(seed_of(2))))
    assert session.state.slots[0].playing
    session.undo_stack.undo()
    assert session.state.slots[0] == Slot(first, playing=True, level_db=-6.0)


def test_undo_leaves_the_faders_alone(session):
    with_clips(session, 1)
    session.set_slot(0, level_db=-12.0, muted=True)
    session.set_bpm(140)
    session.undo_stack.undo()
    assert session.state.slots[0] == Slot(None, level_db=-12.0, muted=True)
    assert session.state.bpm == 140


def test_an_empty_slot_cannot_play(session):
    session.set_slot(3, playing=True)
    assert not session.state.slots[3].playing
    with_clips(session, 1)
    session.set_slot(0, playing=True)
    session.clear(0)
    assert session.state.slots[0] == Slot()


@pytest.mark.parametrize(
    ("position", "spherical", "expected"), [(0, False, 10), (1, False, 30), (0.5, False, 20), (0.5, True, 20)]
)
def test_the_crossfader_moves_all_sliders(session, position, spherical, expected):
    with_clips(session, 10, 30)
    session.set_morph(spherical=spherical)
    assert session.move_morph(position)
    assert session.state.seed.values == pytest.approx((expected,) * 64)


def test_without_two_seeds_the_crossfader_moves_alone(session):
    with_clips(session, 10)
    assert not session.move_morph(0.5)
    assert session.state.morph.position == 0.5
    assert session.state.seed == seed_of(0)


def test_a_model_with_another_number_of_sliders_resets_the_seed(session):
    session.randomise()
    session.set_model("tiny", 8)
    assert len(session.state.seed) == len(session.state.reference) == 8
    assert not session.undo_stack.canUndo()


def test_signals_are_emitted_for_changes_only(session, qtbot):
    heard = []
    session.seed_changed.connect(lambda _: heard.append("seed"))
    session.slot_changed.connect(lambda i: heard.append(i))
    session.bpm_changed.connect(lambda _: heard.append("bpm"))
    session.start_changed.connect(lambda _: heard.append("start"))
    session.changed.connect(lambda: heard.append("changed"))
    session.set_bpm(128.0)
    session.set_start(Start.beat)
    assert heard == []
    session.set_slot(4, level_db=-3.0)
    session.set_bpm(130.0)
    assert heard == [4, "changed", "bpm", "changed"]


def test_opening_replaces_everything(session):
    session.randomise()
    state = SessionState(bpm=99.0, seed=seed_of(4), reference=seed_of(4), slots=(Slot(),) * 8)
    session.open(state, None)
    assert session.state == state
    assert session.is_saved
    assert not session.undo_stack.canUndo()
    session.zero()
    assert not session.is_saved


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Slot(level_db=7),
        lambda: Slot(level_db=float("nan")),
        lambda: Morph(position=1.1),
        lambda: Morph(steps=0),
        lambda: Morph(amount=-1),
        lambda: SessionState(bpm=5),
        lambda: SessionState(slots=()),
        lambda: SessionState(seed=Seed((1.0,))),
    ],
)
def test_impossible_states_are_refused(wrong):
    with pytest.raises(SettingError):
        wrong()
