import numpy as np
import pytest
import soundfile

from technogan.errors import SettingError
from technogan.files.seed_source import origin_of_file
from technogan.seeds.origin import Origin
from technogan.seeds.seed import Seed
from technogan.sound.level import level
from technogan.sound.loop import Loop, loop_frames, resample
from tests.signals import beat_loop


def _loop(beats=4, bpm=128.0):
    samples, levels = level(beat_loop(beats), 16384 * bpm / 60)
    origin = Origin("bar", (Seed.from_integer(5),), bpm, beats)
    return Loop(samples, 16384 * bpm / 60, bpm, beats, np.zeros((128 * beats, 256), np.float32), levels, origin)


@pytest.mark.parametrize("rate", [22050, 44100, 48000, 88200, 96000])
@pytest.mark.parametrize("bpm", [60, 118.7, 120, 128, 133.33, 174, 200])
@pytest.mark.parametrize("beats", [1, 2, 4, 64])
def test_frames_are_whole_beats(beats, bpm, rate):
    frames = loop_frames(beats, bpm, rate)
    assert frames == beats * loop_frames(1, bpm, rate)
    assert abs(frames / beats - 60 * rate / bpm) <= 0.5


@pytest.mark.parametrize(("bpm", "rate"), [(128, 44100), (133.33, 48000), (174, 22050)])
def test_resampled_loops_have_exactly_these_frames(bpm, rate):
    loop = _loop(2, bpm).resampled(rate)
    assert len(loop.samples) == loop_frames(2, bpm, rate)
    assert loop.sample_rate == rate
    assert loop.samples.dtype == np.float32
    assert loop.levels.true_peak <= -1 + 1e-3


@pytest.mark.parametrize("n_samples", [82688, 82687, 65538, 65537, 65535, 30000, 29999, 131072])
def test_resampling_is_the_fourier_series_read_elsewhere(n_samples):
    # Few harmonics, all below both Nyquist frequencies: known at any point of the circle.
    def curve(n):
        x = 2 * np.pi * np.arange(n) / n
        return 0.3 + np.cos(3 * x) + 0.5 * np.sin(1000 * x) - 0.25 * np.cos(9000 * x)

    got = resample(curve(65536).astype(np.float32), n_samples)
    assert got.shape == (n_samples,)
    assert np.abs(got - curve(n_samples)).max() < 5e-5


@pytest.mark.parametrize(("up", "down"), [(8, 12), (8, 13), (9, 12), (9, 14)])
def test_going_up_and_down_again_changes_nothing(rng, up, down):
    samples = rng.standard_normal(up).astype(np.float32)
    assert np.abs(resample(resample(samples, down), up) - samples).max() < 1e-5


def test_duration_is_the_music_s():
    assert _loop(4, 120).duration == pytest.approx(2.0)


def test_a_saved_loop_knows_its_tempo_and_seed(tmp_path):
    loop = _loop(4, 132)
    assert loop.save(tmp_path / "a.wav") == 0
    samples, rate = soundfile.read(tmp_path / "a.wav")
    assert rate == round(16384 * 132 / 60)
    assert np.abs(samples - loop.samples).max() < 1e-6
    assert origin_of_file(tmp_path / "a.wav") == loop.origin


@pytest.mark.parametrize("bpm", [0, -1, 19, 1000, float("nan"), float("inf")])
def test_tempi_that_make_no_sense(bpm):
    with pytest.raises(SettingError, match="bpm"):
        loop_frames(1, bpm, 44100)


@pytest.mark.parametrize("rate", [0, -44100, 3999, 400000])
def test_rates_that_make_no_sense(rate):
    with pytest.raises(SettingError, match="rate"):
        _loop().resampled(rate)
