"""The limiter at the end of the mix."""

import numpy as np
import pytest

from app.audio.limiter import CEILING_DB, Limiter
from technogan.sound.level import true_peak

RATE = 44100


def limit(signal, block=384, rate=RATE):
    """Return the signal after a new limiter, without its delay; and the peaks and reductions of all blocks."""
    limiter = Limiter(rate)
    padded = np.concatenate([signal, np.zeros(limiter.delay)]).astype(np.float32)
    done = [limiter.process(padded[i : i + block]) for i in range(0, len(padded), block)]
    return np.concatenate([d[0] for d in done])[limiter.delay :], [d[1] for d in done], [d[2] for d in done]


@pytest.mark.parametrize("block", [1, 5, 64, 384, 4096])
def test_sound_below_the_ceiling_passes_bit_for_bit(block, rng):
    signal = rng.uniform(-0.3, 0.3, 5000).astype(np.float32)
    out, _, reductions = limit(signal, block)
    assert np.array_equal(out, signal)
    assert max(reductions) == 0


@pytest.mark.parametrize("rate", [8000, 44100, 192000])
@pytest.mark.parametrize("kind", ["noise", "click", "square", "sine between samples"])
def test_true_peaks_stay_below_the_ceiling(kind, rate, rng):
    t = np.arange(20000)
    signal = {
        "noise": rng.normal(0, 2, len(t)),
        "click": np.where(t == 5000, 10.0, 0.0),
        "square": 3 * np.sign(np.sin(t / 40)),
        "sine between samples": 1.5 * np.sin(np.pi / 2 * t + np.pi / 4),
    }[kind]
    out, peaks, _ = limit(signal, rate=rate)
    assert np.abs(out).max() <= 10 ** (CEILING_DB / 20) * (1 + 1e-6)
    assert true_peak(out) < CEILING_DB + 0.2
    assert 20 * np.log10(max(peaks)) < CEILING_DB + 0.01


@pytest.mark.parametrize("block", [37, 100, 1000])
def test_the_block_length_makes_no_difference(block, rng):
    signal = rng.normal(0, 1, 6000)
    assert np.allclose(limit(signal, block)[0], limit(signal, 384)[0], atol=1e-5)


def test_the_gain_never_jumps(rng):
    # A loud moment in a constant signal shows the gain itself.
    signal = np.full(20000, 0.5)
    signal[9000:9010] = 4
    gain = limit(signal)[0] / signal
    assert gain.min() < 0.24
    assert np.abs(np.diff(gain)).max() < 0.04


def test_after_a_peak_it_releases_completely(rng):
    signal = rng.uniform(-0.3, 0.3, 2 * RATE).astype(np.float32)
    signal[100] = 3
    out, _, _ = limit(signal)
    assert not np.array_equal(out[:RATE], signal[:RATE])
    assert np.array_equal(out[3 * RATE // 2 :], signal[3 * RATE // 2 :])


def test_it_reduces_before_a_peak():
    signal = np.full(5000, 0.5)
    signal[3000] = 2
    out, _, _ = limit(signal)
    early = round(0.0015 * RATE) + 6
    assert np.array_equal(out[: 3000 - early], signal[: 3000 - early].astype(np.float32))
    assert out[2999] < 0.25


def test_a_peak_between_samples_is_measured():
    sine = 0.9 * np.sin(np.pi / 2 * np.arange(4000) + np.pi / 4)
    _, peaks, _ = limit(sine)
    assert peaks[5] == pytest.approx(0.9, abs=0.01)
    assert np.abs(sine).max() < 0.64
