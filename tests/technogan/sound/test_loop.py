import numpy as np
import pytest
import soundfile

from technogan.errors import SettingError
from technogan.files.seed_source import read_origin
from technogan.seeds.origin import Origin
from technogan.seeds.seed import Seed
from technogan.sound.level import level
from technogan.sound.loop import Loop, loop_frames
from tests.signals import beat_loop


def _loop(beats=4, bpm=128.0):
    samples, levels = level(beat_loop(beats), 16384 * bpm / 60)
    origin = Origin("bar", (Seed.from_integer(5),), bpm, beats)
    return Loop(samples, 16384 * bpm / 60, bpm, beats, np.zeros((128 * beats, 256), np.float32), levels, origin)


@pytest.mark.parametrize("rate", [22050, 44100, 48000, 88200, 96000])
@pytest.mark.parametrize("bpm", [60, 118.7, 120, 128, 133.33, 174, 200])
@pytest.mark.parametrize("beats", [1, 2, 4, 64])
def test_every_beat_has_the_same_number_of_frames(beats, bpm, rate):
    frames = loop_frames(beats, bpm, rate)
    assert frames == beats * loop_frames(1, bpm, rate)
    assert abs(frames / beats - 60 * rate / bpm) <= 0.5


@pytest.mark.parametrize(("bpm", "rate"), [(128, 44100), (133.33, 48000), (174, 22050)])
def test_resampled_loops_have_whole_beats(bpm, rate):
    loop = _loop(2, bpm).resampled(rate)
    assert len(loop.samples) == loop_frames(2, bpm, rate)
    assert loop.sample_rate == rate
    assert loop.samples.dtype == np.float32
    assert loop.levels.true_peak <= -1 + 1e-3


def test_duration_follows_from_beats_and_tempo():
    assert _loop(4, 120).duration == pytest.approx(2.0)


def test_a_saved_loop_stores_its_sample_rate_and_origin(tmp_path):
    loop = _loop(4, 132)
    assert loop.save(str(tmp_path / "a.wav")) == 0
    samples, rate = soundfile.read(tmp_path / "a.wav")
    assert rate == round(16384 * 132 / 60)
    assert np.abs(samples - loop.samples).max() < 1e-6
    assert read_origin(tmp_path / "a.wav") == loop.origin


@pytest.mark.parametrize("bpm", [0, -1, 19, 1000, float("nan"), float("inf")])
def test_invalid_tempi_are_refused(bpm):
    with pytest.raises(SettingError, match="bpm"):
        loop_frames(1, bpm, 44100)


@pytest.mark.parametrize("rate", [0, -44100, 3999, 400000])
def test_invalid_sample_rates_are_refused(rate):
    with pytest.raises(SettingError, match="rate"):
        _loop().resampled(rate)
