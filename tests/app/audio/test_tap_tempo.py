import pytest

from app.audio.tap_tempo import TapTempo


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
def test_tempo_is_the_median_of_the_taps(times, bpm):
    taps = TapTempo()
    found = [taps.tap(time) for time in times][-1]
    assert found == (None if bpm is None else pytest.approx(bpm, abs=1))
