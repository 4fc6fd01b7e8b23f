import sys

import numpy as np
import pytest
import soundfile

from technogan.errors import SourceError
from technogan.files.sound_reader import LengthLimit, mix_channels, open_sound, read_sound_file
from tests.signals import write_padded_wav

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
    samples, rate = read_sound_file(path)
    assert rate == RATE
    assert len(samples) == pytest.approx(len(TONE), abs=0 if error < 0.1 else 2000)
    assert np.abs(samples[2000:20000, 0] - TONE[2000:20000]).max() <= error


@pytest.mark.parametrize("suffix", ["wav", "flac", "ogg", "mp3"])
@pytest.mark.parametrize("channels", [1, 2])
def test_blocks_give_the_samples_of_the_whole_file(tmp_path, rng, suffix, channels):
    path = tmp_path / f"noise.{suffix}"
    soundfile.write(path, rng.uniform(-0.5, 0.5, (25 * RATE, channels)), RATE)
    with soundfile.SoundFile(path) as file:
        whole = file.read(dtype="float32", always_2d=True)
    np.testing.assert_array_equal(read_sound_file(path)[0], whole)
    np.testing.assert_array_equal(read_sound_file(path, mono=True)[0], whole.mean(axis=1, dtype=np.float32))
    with open_sound(path) as sound:
        blocks = list(sound.blocks(size=1000))
    assert {len(block) for block in blocks[:-1]} == {1000}
    np.testing.assert_allclose(np.concatenate(blocks), whole, atol=1e-6 if suffix == "mp3" else 0)


@pytest.mark.parametrize("channels", [1, 2, 6])
def test_channels_are_mixed_with_equal_weights(channels):
    block = TONE[:, np.newaxis] * np.arange(1, channels + 1, dtype=np.float32) / np.float32(8)
    np.testing.assert_allclose(mix_channels(block), TONE * (channels + 1) / 16, atol=1e-6)


@pytest.mark.parametrize("channels", [1, 3])
def test_other_decoders_read_what_libsndfile_cannot(tmp_path, channels):
    frames = np.asarray(TONE[:, np.newaxis] / np.arange(1, channels + 1), np.float32)
    path = write_padded_wav(tmp_path / "tone.wav", frames, RATE)
    with open_sound(path) as sound:
        assert (sound.sample_rate, sound.n_channels, sound.n_frames) == (RATE, channels, len(TONE))
        blocks = list(sound.blocks(size=1000))
    assert {len(block) for block in blocks} == {1000}
    np.testing.assert_allclose(np.concatenate(blocks), frames, atol=1e-4)


@pytest.mark.parametrize("chunk", [1, 7, 4096])
def test_data_that_is_cut_within_a_frame_is_put_together(tmp_path, monkeypatch, rng, chunk):
    frames = rng.integers(-(1 << 15), 1 << 15, (500, 3)).astype("<i2")

    class Decoder:
        samplerate, channels, duration = RATE, 3, 500 / RATE

        def read_data(self):
            data = frames.tobytes()
            return (data[i : i + chunk] for i in range(0, len(data), chunk))

        def close(self):
            pass

    monkeypatch.setattr("audioread.audio_open", lambda path: Decoder())
    (tmp_path / "tone.m4a").write_bytes(b"no format of libsndfile")
    np.testing.assert_array_equal(read_sound_file(tmp_path / "tone.m4a")[0], frames / np.float32(1 << 15))
    with open_sound(tmp_path / "tone.m4a") as sound:
        np.testing.assert_array_equal(sound.read(300, 50), frames[300:350] / np.float32(1 << 15))


