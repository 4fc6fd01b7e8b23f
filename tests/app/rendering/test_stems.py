"""Loops with stems, rendered in another process."""

import numpy as np
import pytest

from app.audio.preparation import prepare
from app.processes.shared_arrays import SharedArrays
from app.rendering.process import RenderProcess
from app.rendering.remote_engine import RemoteEngine
from technogan.engine import Engine
from technogan.network.writing import write_bundle
from technogan.seeds.seed import Seed
from tests.app.fakes import loop_of, seed_of, with_stems
from tests.networks import STEMS, stems_network, tiny_spec

SEED = Seed.from_integer(5, 8)
NEAR = Seed.of([*SEED.values[:-1], SEED.values[-1] + 10])


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    path = tmp_path_factory.mktemp("models") / "stems.onnx"
    return write_bundle(stems_network(), tiny_spec(stems=STEMS), path)


@pytest.fixture(scope="module")
def local(bundle):
    return Engine(bundle)


@pytest.fixture(scope="module")
def remote(bundle):
    process = RenderProcess()
    yield RemoteEngine(bundle, process)
    process.close()


@pytest.fixture
def memory():
    made = SharedArrays.create()
    yield made
    made.free()


def assert_same(one, other):
    assert list(one.stems) == list(other.stems)
    for name, stem in one.stems.items():
        np.testing.assert_allclose(stem, other.stems[name], atol=1e-5)
    np.testing.assert_allclose(one.samples, other.samples, atol=1e-5)


def test_stems_arrive_with_their_loop(remote, local):
    assert_same(remote.render(SEED), local.render(SEED))
    seeds = [SEED, NEAR]
    assert_same(remote.render_sequence(seeds), local.render_sequence(seeds))


def test_a_prepared_loop_continues_the_stems_of_the_previous_one(remote, local):
    first = remote.render_prepared(SEED, bpm=128.0, rate=44100)
    second = remote.render_prepared(NEAR, bpm=128.0, rate=44100, previous=first.source)
    expected = local.render(NEAR, bpm=128.0, previous=first.source)
    assert_same(second.source, expected)
    assert_same(second, prepare(expected, bpm=128.0, sample_rate=44100))


def test_stems_of_a_loop_that_it_did_not_render_are_continued(remote, local):
    other = local.render(NEAR)
    assert_same(remote.render(SEED, previous=other), local.render(SEED, previous=other))


@pytest.mark.parametrize(("beats", "shared"), [(4, True), (32, False)])
def test_a_bar_fits_into_the_shared_memory_and_longer_loops_arrive_too(memory, beats, shared):
    loop = with_stems(loop_of(seed_of(1), beats=beats))
    made = prepare(loop, bpm=128.0, sample_rate=96000)
    message = memory.pack(made)
    assert bool(message.sizes) == shared
    assert_same(memory.unpack(message), made)
