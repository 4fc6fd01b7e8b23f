import numpy as np
import pyloudnorm
import pytest

from technogan.sound.level import (
    MAX_RAISE_DB,
    TARGET_LOUDNESS,
    TRUE_PEAK_CEILING,
    level,
    limit_peaks,
    look_ahead,
    loudness,
    true_peak,
)
from tests.signals import BEAT, RATE, beat_loop


def _sine(frequency, rate, n, amplitude=1.0):
    return (amplitude * np.sin(2 * np.pi * frequency * np.arange(n) / rate)).astype(np.float32)


def test_the_reference_tone_of_the_standard_has_its_loudness():
    # BS.1770: a 997 Hz sine at full scale in one channel reads -3.01 LKFS.
    assert loudness(_sine(1000, 48000, 48000 * 4), 48000) == pytest.approx(-3.01, abs=0.05)


@pytest.mark.parametrize("rate", [22050, 34953, 44100, 48000, 96000])
@pytest.mark.parametrize("frequency", [60, 400, 1000, 6000])
def test_loudness_agrees_with_an_independent_meter(rate, frequency):
    tone = _sine(frequency, rate, rate * 4, 0.3)
    wanted = pyloudnorm.Meter(rate).integrated_loudness(tone.astype(float))
    assert loudness(tone, rate) == pytest.approx(wanted, abs=0.15)


def test_gating_ignores_pauses():
    rate = 48000
    tone = _sine(1000, rate, rate * 4, 0.1)
    half = tone.copy()
    half[2 * rate :] = 0
    assert loudness(half, rate) == pytest.approx(loudness(tone, rate), abs=0.7)


def test_loudness_does_not_depend_on_where_the_loop_begins():
    loop = beat_loop(4)
    readings = [loudness(np.roll(loop, shift), RATE) for shift in (0, 5000, 30000)]
    assert max(readings) - min(readings) < 0.15


def test_a_loop_shorter_than_a_block_has_a_loudness():
    assert np.isfinite(loudness(_sine(1000, 48000, 4800), 48000))


@pytest.mark.parametrize("frequency", [0.25, 0.22, 0.13])
def test_true_peak_includes_peaks_between_samples(frequency):
    # The samples of this sine miss its crests by up to 3 dB.
    n = 4000
    tone = np.sin(2 * np.pi * frequency * np.arange(n) + np.pi / 4).astype(np.float32)
    assert true_peak(tone) == pytest.approx(0.0, abs=0.35)


def test_true_peak_agrees_with_plain_oversampling():
    loop = beat_loop()
    spectrum = np.fft.rfft(loop.astype(float))
    fine = np.fft.irfft(spectrum, 16 * len(loop)) * 16
    assert true_peak(loop) == pytest.approx(20 * np.log10(np.abs(fine).max()), abs=0.3)


def test_limited_peaks_stay_below_the_ceiling():
    held, limited = limit_peaks(beat_loop(2) * 3, RATE, -1.0)
    assert true_peak(held) <= -1.0 + 1e-3
    assert 0 < limited < len(held)
    assert np.isfinite(held).all()


def test_limiting_changes_only_what_is_near_a_peak():
    loop = beat_loop() * np.float32(0.5)
    loop[5000] = 9
    held, limited = limit_peaks(loop, RATE, -1.0)
    changed = np.flatnonzero(np.abs(held / loop - 1) > 2e-3)
    reach = 2 * look_ahead(RATE)
    assert len(changed) == pytest.approx(limited, abs=20)
    assert changed.min() >= 5000 - reach
    assert changed.max() <= 5000 + reach


def test_limiting_is_smooth_around_the_seam():
    # The peak is at the loop point, so the gain must dip on both sides of it.
    loop = _sine(220, RATE, BEAT, 0.5)
    loop[0] += 2
    held, _ = limit_peaks(loop, RATE, -1.0)
    gain = held[loop != 0] / loop[loop != 0]
    assert np.abs(np.diff(gain)).max() < 0.05
    assert gain[1] < 0.6
    assert gain[-1] < 0.6


def test_a_loop_below_the_ceiling_is_unchanged():
    loop = beat_loop() * np.float32(0.5)
    held, limited = limit_peaks(loop, RATE, -1.0)
    assert held is loop
    assert limited == 0


@pytest.mark.parametrize("gain", [0.2, 1.0, 5.0])
def test_levelled_loops_are_equally_loud(gain):
    levelled, levels = level(beat_loop(4) * np.float32(gain), RATE)
    assert levels.loudness == pytest.approx(TARGET_LOUDNESS, abs=0.5)
    assert levels.loudness == pytest.approx(loudness(levelled, RATE), abs=0.01)
    assert levels.true_peak <= TRUE_PEAK_CEILING + 1e-3
    assert levels.true_peak == pytest.approx(true_peak(levelled), abs=1e-3)


def test_dc_is_removed_and_reported():
    levelled, levels = level(beat_loop() + np.float32(0.25), RATE)
    assert levels.dc == pytest.approx(0.25 + float(beat_loop().mean()), abs=1e-4)
    assert abs(levelled.mean()) < 1e-4


def test_a_nearly_silent_loop_stays_quiet():
    _, levels = level(beat_loop() * np.float32(1e-2), RATE)
    assert levels.gain_db == MAX_RAISE_DB
    assert levels.loudness < TARGET_LOUDNESS - 10


def test_loops_below_the_absolute_gate_are_not_raised():
    _, levels = level(beat_loop() * np.float32(1e-4), RATE)
    assert levels.gain_db == 0
    assert levels.loudness == -np.inf


def test_silence_stays_silent():
    levelled, levels = level(np.zeros(BEAT, np.float32), RATE)
    assert not levelled.any()
    assert levels.loudness == -np.inf
    assert levels.true_peak == -np.inf
    assert (levels.gain_db, levels.limited) == (0, 0)
