import numpy as np
import pytest

from technogan.errors import SpecMismatch
from technogan.transforms.stft import Stft
from tests.signals import beat_loop
from tests.technogan import reference

SIZES = [(128, 512, 128), (512, 512, 128), (130, 512, 128), (64, 256, 64), (40, 64, 8), (8, 512, 128)]


@pytest.mark.parametrize(("n_frames", "n_fft", "hop_length"), SIZES)
def test_forward_agrees_with_the_definition(rng, n_frames, n_fft, hop_length):
    samples = rng.standard_normal(n_frames * hop_length).astype(np.float32)
    got = Stft(n_frames, n_fft=n_fft, hop_length=hop_length).forward(samples)
    wanted = reference.stft(samples, n_fft, hop_length)
    assert got.shape == (n_frames, n_fft // 2 + 1)
    assert got.dtype == np.complex64
    assert np.abs(got - wanted).max() < 2e-6 * np.abs(wanted).max()


@pytest.mark.parametrize(("n_frames", "n_fft", "hop_length"), SIZES)
def test_the_round_trip_is_exact(rng, n_frames, n_fft, hop_length):
    transform = Stft(n_frames, n_fft=n_fft, hop_length=hop_length)
    samples = rng.standard_normal(n_frames * hop_length).astype(np.float32)
    back = transform.inverse(transform.forward(samples))
    assert back.shape == samples.shape
    assert np.linalg.norm(back - samples) < 1e-6 * np.linalg.norm(samples)


def test_the_inverse_of_coefficients_of_no_signal_is_least_squares(rng):
    coefficients = (rng.standard_normal((32, 65)) + 1j * rng.standard_normal((32, 65))).astype(np.complex64)
    got = Stft(32, n_fft=128, hop_length=32).inverse(coefficients)
    assert np.abs(got - reference.inverse_stft(coefficients, 128, 32)).max() < 1e-5


def test_rotating_samples_by_hops_rotates_frames():
    transform = Stft(128)
    loop = beat_loop()
    turned = transform.forward(np.roll(loop, 5 * 128))
    assert np.abs(turned - np.roll(transform.forward(loop), 5, axis=0)).max() < 1e-4


def test_rewriting_without_a_change_returns_the_samples():
    loop = beat_loop()
    assert np.abs(Stft(128).rewrite(loop, lambda part, x: None) - loop).max() < 1e-6


def test_rewriting_changes_every_coefficient_exactly_once():
    seen = np.zeros((130, 257), int)

    def mute(part, x):
        seen[part] += 1
        x[:] = 0

    assert not Stft(130).rewrite(np.ones(130 * 128, np.float32), mute).any()
    assert (seen == 1).all()


def test_phase_steps_follow_a_steady_tone():
    # At bin 20.25, so that time steps are not a multiple of a quarter turn.
    n = np.arange(128 * 128)
    tone = np.cos(2 * np.pi * 20.25 / 512 * n).astype(np.float32)
    transform = Stft(128)
    coefficients = transform.forward(tone)
    time_steps, _ = transform.phase_steps(np.abs(coefficients))
    # Near the peak of the tone, and away from the seam, where the tone jumps.
    peak = coefficients[8:-8, 19:23]
    error = time_steps[8:-9, 19:23] - np.angle(peak[1:] / peak[:-1]) / (2 * np.pi)
    assert np.abs(error - np.rint(error))[:, 1:3].max() < 0.03


def test_phase_steps_follow_an_impulse():
    impulse = np.zeros(128 * 128, np.float32)
    impulse[64 * 128 + 30] = 1
    transform = Stft(128)
    coefficients = transform.forward(impulse)
    _, frequency_steps = transform.phase_steps(np.abs(coefficients))
    for frame, tolerance in ((64, 0.01), (65, 0.1)):
        row = coefficients[frame]
        error = frequency_steps[frame, 4:-4] - np.angle(row[5:-3] / row[4:-4]) / (2 * np.pi)
        assert np.abs(error - np.rint(error)).max() < tolerance


def test_phase_steps_of_silence_are_finite():
    steps = Stft(128).phase_steps(np.zeros((128, 257), np.float32))
    assert all(np.isfinite(step).all() for step in steps)


def test_rows_omit_the_nyquist_bin(rng):
    transform = Stft(128)
    magnitude = rng.random((128, 257)).astype(np.float32)
    back = transform.from_rows(transform.to_rows(magnitude))
    assert (back[:, :-1] == magnitude[:, :-1]).all()
    assert not back[:, -1].any()


@pytest.mark.parametrize("shape", [(16383,), (16385,), (2, 16384), (0,)])
def test_other_lengths_are_refused(shape):
    with pytest.raises(SpecMismatch, match="16384"):
        Stft(128).forward(np.zeros(shape, np.float32))


def test_other_spectrograms_are_refused():
    with pytest.raises(SpecMismatch, match="257"):
        Stft(128).inverse(np.zeros((128, 256), np.complex64))
