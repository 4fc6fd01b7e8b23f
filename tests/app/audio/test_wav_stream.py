"""A WAV file that grows."""

import struct

import numpy as np
import pytest
import soundfile

from app.audio.wav_stream import WavStream, wav_header
from technogan.errors import OutputError


def test_frames_are_readable_before_it_is_closed(tmp_path, rng):
    sound = rng.uniform(-1, 1, (1000, 2)).astype(np.float32)
    stream = WavStream(tmp_path / "a.wav", 44100)
    for start in range(0, 1000, 300):
        stream.append(sound[start : start + 300])
        read, rate = soundfile.read(tmp_path / "a.wav")
        assert (rate, soundfile.info(tmp_path / "a.wav").subtype) == (44100, "PCM_24")
        assert np.abs(read - sound[: start + 300]).max() < 2**-22
    stream.close()
    assert soundfile.info(tmp_path / "a.wav").frames == 1000


def test_samples_beyond_full_scale_are_clipped(tmp_path):
    stream = WavStream(tmp_path / "a.wav", 44100)
    stream.append(np.array([[1.0, -1.0], [1.5, -7.0]], np.float32))
    stream.close()
    assert np.allclose(soundfile.read(tmp_path / "a.wav")[0], [[1, -1], [1, -1]], atol=1e-6)


def test_an_empty_recording_is_a_valid_file(tmp_path):
    WavStream(tmp_path / "a.wav", 48000).close()
    assert soundfile.info(tmp_path / "a.wav").frames == 0


def test_half_a_frame_at_the_end_is_cut_off(tmp_path):
    stream = WavStream(tmp_path / "a.wav", 44100)
    stream.append(np.zeros((10, 2), np.float32))
    with (tmp_path / "a.wav").open("ab") as file:
        file.write(b"xyz")
    stream.close()
    assert (tmp_path / "a.wav").stat().st_size == 80 + 60


def test_beyond_4_gib_the_header_is_rf64(tmp_path):
    n_frames = 800_000_000
    with (tmp_path / "long.wav").open("wb") as file:
        file.write(wav_header(6 * n_frames, 44100))
        file.truncate(80 + 6 * n_frames)  # a sparse file: nothing is written
    info = soundfile.info(tmp_path / "long.wav")
    assert (info.format, info.subtype, info.frames) == ("RF64", "PCM_24", n_frames)


@pytest.mark.parametrize("n_bytes", [0, 6, 2**32 - 100, 2**32, 2**40])
def test_every_header_has_the_same_length(n_bytes):
    header = wav_header(n_bytes, 44100)
    assert len(header) == 80
    assert header[:4] == (b"RIFF" if n_bytes < 2**32 - 73 else b"RF64")
    assert header[72:76] == b"data"


def test_the_header_holds_the_sizes_of_the_file():
    header = wav_header(600, 44100)
    assert struct.unpack_from("<I", header, 4)[0] == 600 + 80 - 8
    assert struct.unpack_from("<I", header, 76)[0] == 600


def test_a_file_that_exists_is_left_alone(tmp_path):
    (tmp_path / "a.wav").write_bytes(b"precious")
    with pytest.raises(OutputError, match="a file of that name exists"):
        WavStream(tmp_path / "a.wav", 44100)
    assert (tmp_path / "a.wav").read_bytes() == b"precious"


@pytest.mark.parametrize("name", ["a.wav/b.wav", "x" * 300])
def test_a_path_that_cannot_be_written_is_refused(tmp_path, name):
    (tmp_path / "a.wav").touch()
    with pytest.raises(OutputError, match="cannot write"):
        WavStream(tmp_path / name, 44100)
