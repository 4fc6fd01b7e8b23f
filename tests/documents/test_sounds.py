"""Tests of the sounds of the documents."""

import numpy as np
import pytest
import soundfile

from scripts.docs.sounds import FOLDER

# Keeps the page small on slow connections.
MOST_BYTES = 300_000


@pytest.mark.parametrize(("name", "seconds"), [("loop", 4 * 1.875), ("morph", 10 * 1.875), ("walk", 24 * 0.46875)])
def test_sound_is_as_long_as_its_loops(name, seconds):
    path = FOLDER / f"{name}.mp3"
    samples, rate = soundfile.read(path, dtype="float32")
    # MP3 adds part of a frame at both ends.
    assert len(samples) / rate == pytest.approx(seconds, abs=0.1)
    assert 0.3 < np.abs(samples).max() <= 1.1
    assert path.stat().st_size < MOST_BYTES
