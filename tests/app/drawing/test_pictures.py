"""What is drawn of a loop, before it is drawn."""

from __future__ import annotations

import numpy as np
import pytest

from app.audio.tap_tempo import TapTempo
from app.drawing.colour_maps import MAPS, colours, colours_of_hue
from app.drawing.spectrogram_image import frequencies, level_db, levels_of, on_axis, outline, place_of, widened
from app.drawing.spectrum_analyser import FLOOR_DB, WINDOW, Analyser
from app.session.loop_names import name_of
from technogan.errors import SettingError
from tests.app.fakes import seed_of


def lightness(argb):
    red, green, blue = ((argb >> shift & 255) / 255.0 for shift in (16, 8, 0))
    return 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2


@pytest.mark.parametrize("name", MAPS)
def test_louder_is_always_lighter(name):
    shown = lightness(colours(name).astype(np.int64))
    assert (np.diff(shown) > -1e-3).all()
    assert shown[0] < 0.02
    assert shown[-1] > 0.7


def test_slots_keep_their_hue():
    assert len({int(colours_of_hue(hue)[128]) for hue in np.linspace(0, 0.9, 8)}) == 8


def test_an_unknown_map_is_named():
    with pytest.raises(SettingError, match="colour map is 'Rainbow'"):
        colours("Rainbow")


def test_levels_are_decibels_below_the_loudest():
    magnitude = np.full((4, 3), 1e-9, np.float32)
    magnitude[1, 2], magnitude[0, 0] = 10.0, 1.0
    levels = levels_of(magnitude)
    assert levels.shape == (3, 4)
    assert levels[2, 1] >= 254
    assert level_db(float(levels[0, 0])) == pytest.approx(-20, abs=0.5)
    assert levels[1, 3] == 0


def test_silence_is_dark():
    assert not levels_of(np.zeros((4, 3), np.float32)).any()


@pytest.mark.parametrize("logarithmic", [True, False])
def test_a_frequency_is_found_where_it_is_drawn(logarithmic):
    hertz = frequencies(1000, 20000, logarithmic=logarithmic)
    for i in (0, 100, 999):
        place = place_of(float(hertz[i]), 20000, logarithmic=logarithmic)
        assert place == pytest.approx((i + 0.5) / 1000, abs=1e-3)


@pytest.mark.parametrize("logarithmic", [True, False])
@pytest.mark.parametrize("n_rows", [1, 7, 256, 900])
def test_high_frequencies_are_at_the_top(logarithmic, n_rows):
    levels = np.repeat(np.arange(256, dtype=np.uint8)[:, np.newaxis], 3, axis=1)
    shown = on_axis(levels, n_rows, 20000, logarithmic=logarithmic)
    assert shown.shape == (n_rows, 3)
    assert (np.diff(shown[:, 0].astype(int)) <= 0).all()


@pytest.mark.parametrize("n", [1, 5, 64, 1000])
def test_an_outline_holds_every_peak(n):
    samples = np.random.default_rng(0).standard_normal(1000).astype(np.float32)
    edges = outline(samples, n)
    assert edges.shape == (n, 2)
    assert (edges[:, 0].min(), edges[:, 1].max()) == (samples.min(), samples.max())


@pytest.mark.parametrize("hertz", [100, 1000, 9000])
def test_the_analyser_finds_a_tone(hertz):
    analyser = Analyser()
    tone = 0.5 * np.sin(2 * np.pi * hertz * np.arange(WINDOW) / 44100)
    levels = analyser.update(tone.astype(np.float32), 44100, 0.03)
    found = analyser.frequencies(44100)[int(np.argmax(levels))]
    assert found == pytest.approx(hertz, rel=0.1)
    assert levels.max() == pytest.approx(-6, abs=1.5)


def test_the_analyser_falls_slowly_and_ends_at_its_floor():
    analyser = Analyser()
    analyser.update(np.ones(WINDOW, np.float32), 44100, 0.03)
    before = analyser.levels.max()
    analyser.update(np.zeros(WINDOW, np.float32), 44100, 0.1)
    assert analyser.levels.max() == pytest.approx(before - 3.6, abs=0.01)
    analyser.update(np.zeros(WINDOW, np.float32), 44100, 10.0)
    assert (analyser.levels == FLOOR_DB).all()


@pytest.mark.parametrize(
    ("times", "bpm"),
    [
        ([0.0], None),
        ([0.0, 0.5], 120.0),
        ([0.0, 0.5, 1.0, 1.52, 2.0], 120.0),
        ([0.0, 0.5, 9.0], None),
        ([0.0, 0.5, 9.0, 9.4], 150.0),
        ([0.0, 0.0], None),
        ([0.0, 0.01], None),
    ],
)
def test_a_tempo_from_taps(times, bpm):
    taps = TapTempo()
    found = [taps.tap(time) for time in times][-1]
    assert found == (None if bpm is None else pytest.approx(bpm, abs=1))


def test_a_seed_has_one_name_and_others_have_others():
    assert name_of(seed_of(1)) == name_of(seed_of(1))
    assert len({name_of(seed_of(i)) for i in range(100)}) == 100


@pytest.mark.parametrize("n_columns", [3, 6, 12])
def test_a_picture_of_another_width_shows_the_same_at_the_same_place(n_columns):
    slope = np.tile(np.linspace(0, 250, 6).astype(np.uint8), (4, 1))
    wide = widened(slope, n_columns)
    assert wide.shape == (4, n_columns)
    places = (np.arange(n_columns) + 0.5) * 6 / n_columns - 0.5
    np.testing.assert_allclose(wide[2], np.interp(places, np.arange(6), slope[2]), atol=1)
