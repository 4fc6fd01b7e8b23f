import numpy as np
import pytest

from app.session.session import Session
from app.session.state import Clip, Morph, SessionState, Slot, Start
from app.session.undo import CROSSFADER, SLIDERS
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


# --- undo: one origin, one gesture


def test_a_loop_that_comes_during_a_drag_survives_its_undo(session):
    session.begin_gesture("Draw sliders")
    session.set_seed_value(0, 10)
    session.fill(2, Clip("from a client", loop_of(seed_of(5))))
    session.set_seed_value(1, 20)
    session.end_gesture()
    assert session.undo_stack.count() == 2
    session.undo_stack.undo()
    assert session.state.seed == seed_of(0)
    assert session.state.slots[2].clip.name == "from a client"
    session.undo_stack.redo()
    assert session.state.seed.values[:2] == (10, 20)
    session.undo_stack.undo()
    session.undo_stack.undo()
    assert session.state.slots[2].clip is None


def test_the_undo_of_a_loop_leaves_the_sliders_that_were_dragged_meanwhile(session):
    session.begin_gesture("Draw sliders")
    session.set_seed_value(0, 10)
    session.end_gesture()
    session.fill(2, Clip("a", loop_of(seed_of(5))))
    session.undo_stack.undo()
    assert session.state.seed.values[0] == 10


def test_random_sliders_during_a_drag_are_a_step_of_their_own(session):
    session.begin_gesture("Draw sliders")
    session.set_seed_value(0, 10)
    session.randomise()
    random = session.state.seed
    session.set_seed_value(0, 20)
    session.end_gesture()
    for expected in (random.values[0], 10, 0):
        session.undo_stack.undo()
        assert session.state.seed.values[0] == expected
    assert not session.undo_stack.canUndo()


def test_two_drags_are_two_steps_even_if_the_end_of_the_first_is_missed(session):
    with_clips(session, 10, 30)
    session.undo_stack.clear()
    for position in (0.5, 1.0):
        session.begin_gesture("Morph", CROSSFADER)
        session.move_morph(position - 0.25)
        session.move_morph(position)
    session.end_gesture(SLIDERS)  # of a drag that ended before
    session.move_morph(0.9)
    session.end_gesture(CROSSFADER)
    for position in (0.5, 0.0):
        session.undo_stack.undo()
        assert session.state.morph.position == position
    assert session.state.seed == seed_of(0)
    assert not session.undo_stack.canUndo()


def test_undo_moves_the_crossfader_back(session):
    with_clips(session, 10, 30)
    session.move_morph(0.5)
    session.undo_stack.undo()
    assert (session.state.morph.position, session.state.seed) == (0.0, seed_of(0))
    session.undo_stack.redo()
    assert (session.state.morph.position, session.state.seed) == (0.5, seed_of(20))


@pytest.mark.parametrize("spherical", [False, True])
def test_at_its_ends_a_morph_is_exactly_the_slot(session, spherical):
    a, b = (Seed(np.random.default_rng(i).uniform(-128, 127, 64)) for i in range(2))
    session.fill(0, Clip("a", loop_of(a)))
    session.fill(1, Clip("b", loop_of(b)))
    session.set_morph(spherical=spherical)
    for position, seed in ((1, b), (0, a)):
        session.move_morph(position)
        assert session.state.seed == seed


def test_a_new_session_can_be_undone(session, tmp_path):
    with_clips(session, 1)
    session.set_bpm(141)
    session.mark_saved(session.state, tmp_path / "a.technogan")
    before = session.state
    session.open(session.make_new(), None, saved=False, undo_text="New session")
    assert session.state.slots[0].clip is None
    assert session.state.bpm == 141
    session.zero()
    for _ in range(2):
        session.undo_stack.undo()
    assert (session.state, session.path) == (before, tmp_path / "a.technogan")
    assert session.is_saved
    session.undo_stack.redo()
    assert session.path is None
    assert session.state.slots[0].clip is None


# --- slots that wait for a loop


def clip(value):
    return Clip(f"clip {value}", loop_of(seed_of(value)))


def test_every_loop_gets_a_slot_of_its_own(session):
    with_clips(session, 1)
    awaited = []
    session.awaited_changed.connect(lambda index, awaits: awaited.append((index, awaits)))
    reserved = [session.reserve(None, f"clip {i}") for i in range(3)]
    assert [each.index for each in reserved] == [1, 2, 3]
    assert [session.land(each, clip(each.index)) for each in reversed(reserved)] == ["", "", ""]
    assert [slot.clip.name for slot in session.state.slots[1:4]] == ["clip 1", "clip 2", "clip 3"]
    assert awaited == [(1, True), (2, True), (3, True), (3, False), (2, False), (1, False)]


def test_a_second_loop_for_the_same_slot_is_refused(session):
    session.release(session.reserve(2, "first"))
    session.reserve(2, "fade")
    with pytest.raises(SettingError, match=r"slot 3.*waits for fade"):
        session.reserve(2, "walk")


def test_without_an_empty_slot_nothing_is_reserved(session):
    for _ in range(8):
        session.reserve(None, "a loop")
    with pytest.raises(SettingError, match="all slots are full"):
        session.reserve(None, "one more")


def test_a_loop_that_comes_late_does_not_replace_what_was_kept_meanwhile(session):
    reserved = session.reserve(0, "fade")
    session.fill(0, clip(1))
    assert session.land(reserved, clip(2)) == "clip 2 is in slot 2, because slot 1 was filled meanwhile"
    assert [slot.clip.name for slot in session.state.slots[:2]] == ["clip 1", "clip 2"]


def test_in_a_full_session_a_late_loop_replaces_its_slot_and_undo_brings_that_back(session):
    reserved = session.reserve(0, "fade")
    with_clips(session, *range(8))
    assert "undo brings that back" in session.land(reserved, clip(9))
    session.undo_stack.undo()
    assert session.state.slots[0].clip.name == "clip 0"


def test_a_chosen_slot_is_replaced(session):
    with_clips(session, 1)
    assert session.land(session.reserve(0, "fade"), clip(2)) == ""
    assert session.state.slots[0].clip.name == "clip 2"


def test_a_loop_of_another_session_is_not_loaded(session):
    reserved = session.reserve(0, "fade")
    session.open(SessionState(), None)
    assert "another session" in session.land(reserved, clip(1))
    assert session.state == SessionState()
    session.reserve(0, "fade")


def test_slots_after_a_slot_come_first(session):
    with_clips(session, 1)
    assert session.first_empty(after=6) == 7
    assert session.first_empty(after=7) == 1
