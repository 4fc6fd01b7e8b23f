import struct
import wave

import numpy as np
import pytest
import soundfile

from technogan.errors import OutputError, SettingError, SourceError
from technogan.sound.wav import read_comment, read_tempo, write_wav
from tests.signals import beat_loop


def _write(path, samples=None, **options):
    samples = beat_loop() if samples is None else samples
    return write_wav(path, samples, 34953, **({"bpm": 128.0, "beats": 1} | options))


def _chunks(path):
    """Read the chunks without the code under test: name -> bytes."""
    data = path.read_bytes()
    assert data[:4] == b"RIFF"
    assert data[8:12] == b"WAVE"
    assert struct.unpack("<I", data[4:8])[0] == len(data) - 8
    found, at = {}, 12
    while at < len(data):
        size = struct.unpack_from("<I", data, at + 4)[0]
        found[data[at : at + 4]] = data[at + 8 : at + 8 + size]
        at += 8 + size + size % 2
    assert at == len(data)
    return found


@pytest.mark.parametrize(("subtype", "tolerance"), [("16", 1 / 32767), ("24", 1 / 8388607), ("float", 0)])
def test_samples_are_read_back(tmp_path, subtype, tolerance):
    assert _write(tmp_path / "a.wav", subtype=subtype) == 0
    samples, rate = soundfile.read(tmp_path / "a.wav", dtype="float64")
    assert rate == 34953
    # libsndfile divides by 2 ** n, writers multiply by 2 ** n - 1.
    assert np.abs(samples - beat_loop()).max() <= 1.6 * tolerance


@pytest.mark.parametrize(("subtype", "width"), [("16", 2), ("24", 3)])
def test_the_standard_library_reads_the_file(tmp_path, subtype, width):
    _write(tmp_path / "a.wav", subtype=subtype)
    with wave.open(str(tmp_path / "a.wav")) as file:
        assert file.getparams()[:4] == (1, width, 34953, 16384)


@pytest.mark.parametrize("n_samples", [16384, 16383])
def test_the_loop_points_span_the_file(tmp_path, n_samples):
    _write(tmp_path / "a.wav", beat_loop()[:n_samples])
    values = struct.unpack("<15I", _chunks(tmp_path / "a.wav")[b"smpl"])
    assert values[2] == round(1e9 / 34953)
    assert values[3] == 60
    assert values[7] == 1
    kind, start, end, fraction, times = values[10:]
    assert (kind, start, end, fraction, times) == (0, 0, n_samples - 1, 0, 0)


def test_beats_and_tempo_are_stored_for_daws(tmp_path):
    _write(tmp_path / "a.wav", bpm=132.5, beats=4)
    flags, root, _, _, beats, denominator, numerator, tempo = struct.unpack(
        "<IHHfIHHf", _chunks(tmp_path / "a.wav")[b"acid"]
    )
    assert flags & 1 == 0  # a loop, not a one-shot
    assert (root, beats, denominator, numerator, tempo) == (60, 4, 4, 4, 132.5)


def test_the_samples_are_where_simple_readers_expect_them(tmp_path):
    _write(tmp_path / "a.wav", subtype="16")
    assert (tmp_path / "a.wav").read_bytes()[36:40] == b"data"


@pytest.mark.parametrize("comment", ["", "x", "even", "ünïcödé ♪", "long " * 1000, "1024 seeds " * 28_000])
def test_the_comment_is_read_back(tmp_path, comment):
    _write(tmp_path / "a.wav", comment=comment)
    assert read_comment(tmp_path / "a.wav") == comment


def test_clipped_samples_are_counted_and_never_wrap(tmp_path):
    samples = np.array([0, 1.5, -1.5, 0.5], np.float32)
    for subtype in ("16", "24"):
        assert _write(tmp_path / "a.wav", samples, subtype=subtype) == 2
        assert np.abs(soundfile.read(tmp_path / "a.wav")[0] - [0, 1, -1, 0.5]).max() < 1e-4
    assert _write(tmp_path / "a.wav", samples, subtype="float") == 0


def test_an_unknown_subtype_is_refused(tmp_path):
    with pytest.raises(SettingError, match=r"'32'.*16, 24, float"):
        _write(tmp_path / "a.wav", subtype="32")
    assert not (tmp_path / "a.wav").exists()


@pytest.mark.parametrize(
    "content",
    [b"", b"RIFF", b"RIFFxxxxAIFF", b"text file", b"\0" * 100],
    ids=["empty", "short", "aiff", "text", "zeros"],
)
def test_other_files_under_the_name_of_a_wav_have_no_comment(tmp_path, content):
    (tmp_path / "a.wav").write_bytes(content)
    assert read_comment(tmp_path / "a.wav") == ""
    assert read_tempo(tmp_path / "a.wav") == (0, 0.0)


def test_a_truncated_file_has_no_comment_or_the_beginning_of_it(tmp_path):
    _write(tmp_path / "a.wav", beat_loop()[:100], comment="where it came from")
    whole = (tmp_path / "a.wav").read_bytes()
    for kept in range(12, len(whole)):
        (tmp_path / "cut.wav").write_bytes(whole[:kept])
        assert "where it came from".startswith(read_comment(tmp_path / "cut.wav"))


def test_a_wav_file_of_another_program_has_no_comment(tmp_path):
    soundfile.write(tmp_path / "a.wav", beat_loop(), 44100)
    assert read_comment(tmp_path / "a.wav") == ""
    with pytest.raises(SourceError, match="no such file"):
        read_comment(tmp_path / "b.wav")


def test_a_folder_that_cannot_be_created_is_reported(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OutputError):
        _write(tmp_path / "file" / "a.wav")


@pytest.mark.parametrize("order", ["<", ">"])
def test_tempo_and_comment_of_either_byte_order_are_read(tmp_path, order):
    info = b"INFOICMT" + struct.pack(order + "I", 6) + b"hello\0"
    acid = struct.pack(order + "IHHfIHHf", 4, 60, 0, 0.0, 8, 4, 4, 133.5)
    data = b"WAVE" + b"".join(
        name + struct.pack(order + "I", len(data)) + data
        for name, data in ((b"data", bytes(10)), (b"acid", acid), (b"LIST", info))
    )
    (tmp_path / "a.wav").write_bytes(
        (b"RIFF" if order == "<" else b"RIFX") + struct.pack(order + "I", len(data)) + data
    )
    assert read_comment(tmp_path / "a.wav") == "hello"
    assert read_tempo(tmp_path / "a.wav") == (8, 133.5)


def test_a_one_shot_has_no_tempo(tmp_path):
    _write(tmp_path / "a.wav", bpm=133.5, beats=2)
    assert read_tempo(tmp_path / "a.wav") == (2, 133.5)
    data = (tmp_path / "a.wav").read_bytes()
    (tmp_path / "a.wav").write_bytes(data.replace(b"acid\x18\0\0\0\4", b"acid\x18\0\0\0\5"))
    assert read_tempo(tmp_path / "a.wav") == (0, 0.0)


def test_a_file_of_many_chunks_is_read_quickly(tmp_path):
    (tmp_path / "a.wav").write_bytes(b"RIFF\0\0\0\0WAVE" + b"junk\0\0\0\0" * 1_000_000)
    assert read_comment(tmp_path / "a.wav") == ""
