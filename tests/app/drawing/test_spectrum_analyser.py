import numpy as np
import pytest

from app.drawing.spectrum_analyser import FLOOR_DB, WINDOW, SpectrumAnalyser


@pytest.mark.parametrize("hertz", [100, 1000, 9000])
def test_a_tone_peaks_in_its_band(hertz):
    analyser = SpectrumAnalyser()
    tone = 0.5 * np.sin(2 * np.pi * hertz * np.arange(WINDOW) / 44100)
    levels = analyser.update(tone.astype(np.float32), 44100, 0.03)
    peak = analyser.frequencies(44100)[int(np.argmax(levels))]
    assert peak == pytest.approx(hertz, rel=0.1)
    assert levels.max() == pytest.approx(-6, abs=1.5)


def test_levels_fall_by_36_db_a_second_down_to_the_floor():
    analyser = SpectrumAnalyser()
    analyser.update(np.ones(WINDOW, np.float32), 44100, 0.03)
    before = analyser.levels.max()
    analyser.update(np.zeros(WINDOW, np.float32), 44100, 0.1)
    assert analyser.levels.max() == pytest.approx(before - 3.6, abs=0.01)
    analyser.update(np.zeros(WINDOW, np.float32), 44100, 10.0)
    assert (analyser.levels == FLOOR_DB).all()
