import numpy as np
import pytest

from technogan.errors import Cancelled, SettingError, SpecMismatch
from technogan.phase.reconstruction import METHODS, Method, method_named, reconstruct, spectral_convergence
from technogan.transforms.stft import Stft
from tests.signals import beat_loop
from tests.technogan import reference


@pytest.fixture(scope="module")
def transform():
    return Stft(128)


@pytest.fixture(scope="module")
def magnitude(transform):
    return np.abs(transform.forward(beat_loop()))


def test_settling_is_fast_griffin_lim(transform, magnitude):
    first = np.random.default_rng(3).random(magnitude.shape, dtype=np.float32)
    coefficients = magnitude * np.exp(2j * np.pi * first)
    # The reference begins from a consistent picture, as the product does after its inverse.
    begun = reference.stft(reference.inverse_stft(coefficients, 512, 128), 512, 128)
    wanted = reference.griffin_lim(magnitude, begun, 5, 512, 128)
    method = Method(from_gradients=False, bass=0, reflections=0, settling=5)
    got = reconstruct(magnitude, transform, method=method, rng=np.random.default_rng(3))
    assert np.linalg.norm(got - wanted) < 1e-3 * np.linalg.norm(wanted)


@pytest.mark.parametrize("count", [1, 2, 6])
def test_reflections_are_those_of_the_paper(transform, magnitude, count):
    first = np.random.default_rng(4).random(magnitude.shape, dtype=np.float32)
    wanted = reference.reflections(magnitude, magnitude * np.exp(2j * np.pi * first), count, 512, 128)
    method = Method(from_gradients=False, bass=0, reflections=count, settling=0)
    got = reconstruct(magnitude, transform, method=method, rng=np.random.default_rng(4))
    assert np.linalg.norm(got - wanted) < 1e-3 * np.linalg.norm(wanted)


def test_fast_beats_the_prototype_by_far(transform, magnitude):
    prototype = reconstruct(magnitude, transform, method=METHODS["griffin-lim"], rng=np.random.default_rng(0))
    fast = reconstruct(magnitude, transform, method=METHODS["fast"])
    best = reconstruct(magnitude, transform, method=METHODS["best"])
    figures = [spectral_convergence(samples, magnitude, transform) for samples in (prototype, fast, best)]
    assert figures[1] < figures[0] - 4
    assert figures[2] < figures[1] - 0.5


def test_turning_the_spectrogram_turns_the_loop(transform, magnitude):
    straight = reconstruct(magnitude, transform)
    turned = reconstruct(np.roll(magnitude, 41, axis=0), transform)
    error = turned - np.roll(straight, 41 * 128)
    # Only rounding differs; the iterations let it grow a little.
    assert np.linalg.norm(error) < 1e-3 * np.linalg.norm(straight)


def test_turning_a_picture_of_few_levels_turns_the_loop(transform, magnitude):
    # 8 bits, with several bins at white: many bins are equal, several of them the highest.
    grey = np.rint(255 * np.minimum(magnitude / (0.8 * magnitude.max()), 1) ** (1 / 3))
    picture = (160 * (grey / 255) ** 3).astype(np.float32)
    assert (grey == 255).sum() > 2
    straight = reconstruct(picture, transform)
    turned = reconstruct(np.roll(picture, 41, axis=0), transform)
    assert np.linalg.norm(turned - np.roll(straight, 41 * 128)) < 1e-3 * np.linalg.norm(straight)


def test_the_same_twice(transform, magnitude):
    assert (reconstruct(magnitude, transform) == reconstruct(magnitude, transform)).all()


def test_a_previous_loop_keeps_the_timbre(transform):
    loop = beat_loop()
    first = reconstruct(np.abs(transform.forward(loop)), transform)
    moved = np.abs(transform.forward(loop))
    moved[:, 40:80] *= 0.7
    cold = reconstruct(moved, transform)
    warm = reconstruct(moved, transform, previous=first)
    assert np.corrcoef(first, warm)[0, 1] > 0.99
    assert spectral_convergence(warm, moved, transform) < spectral_convergence(cold, moved, transform)


def test_a_long_sequence_is_integrated_in_pieces():
    loops = np.concatenate([beat_loop(seed=seed) for seed in range(20)])
    long = Stft(20 * 128)
    wanted = np.abs(long.forward(loops))
    polls = iter(range(99))
    samples = reconstruct(wanted, long, stop=lambda: next(polls) < 0)
    assert spectral_convergence(samples, wanted, long) < -20
    assert next(polls) > 2 + METHODS["fast"].settling  # it could have been stopped between the pieces


def test_silence_stays_silent(transform):
    samples = reconstruct(np.zeros((128, 257), np.float32), transform)
    assert not samples.any()


def test_progress_runs_from_above_zero_to_one(transform, magnitude):
    seen: list[float] = []
    reconstruct(magnitude, transform, progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 1
    assert len(seen) == 1 + METHODS["fast"].reflections + METHODS["fast"].settling


def test_stopping_is_obeyed_at_once(transform, magnitude):
    polls = iter([False, False, True])
    with pytest.raises(Cancelled):
        reconstruct(magnitude, transform, stop=lambda: next(polls))


def test_another_shape_is_refused(transform):
    with pytest.raises(SpecMismatch, match="257"):
        reconstruct(np.zeros((128, 256), np.float32), transform)


def test_unknown_method_is_named():
    with pytest.raises(SettingError, match=r"'slow'.*fast, best, griffin-lim"):
        method_named("slow")


def test_convergence_of_the_true_samples_is_low(transform):
    loop = beat_loop()
    magnitude = np.abs(transform.forward(loop))
    assert spectral_convergence(loop, magnitude, transform) < -110
    assert abs(spectral_convergence(np.zeros_like(loop), magnitude, transform)) < 1e-6
