import numpy as np
import pytest

from technogan.sound.resampling import resample
from technogan.transforms.fourier import mean_rfft

# Products of small primes; odd and even lengths with a large prime factor.
EASY = (16384, 65536, 20672)
AWKWARD = (211, 1003, 4 * 4099, 20671, 2 * 10177, 85477)


def fourier_resample(samples, n_samples):
    """Resample in double precision, by definition."""
    n = len(samples)
    shorter = min(n, n_samples)
    series = np.zeros(n_samples // 2 + 1, complex)
    series[: shorter // 2 + 1] = np.fft.rfft(samples.astype(float))[: shorter // 2 + 1] / n
    if shorter % 2 == 0:
        series[shorter // 2] = series[shorter // 2] / 2 if n_samples > n else 2 * series[shorter // 2].real
    return np.fft.irfft(series, n_samples) * n_samples


@pytest.mark.parametrize("n_samples", [4096, 16384, 20671, 65535])
@pytest.mark.parametrize("n", [*EASY, *AWKWARD])
def test_resampling_agrees_with_the_fourier_series(rng, n, n_samples):
    samples = rng.standard_normal(n).astype(np.float32)
    got = resample(samples, n_samples)
    assert got.shape == (n_samples,)
    assert got.dtype == np.float32
    assert np.abs(got - (samples if n == n_samples else fourier_resample(samples, n_samples))).max() < 1e-5


@pytest.mark.parametrize("n_samples", [82688, 82687, 65538, 65537, 65535, 30000, 29999, 131072])
def test_resampling_evaluates_the_loop_between_its_samples(n_samples):
    # A few harmonics below both Nyquist frequencies, known at every point of the circle.
    def curve(n):
        x = 2 * np.pi * np.arange(n) / n
        return 0.3 + np.cos(3 * x) + 0.5 * np.sin(1000 * x) - 0.25 * np.cos(9000 * x)

    got = resample(curve(65536).astype(np.float32), n_samples)
    assert np.abs(got - curve(n_samples)).max() < 5e-5


@pytest.mark.parametrize(("up", "down"), [(8, 12), (8, 13), (9, 12), (9, 14), (1009, 1500), (2018, 2500)])
def test_resampling_up_and_down_again_changes_nothing(rng, up, down):
    samples = rng.standard_normal(up).astype(np.float32)
    assert np.abs(resample(resample(samples, down), up) - samples).max() < 1e-5


@pytest.mark.parametrize("n", [4096, 4099])
def test_a_loop_of_the_right_length_is_returned_as_it_is(rng, n):
    samples = rng.standard_normal(n).astype(np.float32)
    assert resample(samples, n) is samples


def test_a_large_prime_factor_costs_no_transform_of_that_length(rng, monkeypatch):
    lengths = []

    def record(samples):
        lengths.append(len(samples))
        return mean_rfft(samples)

    monkeypatch.setattr("technogan.sound.resampling.mean_rfft", record)
    resample(rng.standard_normal(85477).astype(np.float32), 65536)
    assert lengths == [131072]