@pytest.mark.parametrize(
    "write", [lambda path: soundfile.write(path, TONE, RATE), lambda path: write_padded_wav(path, TONE, RATE)]
)
@pytest.mark.parametrize(
    ("first", "count", "found"), [(0, 0, 0), (0, 10, 10), (RATE, 2 * RATE, 2 * RATE), (len(TONE) - 5, 10, 5)]
)
def test_a_part_of_a_file(tmp_path, write, first, count, found):
    write(tmp_path / "tone.wav")
    with open_sound(tmp_path / "tone.wav") as sound:
        part = sound.read(first, count, mono=True)
    assert part.shape == (found,)
    np.testing.assert_allclose(part, TONE[first : first + count], atol=1e-4)


def test_beyond_the_end_there_is_nothing(tmp_path):
    soundfile.write(tmp_path / "tone.wav", TONE, RATE)
    with open_sound(tmp_path / "tone.wav") as sound:
        assert sound.read(len(TONE) + 10, 10).shape == (0, 1)
        assert sound.read(len(TONE), 10, mono=True).shape == (0,)


def test_the_length_is_checked_before_anything_is_decoded(tmp_path, monkeypatch):
    soundfile.write(tmp_path / "tone.wav", TONE, RATE)
    monkeypatch.setattr(soundfile.SoundFile, "read", lambda *args, **kwargs: pytest.fail("it was decoded"))
    with pytest.raises(SourceError, match=r"longer than 0\.25 minutes; cut it"):
        read_sound_file(tmp_path / "tone.wav", limit=LengthLimit(0.25, "cut it"))


def test_a_length_that_a_header_understates_is_checked_while_reading(tmp_path):
    soundfile.write(tmp_path / "tone.wav", TONE, RATE)
    with open_sound(tmp_path / "tone.wav") as sound:
        sound.limit = LengthLimit(0.25, "cut it")
        blocks = sound.blocks(size=15 * RATE)
        assert len(next(blocks)) == 15 * RATE
        with pytest.raises(SourceError, match="longer than"):
            next(blocks)


def write_truncated(path):
    soundfile.write(path, TONE, RATE)
    path.write_bytes(path.read_bytes()[:20000])


def test_a_truncated_file_can_be_read_as_far_as_it_goes(tmp_path):
    write_truncated(tmp_path / "cut.wav")
    samples, _ = read_sound_file(tmp_path / "cut.wav", mono=True, allow_truncated=True)
    np.testing.assert_allclose(samples, TONE[: len(samples)], atol=4e-5)
    assert len(samples) == (20000 - 44) // 2


def test_nan_can_be_read(tmp_path):
    soundfile.write(tmp_path / "nan.wav", np.nan * TONE, RATE, subtype="FLOAT")
    with open_sound(tmp_path / "nan.wav") as sound:
        assert np.isnan(sound.read(allow_nan=True)).all()


def write_damaged_flac(path):
    soundfile.write(path, np.random.default_rng(0).uniform(-0.5, 0.5, 25 * RATE), RATE, format="FLAC")
    path.write_bytes(path.read_bytes()[:200000])


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda path: None, "no such file"),
        pytest.param(
            lambda path: path.mkdir(), "a folder has that name",
            marks=pytest.mark.skipif(sys.platform == "win32", reason="Windows reports another error"),
        ),
        (lambda path: path.write_bytes(b""), "is empty: the file has no bytes"),
        (lambda path: path.write_bytes(b"\0" * 1000), "cannot be read as sound"),
        (lambda path: path.write_bytes(b"RIFF\x10\0\0\0WAVEfmt "), "truncated|cannot be read"),
        (write_truncated, "is truncated: it has 20000 of 400044 bytes"),
        (write_damaged_flac, "is damaged after|is truncated"),
        (lambda path: soundfile.write(path, TONE[:0], RATE), "is empty: it contains no samples"),
        (lambda path: soundfile.write(path, TONE + np.float32(np.inf), RATE, subtype="FLOAT"), "NaN or infinity"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_file_is_reported(tmp_path, make, reason):
    path = tmp_path / "ü ß.wav"
    make(path)
    with pytest.raises(SourceError, match=reason) as caught:
        read_sound_file(path)
    assert caught.value.path == path
