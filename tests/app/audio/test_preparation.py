"""Loops prepared for a device."""

import numpy as np
import pytest

from app.audio.preparation import PreparedLoop, prepare
from technogan.errors import SettingError
from technogan.sound.level import true_peak
from technogan.sound.loop import loop_frames
from tests.app.audio.loops import loop_of, loop_of_stems, techno


@pytest.mark.parametrize("sample_rate", [22050, 44100, 48000, 96000, 192000])
@pytest.mark.parametrize("bpm", [60.0, 128.0, 133.33, 174.5])
@pytest.mark.parametrize("beats", [1, 2, 4])
def test_every_beat_has_equally_many_frames(beats, bpm, sample_rate):
    made = prepare(techno(beats), bpm=bpm, sample_rate=sample_rate)
    assert made.beat_frames == round(60 * sample_rate / bpm)
    assert len(made.samples) == loop_frames(beats, bpm, sample_rate)
    assert made.samples.dtype == np.float32


def test_it_equals_a_file_of_that_rate():
    loop = techno(4)
    assert np.array_equal(prepare(loop, bpm=128, sample_rate=44100).samples, loop.resampled(44100).samples)


def test_pitch_follows_tempo():
    loop = loop_of(0.5 * np.sin(2 * np.pi * 100 * np.arange(16384) / 16384))
    spectrum = np.abs(np.fft.rfft(prepare(loop, bpm=150, sample_rate=44100).samples))
    assert spectrum.argmax() == 100


def test_peaks_are_limited():
    loud = loop_of(np.random.default_rng(0).uniform(-1, 1, 4096))
    assert true_peak(prepare(loud, bpm=128, sample_rate=44100).samples) <= -0.9


@pytest.mark.parametrize("sample_rate", [44100, 96000])
def test_stems_add_up_to_the_loop_and_are_limited_with_it(sample_rate):
    parts = np.random.default_rng(0).uniform(-0.7, 0.7, (3, 16384)).astype(np.float32)
    loop = loop_of_stems(kick=parts[0], drums=parts[1], music=parts[2])
    made = prepare(loop, bpm=128, sample_rate=sample_rate)
    file = loop.resampled(sample_rate)
    assert true_peak(made.samples) <= -0.9
    assert list(made.stems) == ["kick", "drums", "music"]
    assert np.array_equal(sum(made.stems.values()), made.samples)
    assert np.array_equal(made.samples, file.samples)
    assert all(np.array_equal(made.stems[name], file.stems[name]) for name in made.stems)


def test_stems_must_be_as_long_as_the_loop():
    with pytest.raises(SettingError, match="stem kick is 'of 50 samples'; it must be of 100, as the loop"):
        PreparedLoop(np.zeros(100, np.float32), 1, techno(), {"kick": np.zeros(50, np.float32)})


def test_the_source_is_unchanged_and_kept():
    loop = techno()
    made = prepare(loop, bpm=60 * 44100 / 16384, sample_rate=44100)
    assert len(made.samples) == len(loop.samples)
    assert made.source is loop
    assert loop.samples.flags.writeable
    with pytest.raises(ValueError, match="read-only"):
        made.samples[0] = 1


@pytest.mark.parametrize(
    ("loop", "bpm", "rate", "message"),
    [
        (techno(), 0.0, 44100, "bpm is 0"),
        (techno(), float("nan"), 44100, "bpm is nan"),
        (techno(), 128.0, 100, "rate is 100"),
        (loop_of([]), 128.0, 44100, "loop is 'empty'"),
        (loop_of(np.zeros(10), beats=0), 128.0, 44100, "loop is 'empty'"),
        (loop_of([0.0, np.nan, 0.0]), 128.0, 44100, "not all finite"),
        (loop_of([0.0, np.inf, 0.0]), 128.0, 44100, "not all finite"),
    ],
)
def test_unplayable_loops_are_refused(loop, bpm, rate, message):
    with pytest.raises(SettingError, match=message):
        prepare(loop, bpm=bpm, sample_rate=rate)


def test_a_beat_must_be_a_whole_number_of_frames():
    with pytest.raises(SettingError, match="beats is 3"):
        PreparedLoop(np.zeros(100, np.float32), 3, techno())
