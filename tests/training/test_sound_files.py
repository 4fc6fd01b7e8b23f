"""Reading tracks as people have them."""

from __future__ import annotations

import wave

import numpy as np
import pytest
import soundfile

from technogan.errors import SourceError
from training import sound_files
from training.sound_files import read_track

RATE = 8000
TONE = (0.5 * np.sin(np.arange(25 * RATE) / 5)).astype(np.float32)


@pytest.mark.parametrize(
    ("suffix", "subtype", "error"),
    [
        ("wav", "PCM_U8", 8e-3), ("wav", "PCM_16", 4e-5), ("wav", "FLOAT", 0), ("flac", "PCM_24", 1e-6),
        ("aiff", "PCM_16", 4e-5), ("ogg", "VORBIS", 0.1), ("mp3", "MPEG_LAYER_III", 0.1),
    ],
)  # fmt: skip
def test_formats(tmp_path, suffix, subtype, error):
    path = tmp_path / f"tone.{suffix}"
    soundfile.write(path, TONE, RATE, subtype=subtype)
    read = read_track(path)
    assert read.sample_rate == RATE
    assert len(read.samples) == pytest.approx(len(TONE), abs=0 if error < 0.1 else 2000)
    assert np.abs(read.samples[2000:20000, 0] - TONE[2000:20000]).max() <= error


@pytest.mark.parametrize("channels", [1, 2, 6])
def test_channels_are_kept_or_mixed(tmp_path, channels):
    path = tmp_path / "tone.wav"
    soundfile.write(path, np.stack([TONE * (i + 1) / 8 for i in range(channels)], axis=1), RATE, subtype="FLOAT")
    assert read_track(path).samples.shape == (len(TONE), channels)
    mixed = read_track(path, mono=True)
    np.testing.assert_allclose(mixed.samples[:, 0], TONE * (channels + 1) / 16, atol=1e-6)
    np.testing.assert_allclose(read_track(path).mono, mixed.samples[:, 0], atol=1e-6)


def test_what_soundfile_does_not_know_is_decoded_otherwise(tmp_path):
    # audioread has a reader of its own for WAV, so no decoder of the system is needed here.
    path = tmp_path / "tone.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((np.repeat(TONE, 2) * 32767).astype("<i2").tobytes())
    pytest.importorskip("audioread.rawread")
    rate, blocks = sound_files._decoded(path, ValueError())
    samples = np.concatenate(list(blocks))
    assert (rate, samples.shape) == (RATE, (len(TONE), 2))
    assert np.abs(samples[:, 1] - TONE).max() < 1e-4


def cut(path):
    soundfile.write(path, TONE, RATE)
    path.write_bytes(path.read_bytes()[:20000])


def too_long(path):
    with soundfile.SoundFile(path, "w", 100, 1, subtype="PCM_U8") as file:
        file.write(np.zeros(31 * 60 * 100, np.float32))


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: None, "no such file"),
        (lambda path: path.mkdir(), "a folder has that name"),
        (lambda path: path.write_bytes(b""), "no bytes"),
        (lambda path: path.write_bytes(b"\0" * 1000), "no sound that can be read"),
        (lambda path: path.write_bytes(b"RIFF\x10\0\0\0WAVEfmt "), "truncated|no sound"),
        (cut, "truncated: 20000 of 400044 bytes"),
        (too_long, "longer than 30 minutes"),
        (lambda path: soundfile.write(path, TONE[:0], RATE), "no samples"),
        (lambda path: soundfile.write(path, 0 * TONE, RATE), "silent"),
        (lambda path: soundfile.write(path, 0 * TONE + 0.25, RATE), "silent"),
        (lambda path: soundfile.write(path, TONE + np.float32(np.inf), RATE, subtype="FLOAT"), "no numbers"),
    ],
)
def test_what_cannot_be_used_is_said(tmp_path, make, said):
    path = tmp_path / "ü ß.wav"
    make(path)
    with pytest.raises(SourceError, match=said) as caught:
        read_track(path)
    assert caught.value.path == path
