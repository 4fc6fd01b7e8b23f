"""The sounds of the documents can be listened to."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile

from scripts.docs.sounds import FOLDER

# Below this a page with three of them opens at once on a train.
MOST_BYTES = 300_000


@pytest.mark.parametrize(("name", "seconds"), [("loop", 4 * 1.875), ("morph", 10 * 1.875), ("walk", 24 * 0.46875)])
def test_a_sound_lasts_as_long_as_its_loops(name, seconds):
    path = FOLDER / f"{name}.mp3"
    samples, rate = soundfile.read(path, dtype="float32")
    # The format adds part of a frame at either end.
    assert len(samples) / rate == pytest.approx(seconds, abs=0.1)
    assert 0.3 < np.abs(samples).max() <= 1.1
    assert path.stat().st_size < MOST_BYTES
