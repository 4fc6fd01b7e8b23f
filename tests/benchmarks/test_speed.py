"""Benchmarks of the stages with pytest-benchmark, run by `make stage`: times are compared, not asserted."""

import numpy as np
import pytest

from technogan.engine import Engine
from technogan.phase.integration import integrate
from technogan.phase.reconstruction import METHODS, reconstruct
from technogan.seeds.paths import fade
from technogan.seeds.seed import Seed, latents
from technogan.sound.level import level
from technogan.transforms import transform_of

A = Seed.from_integer(1)
B = Seed.from_integer(2)


@pytest.fixture(scope="module", params=["beat", "bar"])
def engine(request):
    return Engine(request.param)


@pytest.fixture(scope="module")
def magnitude(engine):
    return transform_of(engine.spec.format).from_rows(engine.render(A).magnitude)


def test_network(benchmark, engine):
    benchmark(engine._generator.generate, latents([A]))


def test_render(benchmark, engine):
    benchmark(engine.render, A)


def test_fade_of_16(benchmark, engine):
    benchmark.pedantic(engine.render_sequence, (fade(A, B, 16),), rounds=3, warmup_rounds=1)


@pytest.mark.parametrize("method", METHODS)
def test_reconstruction(benchmark, engine, magnitude, method):
    transform = transform_of(engine.spec.format)
    benchmark(reconstruct, magnitude, transform, method=method, rng=np.random.default_rng(0))


def test_integration(benchmark, engine, magnitude):
    steps = transform_of(engine.spec.format).phase_steps(magnitude)
    benchmark(integrate, magnitude, *steps)


def test_levelling(benchmark, engine):
    loop = engine.render(A)
    benchmark(level, loop.samples * np.float32(2), loop.sample_rate)


def test_resampling(benchmark, engine):
    benchmark(engine.render(A).resampled, 44100)
