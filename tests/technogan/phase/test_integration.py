import numpy as np
import pytest

from technogan.phase.integration import integrate
from technogan.phase.reconstruction import spectral_convergence
from technogan.transforms.stft import Stft
from tests.signals import beat_loop
from tests.technogan import reference


def _samples(magnitude, turns, transform):
    return transform.inverse((magnitude * np.exp(2j * np.pi * turns)).astype(np.complex64))


def test_consistent_steps_are_integrated_exactly(rng):
    # The steps of an existing phase (without winding around the circle) must give this phase, up to a constant for
    # each tree.
    truth = rng.uniform(-3, 3, (32, 20)).astype(np.float32)
    time_steps = np.roll(truth, -1, axis=0) - truth
    frequency_steps = np.zeros_like(truth)
    frequency_steps[:, :-1] = np.diff(truth, axis=1)
    magnitude = rng.uniform(0.9, 1.0, (32, 20)).astype(np.float32)  # no weak pass, so there is one tree
    offset = integrate(magnitude, time_steps, frequency_steps) - truth
    assert np.ptp(offset) < 1e-4


def test_the_highest_peak_has_phase_zero():
    magnitude = np.full((16, 9), 0.5, np.float32)
    magnitude[11, 6] = 1.0
    steps = np.full((16, 9), 0.25, np.float32)
    phase = integrate(magnitude, steps, steps)
    assert phase[11, 6] == 0
    assert phase[12, 6] == 0.25
    assert phase[11, 5] == -0.25


def test_islands_in_silence_are_not_connected():
    # Across silence, these steps would add up to a difference between the two.
    magnitude = np.zeros((16, 9), np.float32)
    magnitude[3, 2], magnitude[11, 6] = 1.0, 0.5
    steps = np.full((16, 9), 0.03, np.float32)
    phase = integrate(magnitude, steps, steps)
    assert phase[3, 2] == 0
    assert phase[11, 6] == 0


def test_rotating_the_loop_rotates_the_phase():
    transform = Stft(128)
    magnitude = np.abs(transform.forward(beat_loop()))
    steps = transform.phase_steps(magnitude)
    turned = integrate(*(np.roll(a, 37, axis=0) for a in (magnitude, *steps)))
    error = turned - np.roll(integrate(magnitude, *steps), 37, axis=0)
    assert np.abs(error - np.rint(error)).max() < 1e-3


@pytest.mark.parametrize("seed", range(4))
def test_integration_is_as_good_as_the_heap(seed):
    transform = Stft(128)
    magnitude = np.abs(transform.forward(beat_loop(seed=seed)))
    steps = transform.phase_steps(magnitude)
    ours = spectral_convergence(_samples(magnitude, integrate(magnitude, *steps), transform), magnitude, transform)
    heap = spectral_convergence(
        _samples(magnitude, reference.heap_integration(magnitude, *steps), transform), magnitude, transform
    )
    assert ours < heap + 1.0


@pytest.mark.parametrize(
    "magnitude",
    [np.zeros((16, 9)), np.ones((16, 9)), np.eye(16, 9), np.round(np.random.default_rng(1).random((64, 33)) * 3)],
    ids=["silence", "all equal", "one diagonal", "few levels"],
)
def test_equal_levels_give_finite_phases(magnitude):
    magnitude = magnitude.astype(np.float32)
    steps = np.full(magnitude.shape, 0.3, np.float32)
    assert np.isfinite(integrate(magnitude, steps, steps)).all()
