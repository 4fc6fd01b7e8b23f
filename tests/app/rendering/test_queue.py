"""The queue of loops to render."""

import threading

import pytest

from app.rendering import queue as queue_module
from app.rendering.queue import RenderQueue
from technogan.errors import BundleError, ModelNotFound, RendererLost
from tests.app.fakes import FakeEngine, seed_of


@pytest.fixture
def queue_of(qtbot):
    """Make queues with open engines, and close them."""
    made = []

    def make(engine):
        queue = RenderQueue(lambda _name: engine)
        made.append((queue, engine))
        with qtbot.waitSignal(queue.opened):
            queue.open("beat")
        return queue

    yield make
    for queue, engine in made:
        if engine.gate is not None:
            engine.gate.set()
        assert queue.close()


def collect(signal):
    found: list = []
    signal.connect(found.append)
    return found


def test_the_newest_seed_wins(queue_of, qtbot):
    gate = threading.Event()
    engine = FakeEngine(gate=gate)
    queue = queue_of(engine)
    rendered = collect(queue.rendered)
    for value in (1, 2, 3, 4):
        queue.request(seed_of(value), 128.0, 44100)
    qtbot.waitUntil(lambda: len(engine.calls) == 1)
    gate.set()
    qtbot.waitUntil(lambda: not queue.busy)
    assert [prepared.source.origin.seeds[0] for prepared in rendered] == engine.calls
    assert engine.calls[-1] == seed_of(4)
    assert len(engine.calls) <= 2


def test_each_loop_continues_the_previous_one(queue_of, qtbot):
    engine = FakeEngine()
    queue = queue_of(engine)
    rendered = collect(queue.rendered)
    for value in (1, 2, 3):
        queue.request(seed_of(value), 128.0, 44100)
        qtbot.waitUntil(lambda value=value: len(rendered) == value)
    assert engine.previous == [None, rendered[0].source, rendered[1].source]


def test_another_model_continues_no_loop(qtbot):
    engines = {"a": FakeEngine(), "b": FakeEngine()}
    queue = RenderQueue(lambda name: engines[name])
    for name in engines:
        with qtbot.waitSignal(queue.opened):
            queue.open(name)
        with qtbot.waitSignal(queue.rendered):
            queue.request(seed_of(1), 128.0, 44100)
    assert engines["b"].previous == [None]
    assert queue.close()


@pytest.mark.parametrize("error", [BundleError, ValueError])
def test_after_a_failure_it_continues(queue_of, qtbot, error, tmp_path, caplog):
    failure = ValueError("a bug") if error is ValueError else BundleError(tmp_path / "a.onnx", "damaged")
    engine = FakeEngine(error=failure)
    queue = queue_of(engine)
    with qtbot.waitSignal(queue.failed) as blocker:
        queue.request(seed_of(1), 128.0, 44100)
    assert blocker.args == [failure]
    qtbot.waitUntil(lambda: not queue.busy)
    assert ("a bug" in caplog.text) == (error is ValueError)
    engine.error = None
    with qtbot.waitSignal(queue.rendered):
        queue.request(seed_of(2), 128.0, 44100)


def test_a_model_that_cannot_be_opened_leaves_the_previous_one(qtbot):
    def open_engine(name):
        if name == "gone":
            raise ModelNotFound(name, ["beat"])
        return FakeEngine()

    queue = RenderQueue(open_engine)
    with qtbot.waitSignal(queue.opened):
        queue.open("beat")
    with qtbot.waitSignal(queue.failed) as blocker:
        queue.open("gone")
    assert isinstance(blocker.args[0], ModelNotFound)
    with qtbot.waitSignal(queue.rendered):
        queue.request(seed_of(1), 128.0, 44100)
    assert queue.close()


def test_a_seed_of_another_model_is_skipped(queue_of, qtbot):
    engine = FakeEngine()
    queue = queue_of(engine)
    queue.request(seed_of(1, 8), 128.0, 44100)
    qtbot.waitUntil(lambda: not queue.busy)
    assert engine.calls == []


def test_closing_waits_for_the_running_render(qtbot):
    gate = threading.Event()
    engine = FakeEngine(gate=gate)
    queue = RenderQueue(lambda _: engine)
    with qtbot.waitSignal(queue.opened):
        queue.open("beat")
    qtbot.waitUntil(lambda: not queue.busy)
    queue.request(seed_of(1), 128.0, 44100)
    queue.request(seed_of(2), 128.0, 44100)
    qtbot.waitUntil(lambda: len(engine.calls) == 1)
    threading.Timer(0.2, gate.set).start()
    assert queue.close()
    assert engine.calls == [seed_of(1)]


class LostEngine(FakeEngine):
    """Loses its renderer with these errors, one for each of the first calls."""

    def __init__(self, *errors):
        super().__init__()
        self.errors = list(errors)

    def render(self, seed, **options):
        loop = super().render(seed, **options)
        if self.errors:
            raise self.errors.pop(0)
        return loop


KILLED = RendererLost(-9)
HUNG = RendererLost(-9, hung=True)


@pytest.mark.parametrize(("errors", "n_rendered"), [([KILLED], 1), ([KILLED, KILLED], 0), ([HUNG], 0)])
def test_a_loop_is_rendered_again_if_its_renderer_was_killed(queue_of, qtbot, errors, n_rendered):
    queue = queue_of(LostEngine(*errors))
    rendered, failed = collect(queue.rendered), collect(queue.failed)
    queue.request(seed_of(1), 128.0, 44100)
    qtbot.waitUntil(lambda: len(rendered) + len(failed) == 1)
    assert len(rendered) == n_rendered
    assert failed == ([] if n_rendered else errors[-1:])


def test_another_model_interrupts_a_render_that_takes_long(qtbot, monkeypatch):
    monkeypatch.setattr(queue_module, "_LONG_S", 0.0)
    ended = threading.Event()

    class HangingEngine(FakeEngine):
        def render(self, seed, **options):
            super().render(seed, **options)
            assert ended.wait(20)
            raise KILLED

    engines = {"hanging": HangingEngine(), "beat": FakeEngine()}
    queue = RenderQueue(engines.__getitem__, interrupt=ended.set)
    failed = collect(queue.failed)
    with qtbot.waitSignal(queue.opened):
        queue.open("hanging")
    queue.request(seed_of(1), 128.0, 44100)
    qtbot.waitUntil(lambda: bool(engines["hanging"].calls))
    with qtbot.waitSignal(queue.opened) as opened:
        queue.open("beat")
    assert opened.args[0] == "beat"
    with qtbot.waitSignal(queue.rendered):
        queue.request(seed_of(2), 128.0, 44100)
    assert not failed
    assert len(engines["hanging"].calls) == 1
    assert queue.close()
