"""Reading tracks, and naming the files made of them."""

import numpy as np
import pytest
import soundfile

from technogan.errors import SourceError
from training.sound_files import make_name, read_track

RATE = 8000
TONE = (0.5 * np.sin(np.arange(25 * RATE) / 5)).astype(np.float32)


@pytest.mark.parametrize("channels", [1, 2, 6])
def test_channels_are_kept_or_mixed(tmp_path, channels):
    path = tmp_path / "tone.wav"
    soundfile.write(path, np.stack([TONE * (i + 1) / 8 for i in range(channels)], axis=1), RATE, subtype="FLOAT")
    assert read_track(path).samples.shape == (len(TONE), channels)
    mixed = read_track(path, mono=True)
    assert mixed.samples.shape == (len(TONE), 1)
    np.testing.assert_allclose(mixed.samples[:, 0], TONE * (channels + 1) / 16, atol=1e-6)
    np.testing.assert_allclose(read_track(path).mono, mixed.samples[:, 0], atol=1e-6)


def write_long_file(path):
    with soundfile.SoundFile(path, "w", 100, 1, subtype="PCM_U8") as file:
        file.write(np.zeros(31 * 60 * 100, np.float32))


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (write_long_file, "longer than 30 minutes"),
        (lambda path: soundfile.write(path, TONE[:0], RATE), "no samples"),
        (lambda path: soundfile.write(path, 0 * TONE, RATE), "silent"),
        (lambda path: soundfile.write(path, 0 * TONE + 0.25, RATE), "silent"),
        (lambda path: soundfile.write(path, TONE + np.float32(np.inf), RATE, subtype="FLOAT"), "NaN or infinity"),
    ],
)
def test_tracks_that_cannot_be_used_are_refused(tmp_path, make, reason):
    path = tmp_path / "ü ß.wav"
    make(path)
    with pytest.raises(SourceError, match=reason) as caught:
        read_track(path)
    assert caught.value.path == path


@pytest.mark.parametrize(
    "text", ["a track", "ü ß 響", "e\u0301tude", "東京\u3000夜", "a\u00a0b", " a", "a.b.", "x" * 20, "AC-DC (live) [1]"]
)
def test_valid_names_are_kept(text):
    assert make_name(text, longest=20) == text


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("AC/DC: live?", "AC_DC_ live_"),
        ("con", "con_"),
        ("a\x07", "a_"),
        ("\udcff", "_"),
        ("", "track"),
        ("響" * 9, "響" * 6),
    ],
)
def test_other_names_are_made_valid(text, name):
    assert make_name(text, longest=20) == name
