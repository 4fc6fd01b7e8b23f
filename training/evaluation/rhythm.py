"""Rhythm in onset envelopes: the share of onsets on the grid, and the similarity of successive beats."""

import numpy as np

from technogan.arrays import FloatArray
from technogan.formats import SpectrogramFormat

_SIXTEENTHS = 4
# An onset on the grid appears from 1/32 of a sixteenth before its position to 3/32 after it.
_EARLY, _WINDOW = 1 / 32, 1 / 8
_EPSILON = 1e-9


def on_grid_share(envelope: FloatArray, spectrogram_format: SpectrogramFormat) -> float:
    """Return the mean share of onset energy on the sixteenth grid, 0..1; 0.125 if onsets are spread evenly.

    envelope: float32 (n, n_frames), >= 0.
    """
    sixteenth = spectrogram_format.n_frames / (_SIXTEENTHS * spectrogram_format.beats)
    phase = (np.arange(spectrogram_format.n_frames) / sixteenth + _EARLY) % 1
    share = envelope[:, phase < _WINDOW].sum(axis=1) / (envelope.sum(axis=1) + _EPSILON)
    return float(share.mean())


def beat_autocorrelation(envelope: FloatArray, spectrogram_format: SpectrogramFormat) -> float | None:
    """Return the mean circular autocorrelation of onsets at one beat, -1..1; None for loops of one beat.

    envelope: float32 (n, n_frames).
    """
    if spectrogram_format.beats < 2:
        return None
    centred = envelope - envelope.mean(axis=1, keepdims=True)
    lag = round(spectrogram_format.n_frames / spectrogram_format.beats)
    correlation = (centred * np.roll(centred, lag, axis=1)).sum(axis=1)
    return float((correlation / (np.square(centred).sum(axis=1) + _EPSILON)).mean())
