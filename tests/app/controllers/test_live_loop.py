"""The model of a session, and what is said about it."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from app.controllers.live_loop import LiveLoop
from app.rendering.queue import RenderQueue
from app.session.state import Clip, SessionState, Slot
from technogan.errors import ModelNotFound
from technogan.network.library import DEFAULT_MODEL
from tests.app.fakes import SPEC, FakeEngine, loop_of, seed_of

SPECS = {
    DEFAULT_MODEL: replace(SPEC, name=DEFAULT_MODEL, version="2"),
    "beat": SPEC,
    "tiny": replace(SPEC, name="tiny", latent_size=8),
}


def open_engine(name):
    if name not in SPECS:
        raise ModelNotFound(name, SPECS)
    return FakeEngine(SPECS[name])


@pytest.fixture
def queue(qtbot):
    made = RenderQueue(open_engine)
    yield made
    made.close(20)


@pytest.fixture
def live_loop(session, queue, notifications):
    player = SimpleNamespace(status=SimpleNamespace(sample_rate=44100), add_prepared=lambda _prepared: None)
    made = LiveLoop(session, queue, player, notifications)
    made.begin()
    return made


@pytest.fixture
def settle(live_loop, queue, session, qtbot):
    """Wait until the live loop is that of the sliders."""

    def wait():
        qtbot.waitUntil(lambda: not queue.busy and session.loop is not None)
        qtbot.waitUntil(lambda: session.loop.origin.seeds[0] == session.state.seed)

    wait()
    return wait


SLOTS = (Slot(Clip("a", loop_of(seed_of(1)))), Slot())


def test_a_session_of_another_version_is_reported(session, settle, messages):
    session.open(SessionState(DEFAULT_MODEL, "1", slots=SLOTS), None)
    settle()
    assert len(messages) == 1
    assert f"made with version 1 of {DEFAULT_MODEL}; version 2 gives other loops" in messages[0]
    assert session.state.model_version == "2"


@pytest.mark.parametrize("version", ["", "2"])
def test_a_session_of_the_same_or_an_unknown_version_is_not(session, settle, messages, version):
    session.open(SessionState(DEFAULT_MODEL, version, slots=SLOTS), None)
    settle()
    assert messages == []
    assert session.state.model_version == "2"
    assert session.is_saved


def test_another_model_is_no_other_version(session, live_loop, settle, messages):
    live_loop.open_model("beat")
    settle()
    assert messages == []
    assert (session.state.model, session.state.model_version) == ("beat", "1")


@pytest.mark.parametrize("size", [8, 64])
def test_a_session_whose_model_is_not_installed_plays_with_another(session, settle, messages, size):
    """Whatever its number of sliders, it sounds, and a message says why it sounds differently."""
    seed = seed_of(3, size)
    session.open(SessionState("gone", seed=seed, reference=seed, slots=SLOTS), None)
    settle()
    assert any("No model named 'gone'" in text for text in messages)
    assert any(
        f"The model gone of this session cannot be opened; the sliders play {DEFAULT_MODEL}" in m for m in messages
    )
    assert session.state.model == DEFAULT_MODEL
    assert len(session.state.seed) == 64
    assert session.state.slots == SLOTS


def test_a_model_that_a_client_names_again_keeps_its_version(session, settle):
    session.set_model(DEFAULT_MODEL, 64)
    assert session.state.model_version == "2"
