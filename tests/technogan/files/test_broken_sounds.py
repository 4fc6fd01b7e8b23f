"""Sounds whose header does not know their length, or that have a fault which other programs tolerate."""

import os
import struct
import sys
import threading

import numpy as np
import pytest
import soundfile

from technogan.errors import SourceError
from technogan.files.sound_reader import LengthLimit, open_sound, read_sound_file

RATE = 44100
TONE = (0.5 * np.sin(np.arange(2 * RATE) / 5)).astype(np.float32)
PCM = (TONE * 32767).astype("<i2").tobytes()
UNKNOWN = 0xFFFFFFFF


def chunk(name, data, size=None, *, pad=True):
    return name + struct.pack("<I", len(data) if size is None else size) + data + b"\0" * (pad and len(data) % 2)


FORM = chunk(b"fmt ", struct.pack("<HHIIHH", 1, 1, RATE, 2 * RATE, 2, 16))


def wav(*chunks, size=None):
    data = b"WAVE" + b"".join(chunks)
    return chunk(b"RIFF", data, size)


WAVS = {
    "stream": wav(FORM, chunk(b"data", PCM, UNKNOWN), size=UNKNOWN),
    "stream-2": wav(FORM, chunk(b"data", PCM, 0x7FFFFFFF), size=0x7FFFFFFF),
    "unfinished": wav(FORM, chunk(b"data", PCM, 0), size=0),
    "unfinished-2": wav(FORM, chunk(b"data", PCM, 0), size=36),
    "unfinished-3": wav(FORM, chunk(b"data", PCM, 0)),
    "terabytes": wav(FORM, chunk(b"data", PCM, 0xFFFFFF00), size=0xFFFFFFF0),
    "not padded": wav(chunk(b"id3 ", b"ID3\3\0\0\0", pad=False), FORM, chunk(b"data", PCM)),
    "not padded-2": wav(FORM, chunk(b"note", b"x", pad=False), chunk(b"data", PCM)),
    "padded": wav(FORM, chunk(b"note", b"x"), chunk(b"data", PCM), chunk(b"note", b"xyz")),
    "behind a tag": b"ID3\3\0\0\0\0\0\x05hello" + wav(FORM, chunk(b"data", PCM)),
    "unfinished behind a tag": b"ID3\3\0\0\0\0\0\x05hello" + wav(FORM, chunk(b"data", PCM, 0), size=36),
    "rf64": b"RF64" + wav(
        chunk(b"ds64", struct.pack("<QQQI", len(PCM) + 72, len(PCM), len(TONE), 0)), FORM, chunk(b"data", PCM, UNKNOWN),
        size=UNKNOWN,
    )[4:],
    "bw64": b"BW64" + wav(
        chunk(b"ds64", struct.pack("<QQQI", len(PCM) + 72, len(PCM), len(TONE), 0)), FORM, chunk(b"data", PCM, UNKNOWN),
        size=UNKNOWN,
    )[4:],
    "rf64 of exabytes": b"RF64" + wav(
        chunk(b"ds64", struct.pack("<QQQI", 1 << 60, 1 << 60, 1 << 59, 0)), FORM, chunk(b"data", PCM, UNKNOWN),
        size=UNKNOWN,
    )[4:],
}  # fmt: skip


@pytest.mark.parametrize("name", WAVS)
def test_a_wav_is_as_long_as_its_samples(tmp_path, name):
    path = tmp_path / "a.wav"
    path.write_bytes(WAVS[name])
    with open_sound(path) as sound:
        assert (sound.n_frames, sound.sample_rate, sound.n_channels) == (len(TONE), RATE, 1)
        np.testing.assert_allclose(sound.read(mono=True), TONE, atol=1e-4)
    with open_sound(path) as sound:
        np.testing.assert_allclose(sound.read(RATE, 100, mono=True), TONE[RATE:][:100], atol=1e-4)


@pytest.mark.parametrize("options", [{"format": "RF64"}, {"endian": "BIG"}, {"format": "W64"}, {"format": "AIFF"}])
def test_a_file_is_read_by_its_content_not_by_its_name(tmp_path, options):
    soundfile.write(tmp_path / "a.wav", TONE, RATE, subtype="PCM_16", **({"format": "WAV"} | options))
    np.testing.assert_allclose(read_sound_file(tmp_path / "a.wav", mono=True)[0], TONE, atol=1e-4)


def test_an_empty_wav_stays_empty(tmp_path):
    (tmp_path / "a.wav").write_bytes(wav(FORM, chunk(b"data", b""), chunk(b"LIST", b"INFOICMT\2\0\0\0x\0")))
    with pytest.raises(SourceError, match="is empty"):
        read_sound_file(tmp_path / "a.wav")


def write_flac(path, samples, *, n_frames=0, channels=1):
    """Write a FLAC file whose header states n_frames; 0 means unknown, as in what an encoder writes into a pipe."""
    soundfile.write(path, np.stack([samples] * channels, axis=1), RATE, format="FLAC")
    data = bytearray(path.read_bytes())
    data[21] = data[21] & 0xF0 | n_frames >> 32
    data[22:26] = struct.pack(">I", n_frames & UNKNOWN)
    data[26:42] = bytes(16)
    path.write_bytes(data)


