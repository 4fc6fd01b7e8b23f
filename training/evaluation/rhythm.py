"""Rhythm in onset envelopes: how much falls on the grid, and how alike one beat is to the next."""

from __future__ import annotations

import numpy as np

from technogan.arrays import FloatArray
from technogan.formats import SpectrogramFormat

_SIXTEENTHS = 4
# An onset shows from 1/32 of a sixteenth before its place to 3/32 after it: 4 frames of 32, an eighth of all.
_EARLY, _WINDOW = 1 / 32, 1 / 8
_NOTHING = 1e-9


def on_grid(envelope: FloatArray, spectrogram_format: SpectrogramFormat) -> float:
    """The share of onset energy that falls on a sixteenth, 0..1, mean over loops; .125 where there is no grid.

    envelope: float32 (n, n_frames), >= 0.
    """
    sixteenth = spectrogram_format.n_frames / (_SIXTEENTHS * spectrogram_format.beats)
    phase = (np.arange(spectrogram_format.n_frames) / sixteenth + _EARLY) % 1
    share = envelope[:, phase < _WINDOW].sum(axis=1) / (envelope.sum(axis=1) + _NOTHING)
    return float(share.mean())


def beat_autocorrelation(envelope: FloatArray, spectrogram_format: SpectrogramFormat) -> float | None:
    """The circular autocorrelation of onsets at one beat, -1..1, mean over loops; None for loops of a single beat.

    envelope: float32 (n, n_frames).
    """
    if spectrogram_format.beats < 2:
        return None
    moving = envelope - envelope.mean(axis=1, keepdims=True)
    lag = round(spectrogram_format.n_frames / spectrogram_format.beats)
    together = (moving * np.roll(moving, lag, axis=1)).sum(axis=1)
    return float((together / (np.square(moving).sum(axis=1) + _NOTHING)).mean())
