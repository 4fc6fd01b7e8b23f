from __future__ import annotations

import numpy as np
import pytest
import soundfile

from app.session.sound_file import loop_of_samples, read_sound
from technogan.errors import SourceError
from technogan.sound.wav import write_wav
from tests.app.fakes import loop_of, seed_of

RATE = 44100


def tone(seconds, rate=RATE):
    return (0.5 * np.sin(2 * np.pi * 220 * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


def test_what_we_wrote_comes_back_with_its_seed(tmp_path):
    loop = loop_of(seed_of(5))
    loop.save(tmp_path / "a.wav")
    back, note = read_sound(tmp_path / "a.wav", 140.0)
    assert (back.origin, back.beats, back.bpm, note) == (loop.origin, 1, 140.0, "")
    np.testing.assert_allclose(back.samples, loop.samples, atol=1e-6)


@pytest.mark.parametrize(("seconds", "beats"), [(0.1, 1), (0.46875, 1), (1.875, 4), (1.9, 4), (7.5, 16)])
def test_the_length_of_others_is_rounded_to_whole_beats(tmp_path, seconds, beats):
    soundfile.write(tmp_path / "a.wav", tone(seconds), RATE)
    loop, note = read_sound(tmp_path / "a.wav", 128.0)
    assert loop.beats == beats
    assert loop.duration == pytest.approx(beats * 60 / 128)
    assert bool(note) == (abs(seconds - beats * 0.46875) > 0.001)


def test_the_beats_inside_the_file_count(tmp_path):
    write_wav(tmp_path / "a.wav", tone(2.0), RATE, bpm=90.0, beats=3)
    assert read_sound(tmp_path / "a.wav", 128.0)[0].beats == 3


@pytest.mark.parametrize("suffix", [".wav", ".aiff", ".flac", ".ogg"])
def test_channels_are_mixed_whatever_the_format(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    soundfile.write(path, np.stack([tone(0.46875), np.zeros_like(tone(0.46875))], axis=1), RATE)
    assert np.abs(read_sound(path, 128.0)[0].samples).max() == pytest.approx(0.25, abs=0.02)


@pytest.mark.parametrize(
    ("samples", "why"),
    [
        (np.zeros(10_000, np.float32), "is silent"),
        (np.full(10_000, np.nan, np.float32), "NaN"),
        (np.zeros(0, np.float32), "is silent"),
        (np.ones(20, np.float32), "is no loop of 1 beat"),
    ],
)
def test_what_is_no_loop_is_refused(tmp_path, samples, why):
    soundfile.write(tmp_path / "a.wav", samples, RATE, subtype="FLOAT")
    with pytest.raises(SourceError, match=why):
        read_sound(tmp_path / "a.wav", 128.0)


def test_a_whole_track_is_refused(tmp_path):
    soundfile.write(tmp_path / "a.wav", np.ones(301 * 1000, np.float32), 1000)
    with pytest.raises(SourceError, match="301 s long"):
        read_sound(tmp_path / "a.wav", 128.0)


@pytest.mark.parametrize("content", [b"", b"RIFF", b"nonsense" * 100, b"RIFF\xff\xff\xff\xffWAVEfmt "])
def test_damaged_files_are_refused(tmp_path, content):
    (tmp_path / "a.wav").write_bytes(content)
    with pytest.raises(SourceError):
        read_sound(tmp_path / "a.wav", 128.0)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(SourceError):
        read_sound(tmp_path / "none.flac", 128.0)


def test_a_magnitude_is_as_long_as_the_loop():
    loop = loop_of_samples(tone(0.5), bpm=120.0, beats=1)
    assert loop.magnitude.shape == (128, 256)
    assert loop.sample_rate == pytest.approx(16384 * 2)
