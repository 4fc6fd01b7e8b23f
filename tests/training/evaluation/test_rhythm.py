"""Rhythm in onset envelopes."""

import numpy as np
import pytest

from technogan.formats import FORMATS
from training.evaluation.rhythm import beat_autocorrelation, on_grid_share


@pytest.mark.parametrize(("frames", "share"), [(range(0, 512, 32), 1), (range(14, 512, 32), 0), (range(512), 0.125)])
def test_share_of_onsets_on_the_grid(frames, share):
    envelope = np.zeros((1, 512), np.float32)
    envelope[:, list(frames)] = 1
    assert on_grid_share(envelope, FORMATS["bar-256"]) == pytest.approx(share)


@pytest.mark.parametrize(
    ("name", "beats", "expected"), [("bar", 4, 1), ("bar", 2, 0), ("half", 2, 1), ("beat", 1, None)]
)
def test_autocorrelation_at_one_beat(name, beats, expected):
    spectrogram_format = FORMATS[name]
    envelope = np.zeros((2, spectrogram_format.n_frames), np.float32)
    envelope[:, :: spectrogram_format.n_frames // beats] = 1
    found = beat_autocorrelation(envelope, spectrogram_format)
    assert found == (None if expected is None else pytest.approx(expected, abs=0.01))
