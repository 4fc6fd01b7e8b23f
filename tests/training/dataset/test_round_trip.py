"""A sound is converted to an image and back."""

import json

import numpy as np
import pytest
import soundfile
from PIL import Image

from technogan.errors import SourceError
from technogan.formats import FORMATS
from tests.signals import beat_loop
from training.dataset.round_trip import audition_sound


@pytest.fixture
def bar(tmp_path):
    path = tmp_path / "bar.wav"
    soundfile.write(path, beat_loop(4), 34953, subtype="FLOAT")
    return path


@pytest.mark.parametrize("name", ["bar", "beat", "half-cq"])
def test_the_reconstruction_is_close_to_the_original(bar, tmp_path, name):
    result = audition_sound(bar, FORMATS[name], tmp_path / "out", beats=4)
    assert result.convergence < -15
    assert result.from_original < -15
    original, rate = soundfile.read(result.original)
    again, _ = soundfile.read(result.reconstruction)
    assert len(original) == len(again) == 4 * 16384
    assert rate == pytest.approx(FORMATS[name].sample_rate(128), abs=1)
    assert result.to_dict() == json.loads(json.dumps(result.to_dict()))


def test_one_picture_shows_both_images(bar, tmp_path):
    with Image.open(audition_sound(bar, FORMATS["bar"], tmp_path / "out").picture) as picture:
        pixels = np.asarray(picture.convert("L"))
    assert pixels.shape[1] == 512
    rows = FORMATS["bar"].n_bins
    upper, lower = pixels[26 : 26 + rows], pixels[-rows:]
    # The bass is at the bottom, and the two images are alike.
    assert upper[-20:].mean() > 2 * upper[:20].mean()
    assert np.abs(upper.astype(int) - lower).mean() < 12


def test_silence_can_be_auditioned(tmp_path):
    soundfile.write(tmp_path / "silence.wav", np.zeros(16384), 34953)
    result = audition_sound(tmp_path / "silence.wav", FORMATS["beat"], tmp_path)
    assert result.figures["silent_images"] == 1
    assert result.convergence == 0


def test_a_missing_file_is_reported(tmp_path):
    with pytest.raises(SourceError, match="nowhere"):
        audition_sound(tmp_path / "nowhere.wav", FORMATS["beat"], tmp_path)


def test_the_audition_of_another_sound_is_kept(tmp_path):
    written = []
    for album, beats in (("one", 4), ("two", 2), ("one", 4)):
        (tmp_path / album).mkdir(exist_ok=True)
        soundfile.write(tmp_path / album / f"{'x' * 200}.wav", beat_loop(beats), 34953)
        result = audition_sound(tmp_path / album / f"{'x' * 200}.wav", FORMATS["beat"], tmp_path / "out", beats=beats)
        written.append(result.original)
    assert written[0] == written[2] != written[1]
    assert len(list((tmp_path / "out").iterdir())) == 6
