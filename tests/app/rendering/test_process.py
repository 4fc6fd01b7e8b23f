"""Loops rendered in another process, by a small network."""

import contextlib
import os
import signal
import sys
import threading

import numpy as np
import pytest

from app.rendering import process as module
from app.rendering.process import RenderProcess, RenderRequest
from app.rendering.remote_engine import RemoteEngine
from technogan.engine import Engine
from technogan.errors import BundleError, Cancelled, RendererLost, SeedError
from technogan.network.bundle import ModelBundle
from technogan.network.library import find_model
from technogan.network.writing import embed_spec
from technogan.seeds.seed import Seed
from tests.app.fakes import seed_of
from tests.networks import endless_network, tiny_spec

SEED = Seed.from_integer(5)
NEAR = Seed.of([*SEED.values[:-1], SEED.values[-1] + 10])


@pytest.fixture(scope="module")
def bundle():
    return find_model("beat")


@pytest.fixture(scope="module")
def process():
    made = RenderProcess()
    yield made
    made.close()


@pytest.fixture
def remote(process, bundle):
    return RemoteEngine(bundle, process)


@pytest.fixture(scope="module")
def local(bundle):
    return Engine(bundle)


def same(one, other):
    return np.allclose(one.samples, other.samples, atol=1e-5) and one.origin == other.origin


def test_it_renders_what_a_local_engine_renders(remote, local):
    assert same(remote.render(SEED, bpm=131.0), local.render(SEED, bpm=131.0))
    assert remote.spec == local.spec


def test_a_prepared_loop_continues_the_previous_one(remote, local):
    first = remote.render_prepared(SEED, bpm=128.0, rate=44100)
    second = remote.render_prepared(NEAR, bpm=128.0, rate=44100, previous=first.source)
    assert (first.beats, first.beat_frames) == (1, 20672)
    assert same(second.source, local.render(NEAR, bpm=128.0, previous=first.source))
    assert not same(second.source, local.render(NEAR, bpm=128.0))


def test_it_continues_a_loop_that_it_did_not_render(remote, local):
    other = local.render(NEAR)
    assert same(remote.render(SEED, previous=other), local.render(SEED, previous=other))


def test_a_sequence_reports_its_progress(remote, local):
    reported: list[float] = []
    seeds = [seed_of(value) for value in (1, 2, 3)]
    assert same(
        remote.render_sequence(seeds, progress=lambda done, total=1.0, /: reported.append(done / total)),
        local.render_sequence(seeds),
    )
    assert reported == sorted(reported)
    assert reported[-1] == 1


def test_after_a_stop_the_next_request_is_answered(remote):
    with pytest.raises(Cancelled):
        remote.render_sequence([SEED] * 64, stop=lambda: True)
    assert remote.render(SEED).beats == 1


@pytest.mark.parametrize(
    ("error", "call"),
    [
        (SeedError, lambda remote, _: remote.render(seed_of(1, 8))),
        (BundleError, lambda _, process: process.request(RenderRequest(broken(find_model("beat"))))),
    ],
)
def test_its_errors_are_raised_here(remote, process, error, call):
    with pytest.raises(error):
        call(remote, process)
    assert remote.render(SEED).beats == 1


def broken(bundle):
    return ModelBundle(bundle.path.with_name("gone.onnx"), bundle.spec, bundle.checksum)


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_after_a_crash_it_is_restarted(process, remote):
    remote.render(SEED)
    os.kill(process.child.process_id, signal.SIGSTOP)
    call = process.child.call(RenderRequest(find_model("beat"), (SEED,)))
    os.kill(process.child.process_id, signal.SIGKILL)
    call.future.exception(20)
    assert remote.render(SEED).beats == 1


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_crash_fails_the_request_in_progress(process, remote):
    remote.render(SEED)
    killing: list[int] = []

    def kill(_done, _total=1.0, /):
        if not killing:
            killing.append(process.child.process_id)
            os.kill(killing[0], signal.SIGKILL)

    with pytest.raises(RendererLost) as raised:
        remote.render_sequence([SEED] * 64, progress=kill)
    assert raised.value.exit_code == -signal.SIGKILL
    assert not raised.value.hung
    assert remote.render(SEED).beats == 1


def test_closing_ends_a_running_request(bundle):
    process = RenderProcess()
    remote = RemoteEngine(bundle, process)
    failed: list[BaseException] = []
    rendering = threading.Event()

    def work():
        try:
            remote.render_sequence([SEED] * 64, progress=lambda _done, _total=1.0, /: rendering.set())
        except RendererLost as error:
            failed.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    assert rendering.wait(20)
    process.close()
    thread.join(20)
    assert failed
    assert process.child.process_id is None
    with pytest.raises(RendererLost):
        remote.render(SEED)


def test_a_model_that_never_finishes_is_ended_and_another_one_renders(tmp_path, monkeypatch, bundle, local):
    monkeypatch.setattr(module, "_DEADLINE_S", 1.0)
    endless = tmp_path / "endless.onnx"
    endless.write_bytes(embed_spec(endless_network(), tiny_spec("endless"), endless))
    with contextlib.closing(RenderProcess()) as process:
        hanging = RemoteEngine(ModelBundle.open(endless), process)
        with pytest.raises(RendererLost, match="did not respond") as raised:
            hanging.render(Seed.from_integer(5, 8))
        assert raised.value.hung
        assert same(RemoteEngine(bundle, process).render(SEED), local.render(SEED))
