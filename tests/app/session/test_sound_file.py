import numpy as np
import pytest
import soundfile

from app.session.sound_file import loop_of_samples, read_sound
from technogan.errors import SourceError
from technogan.seeds.origin import Origin
from technogan.sound.wav import write_wav
from tests.app.fakes import loop_of, seed_of
from tests.signals import write_padded_wav

RATE = 44100


def tone(seconds, rate=RATE):
    return (0.5 * np.sin(2 * np.pi * 220 * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


def test_our_own_files_restore_their_seed(tmp_path):
    loop = loop_of(seed_of(5))
    loop.save(tmp_path / "a.wav")
    back, note = read_sound(tmp_path / "a.wav", 140.0)
    assert (back.origin, back.beats, back.bpm, note) == (loop.origin, 1, 140.0, "")
    np.testing.assert_allclose(back.samples, loop.samples, atol=1e-6)


@pytest.mark.parametrize(("seconds", "beats"), [(0.1, 1), (0.46875, 1), (1.875, 4), (1.9, 4), (7.5, 16)])
def test_the_length_of_other_files_is_rounded_to_whole_beats(tmp_path, seconds, beats):
    soundfile.write(tmp_path / "a.wav", tone(seconds), RATE)
    loop, note = read_sound(tmp_path / "a.wav", 128.0)
    assert loop.beats == beats
    assert loop.duration == pytest.approx(beats * 60 / 128)
    assert bool(note) == (abs(seconds - beats * 0.46875) > 0.001)


def test_the_beats_stated_in_a_file_are_used(tmp_path):
    write_wav(tmp_path / "a.wav", tone(2.0), RATE, bpm=90.0, beats=3)
    assert read_sound(tmp_path / "a.wav", 128.0)[0].beats == 3


@pytest.mark.parametrize("suffix", [".wav", ".aiff", ".flac", ".ogg"])
def test_channels_are_mixed_in_every_format(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    soundfile.write(path, np.stack([tone(0.46875), np.zeros_like(tone(0.46875))], axis=1), RATE)
    assert np.abs(read_sound(path, 128.0)[0].samples).max() == pytest.approx(0.25, abs=0.02)


@pytest.mark.parametrize(
    ("samples", "why"),
    [
        (np.zeros(10_000, np.float32), "is silent"),
        (np.full(10_000, np.nan, np.float32), "NaN"),
        (np.zeros(0, np.float32), "is empty"),
        (np.ones(20, np.float32), "cannot be a loop of 1 beat"),
    ],
)
def test_a_sound_that_cannot_be_a_loop_is_refused(tmp_path, samples, why):
    soundfile.write(tmp_path / "a.wav", samples, RATE, subtype="FLOAT")
    with pytest.raises(SourceError, match=why):
        read_sound(tmp_path / "a.wav", 128.0)


def test_a_whole_track_is_refused(tmp_path):
    soundfile.write(tmp_path / "a.wav", np.ones(301 * 1000, np.float32), 1000)
    with pytest.raises(SourceError, match="longer than 5 minutes; cut a loop"):
        read_sound(tmp_path / "a.wav", 128.0)


@pytest.mark.parametrize("content", [b"", b"RIFF", b"nonsense" * 100, b"RIFF\xff\xff\xff\xffWAVEfmt "])
def test_damaged_files_are_refused(tmp_path, content):
    (tmp_path / "a.wav").write_bytes(content)
    with pytest.raises(SourceError):
        read_sound(tmp_path / "a.wav", 128.0)


def test_a_missing_sound_file_is_reported(tmp_path):
    with pytest.raises(SourceError):
        read_sound(tmp_path / "none.flac", 128.0)


def test_a_magnitude_is_as_long_as_the_loop():
    loop = loop_of_samples(tone(0.5), bpm=120.0, beats=1)
    assert loop.magnitude.shape == (128, 256)
    assert loop.sample_rate == pytest.approx(16384 * 2)


def test_a_file_that_libsndfile_cannot_read_is_read_by_another_decoder(tmp_path):
    path = write_padded_wav(tmp_path / "a.wav", tone(1.0), RATE)
    loop, _ = read_sound(path, 120.0)
    assert loop.beats == 2
    assert np.abs(loop.samples).max() == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("options", [{"format": "RF64"}, {"endian": "BIG"}, {"format": "W64"}, {"format": "AIFF"}])
def test_other_containers_under_the_name_of_a_wav_are_read(tmp_path, options):
    soundfile.write(tmp_path / "a.wav", tone(1.875), RATE, subtype="PCM_16", **({"format": "WAV"} | options))
    loop, note = read_sound(tmp_path / "a.wav", 128.0)
    assert (loop.beats, note) == (4, "")


def test_a_file_behind_an_id3_tag_keeps_its_seed(tmp_path):
    loop_of(seed_of(5)).save(tmp_path / "a.wav")
    (tmp_path / "a.wav").write_bytes(b"ID3\3\0\0\0\0\0\x05hello" + (tmp_path / "a.wav").read_bytes())
    assert read_sound(tmp_path / "a.wav", 128.0)[0].origin == loop_of(seed_of(5)).origin


@pytest.mark.parametrize("keeps_tempo", [False, True])
def test_a_part_of_our_own_file_is_as_long_as_it_is(tmp_path, keeps_tempo):
    origin = Origin("bar", (seed_of(5),), 128.0, 4)
    write_wav(tmp_path / "a.wav", tone(0.9375), RATE, bpm=128.0, beats=4, comment=origin.to_json())
    if not keeps_tempo:
        (tmp_path / "a.wav").write_bytes((tmp_path / "a.wav").read_bytes().replace(b"acid", b"none"))
    loop, _ = read_sound(tmp_path / "a.wav", 128.0)
    assert (loop.beats, loop.origin) == (2, None)


def test_our_own_file_at_another_tempo_is_whole(tmp_path):
    origin = Origin("bar", (seed_of(5),), 128.0, 4)
    write_wav(tmp_path / "a.wav", tone(2.0), RATE, bpm=120.0, beats=4, comment=origin.to_json())
    loop, _ = read_sound(tmp_path / "a.wav", 128.0)
    assert (loop.beats, loop.origin) == (4, origin)