@pytest.mark.parametrize("tag", [b"", b"ID3\3\0\0\0\0\0\x05hello"])
@pytest.mark.parametrize("n_frames", [0, (1 << 36) - 2])
def test_a_flac_is_as_long_as_its_samples(tmp_path, n_frames, tag):
    path = tmp_path / "a.flac"
    write_flac(path, TONE, n_frames=n_frames, channels=2)
    path.write_bytes(tag + path.read_bytes())
    with open_sound(path, limit=LengthLimit(5, "cut it")) as sound:
        assert sound.n_frames == len(TONE)
        np.testing.assert_allclose(sound.read(RATE, 100, mono=True), TONE[RATE:][:100], atol=1e-4)
    np.testing.assert_allclose(read_sound_file(path, mono=True)[0], TONE, atol=1e-4)


@pytest.mark.parametrize("n_frames", [0, 1000, 120 * 60 * 4000])
def test_hours_of_silence_in_a_few_kilobytes_are_refused(tmp_path, n_frames, monkeypatch):
    with soundfile.SoundFile(tmp_path / "long.flac", "w", 4000, 1, format="FLAC") as file:
        for _ in range(12):
            file.write(np.zeros(600 * 4000, np.float32))
    data = bytearray((tmp_path / "long.flac").read_bytes())
    data[21] &= 0xF0
    data[22:26] = struct.pack(">I", n_frames)
    (tmp_path / "long.flac").write_bytes(data)
    limit = LengthLimit(1, "cut it")
    if n_frames == 1000:  # libsndfile reads as much as the header states
        assert len(read_sound_file(tmp_path / "long.flac", limit=limit)[0]) == 1000
        return
    with pytest.raises(SourceError, match="longer than 1 minutes"):
        read_sound_file(tmp_path / "long.flac", limit=limit)
    monkeypatch.setattr("technogan.files.sound_reader._MAX_SAMPLES", 1 << 20)
    with pytest.raises(SourceError, match="too long to be read"):
        read_sound_file(tmp_path / "long.flac")


def test_an_absurd_sample_rate_needs_no_memory(tmp_path):
    form = chunk(b"fmt ", struct.pack("<HHIIHH", 1, 1, 0x7FFFFFFF, 0xFFFFFFFE, 2, 16))
    (tmp_path / "a.wav").write_bytes(wav(form, chunk(b"data", PCM)))
    with open_sound(tmp_path / "a.wav") as sound:
        assert sum(len(block) for block in sound.blocks()) == len(TONE)


def write_mp3_without_length(path, rate, mode):
    """Write an MP3 without the frame in front that states its length, and return how many samples it has."""
    noise = np.random.default_rng(0).uniform(-0.3, 0.3, 5 * RATE)
    samples = np.concatenate([0.001 * TONE, np.tile(TONE, 3), noise])
    soundfile.write(path, samples, rate, format="MP3", bitrate_mode=mode, compression_level=0.5)
    data = path.read_bytes()
    kbps = {44100: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160), 24000: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96)}
    size = (144_000 if rate == RATE else 72_000) * kbps[rate][data[2] >> 4] // rate + (data[2] >> 1 & 1)
    assert any(name in data[:size] for name in (b"Xing", b"Info"))
    assert data[size] == 0xFF
    path.write_bytes(data[size:])
    return len(samples)


@pytest.mark.parametrize("tag", [b"", b"ID3\3\0\0\0\0\0\x05hello"])
@pytest.mark.parametrize(("mode", "rate"), [("VARIABLE", 44100), ("CONSTANT", 44100), ("VARIABLE", 24000)])
def test_an_mp3_is_as_long_as_its_frames(tmp_path, mode, rate, tag):
    path = tmp_path / "a.mp3"
    n_samples = write_mp3_without_length(path, rate, mode)
    path.write_bytes(tag + path.read_bytes())
    with open_sound(path) as sound:
        assert n_samples <= sound.n_frames < n_samples + 5000
        assert len(sound.read()) == sound.n_frames


def test_an_mp3_that_states_its_length_is_not_changed(tmp_path):
    soundfile.write(tmp_path / "a.mp3", TONE, RATE)
    assert len(read_sound_file(tmp_path / "a.mp3")[0]) == len(TONE)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems accept UTF-8 only")
def test_a_name_that_is_not_utf_8_is_read(tmp_path):
    path = tmp_path / os.fsdecode(b"M\xfcller.wav")
    path.write_bytes(WAVS["stream"])
    assert len(read_sound_file(path)[0]) == len(TONE)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pipes in folders")
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "a.wav")
    found = []

    def read():
        with pytest.raises(SourceError, match="is not a file") as caught:
            read_sound_file(tmp_path / "a.wav")
        found.append(caught)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    reader.join(60)
    assert found
