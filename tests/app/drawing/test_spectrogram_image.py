import numpy as np
import pytest

from app.drawing.spectrogram_image import (
    THUMBNAIL_FRAMES,
    compute_axis_frequencies,
    compute_levels,
    find_axis_position,
    find_peaks,
    level_to_db,
    map_to_columns,
    map_to_rows,
    reduce_frames,
)
from technogan.formats import FORMATS
from technogan.transforms import row_frequencies


def test_levels_are_decibels_below_the_loudest():
    magnitude = np.full((4, 3), 1e-9, np.float32)
    magnitude[1, 2], magnitude[0, 0] = 10.0, 1.0
    levels = compute_levels(magnitude)
    assert levels.shape == (3, 4)
    assert levels[2, 1] >= 254
    assert level_to_db(float(levels[0, 0])) == pytest.approx(-20, abs=0.5)
    assert levels[1, 3] == 0


def test_silence_has_level_0():
    assert not compute_levels(np.zeros((4, 3), np.float32)).any()


@pytest.mark.parametrize(("n_frames", "expected"), [(3, 3), (256, 256), (257, 129), (1000, 250)])
def test_reduced_frames_keep_every_peak(n_frames, expected):
    magnitude = np.arange(n_frames, dtype=np.float32)[:, np.newaxis]
    reduced = reduce_frames(magnitude)
    step = -(-n_frames // THUMBNAIL_FRAMES)
    assert len(reduced) == expected
    assert reduced[0, 0] == step - 1
    assert reduced[-1, 0] == n_frames - 1


@pytest.mark.parametrize("logarithmic", [True, False])
def test_position_is_the_inverse_of_frequency(logarithmic):
    hertz = compute_axis_frequencies(1000, 20000, logarithmic=logarithmic)
    for i in (0, 100, 999):
        position = find_axis_position(float(hertz[i]), 20000, logarithmic=logarithmic)
        assert position == pytest.approx((i + 0.5) / 1000, abs=1e-3)


@pytest.mark.parametrize("logarithmic", [True, False])
@pytest.mark.parametrize("n_rows", [1, 7, 256, 900])
def test_high_frequencies_are_at_the_top(logarithmic, n_rows):
    levels = np.repeat(np.arange(256, dtype=np.uint8)[:, np.newaxis], 3, axis=1)
    shown = map_to_rows(levels, n_rows, 20000, logarithmic=logarithmic)
    assert shown.shape == (n_rows, 3)
    assert (np.diff(shown[:, 0].astype(int)) <= 0).all()


@pytest.mark.parametrize("n_columns", [3, 6, 12])
def test_columns_are_interpolated_between_frames(n_columns):
    slope = np.tile(np.linspace(0, 250, 6).astype(np.uint8), (4, 1))
    resampled = map_to_columns(slope, n_columns)
    assert resampled.shape == (4, n_columns)
    positions = (np.arange(n_columns) + 0.5) * 6 / n_columns - 0.5
    np.testing.assert_allclose(resampled[2], np.interp(positions, np.arange(6), slope[2]), atol=1)


@pytest.mark.parametrize("n", [1, 5, 64, 1000])
def test_peaks_contain_the_extremes(n):
    samples = np.random.default_rng(0).standard_normal(1000).astype(np.float32)
    peaks = find_peaks(samples, n)
    assert peaks.shape == (n, 2)
    assert (peaks[:, 0].min(), peaks[:, 1].max()) == (samples.min(), samples.max())


def test_rows_of_uneven_frequencies_are_drawn_at_their_frequency():
    spectrogram_format = FORMATS["bar"]
    rows = np.asarray(2 * row_frequencies(spectrogram_format), np.float32)
    nyquist = spectrogram_format.sample_rate(128) / 2
    levels = np.zeros((spectrogram_format.n_bins, 1), np.uint8)
    row = int(np.argmin(np.abs(rows * nyquist - 100)))
    levels[row] = 255
    shown = map_to_rows(levels, 4000, nyquist, logarithmic=True, rows=rows)[::-1, 0]
    hertz = compute_axis_frequencies(4000, nyquist, logarithmic=True)
    assert abs(hertz[int(np.argmax(shown))] - rows[row] * nyquist) < 1
