"""What the project promises about its sound, over many seeds. Slow: part of `make stage`."""

import gc

import numpy as np
import psutil
import pytest

from technogan.commands.comparison import griffin_lim
from technogan.engine import Engine
from technogan.network.library import find_model
from technogan.phase.reconstruction import reconstruct, spectral_convergence
from technogan.seeds.seed import SLIDER_MAX, Seed
from technogan.transforms.stft import Stft
from tests.signals import BEAT, RATE
from training.corpus.bar import render as render_bar

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def bar():
    return Engine(find_model("bar"))


def test_steps_at_the_seam_are_as_small_as_others_over_200_seeds(bar):
    excess = 0
    for loop in bar.render_many([Seed.from_integer(n) for n in range(200)]):
        steps = np.abs(np.diff(loop.samples))
        excess += abs(loop.samples[0] - loop.samples[-1]) > np.quantile(steps, 0.999)
    print(f"seams above the 99.9th percentile of a loop's own steps: {excess} of 200")
    assert excess <= 4


def test_a_slider_changes_the_sound_but_not_the_level(bar):
    rng = np.random.default_rng(1)
    moves = []
    for number in range(150):
        seed = Seed.from_integer(number)
        slider = rng.integers(len(seed))
        by = 8 if seed.values[slider] + 8 <= SLIDER_MAX else -8
        moved = Seed(value + by * (i == slider) for i, value in enumerate(seed.values))
        moves.append(abs(bar.render(seed).levels.loudness - bar.render(moved).levels.loudness))
    print(
        f"loudness change for 8 slider steps: 95th percentile {np.quantile(moves, 0.95):.2f} dB, worst {max(moves):.2f}"
    )
    assert np.quantile(moves, 0.95) <= 1.0


def _clean_beat():
    t = np.arange(BEAT) / RATE
    kick = np.sin(2 * np.pi * (50 * t + 3 * (1 - np.exp(-t / 0.02)))) * np.exp(-t / 0.15)
    hat = np.random.default_rng(3).standard_normal(BEAT) * np.exp(-t / 0.02)
    return (0.9 * (kick + 0.3 * np.roll(hat, BEAT // 2)) / 1.3).astype(np.float32)


def _magnitudes(kind, bar):
    if kind == "model":
        seeds = [Seed.from_integer(n) for n in range(16)]
        return [Stft(512).from_rows(loop.magnitude) for loop in bar.render_many(seeds)]
    if kind == "corpus":
        return [np.abs(Stft(512).forward(render_bar(n))) for n in range(900, 916)]
    return [np.abs(Stft(128).forward(_clean_beat()))]


@pytest.mark.parametrize(("kind", "margin"), [("model", 0.8), ("corpus", 1.5), ("clean", 4.0)])
def test_reconstruction_is_closer_than_the_prototypes(kind, margin, bar):
    ours, theirs = [], []
    for magnitude in _magnitudes(kind, bar):
        transform = Stft(len(magnitude))
        padded = np.zeros(transform.n_samples, np.float32)
        samples = griffin_lim(magnitude.T.astype(np.float64))
        padded[: len(samples)] = samples
        theirs.append(spectral_convergence(padded, magnitude, transform))
        ours.append(spectral_convergence(reconstruct(magnitude, transform), magnitude, transform))
    print(f"{kind}: librosa {np.median(theirs):.2f} dB, ours {np.median(ours):.2f} dB")
    assert np.median(ours) <= np.median(theirs) - margin


def test_memory_does_not_grow_over_10_000_renders():
    engine = Engine(find_model("beat"))
    process = psutil.Process()
    sizes = []
    for number in range(10_000):
        engine.render(Seed.from_integer(number))
        if number % 1000 == 999:
            gc.collect()
            sizes.append(process.memory_info().rss / 1e6)
    print("resident MB after each thousand:", np.round(sizes, 1))
    assert sizes[-1] - sizes[0] < 5
