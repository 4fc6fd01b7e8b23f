"""Find the first downbeat of a track.

Each sixteenth of a bar gets two scores. The first is high if it is a beat: bass drums and claps are on it, hi-hats
half-way to the next. The second is high if bars start there: layers enter and leave at bar lines, so the differences
between successive bars are concentrated in few of them.
"""

import numpy as np

from technogan.arrays import FloatArray
from training.tempo.beat_map import BeatMap, Times
from training.tempo.onsets import Onsets

_SIXTEENTHS = 16
_BINS = 64
_BAR = _SIXTEENTHS * _BINS
# Bins around a sixteenth in which its onsets are; swing delays them.
_EARLIEST, _LATEST = -6, 12
# Weights of the strength on a beat and on the three sixteenths after it, fitted to three hundred bars of the corpus.
_BASS = (0.3, 0.0, 0.0, -0.3)
_STROKES = (0.7, -0.6, 0.0, -0.1)
_HATS = (0.0, -0.3, 0.6, -0.3)
# Weight of the second score, whose unit is a factor e, against the first, in standard deviations.
_OF_CHANGE = 15.0
# A sixteenth below this share of the mean is silence before the music starts.
_SILENCE = 0.1


def find_first_beat(onsets: Onsets, beat_map: BeatMap) -> float:
    """Return the number of the first downbeat in the beat map, among the first four beats of the track."""
    start = np.ceil(beat_map.beats_at(onsets.times[:1])[0])
    rows = _BarProfile(onsets, beat_map, float(start))
    late = round(rows.find_busiest(0, _BINS))
    best = int(np.argmax(rows.score_beats(late) + _OF_CHANGE * rows.score_bars(late)))
    # Swing delays every other sixteenth, so the exact place is measured on the beats alone.
    place = rows.find_busiest(late + best * _BINS - _BINS // 3, 2 * _BINS // 3, 4 * _BINS)
    return float(start) + (place % _BAR) / (_BAR // 4)


class _BarProfile:
    """The onset strength along a beat map with _BINS bins per sixteenth, and its mean bar."""

    def __init__(self, onsets: Onsets, beat_map: BeatMap, start: float) -> None:
        bars = max(int((beat_map.beats_at(onsets.times[-1:])[0] - start) / 4), 1)
        places = start + np.arange(bars * _BAR) / (_BAR // 4)
        self._times = np.asarray(beat_map.times_at(places))
        self._known = onsets.times
        log_flux, flux = onsets.log_flux(), onsets.flux()
        self._bands = np.stack([self._sample(band) for band in log_flux.T], axis=1)
        self._total = self._bands.sum(axis=1).reshape(-1, _BAR).mean(axis=0)
        self._bass = self._bar(flux[:, :2])
        self._strokes = self._bar(flux[:, 2:6])
        self._hats = self._bar(log_flux[:, 6:])

    def _sample(self, strength: FloatArray) -> FloatArray:
        return np.interp(self._times, self._known, strength, left=0, right=0).astype(np.float32)

    def _bar(self, bands: FloatArray) -> FloatArray:
        """Return the mean bar: float32 (_BAR,)."""
        return np.asarray(self._sample(bands.sum(axis=1)).reshape(-1, _BAR).mean(axis=0), np.float32)

    def find_busiest(self, first: int, width: int, period: int = _BINS) -> float:
        """Return the bin, with a fraction, of the highest mean strength at a period, from bin `first` on."""
        usual = self._total.reshape(-1, period).sum(axis=0)
        window = np.hanning(9)
        smooth = np.convolve(np.tile(usual, 3), window / window.sum(), "same")
        near = smooth[period + (first + np.arange(-1, width + 1)) % period]
        top = 1 + int(np.argmax(near[1:-1]))
        left, peak, right = near[top - 1 : top + 2]
        bend = left - 2 * peak + right
        return first + top - 1 + (0.5 * (left - right) / bend if bend < 0 else 0.0)

    def score_beats(self, offset: int) -> Times:
        """Score each sixteenth from bin `offset` on as a beat: float64 (16,)."""
        score = np.zeros(_SIXTEENTHS)
        for bar, weights in ((self._bass, _BASS), (self._strokes, _STROKES), (self._hats, _HATS)):
            strength = self._fold_to_sixteenths(bar, offset)
            for i in range(_SIXTEENTHS):
                score[i] += np.roll(strength, -i) @ np.tile(weights, 4) / 4
        return score

    def _fold_to_sixteenths(self, bar: FloatArray, offset: int) -> FloatArray:
        around = np.arange(_EARLIEST, _LATEST + 1)
        places = offset + np.arange(_SIXTEENTHS)[:, np.newaxis] * _BINS + around
        strength = bar[places % _BAR].max(axis=1)
        return np.asarray((strength - strength.mean()) / (strength.std() + 1e-9))

    def score_bars(self, offset: int) -> Times:
        """Score each sixteenth as the start of a bar: float64 (16,), logarithmic."""
        # A quarter of a sixteenth early, so that each onset is within its own sixteenth.
        first = offset + _BINS - _BINS // 4
        n = (len(self._bands) - first) // _BINS
        sixteenths = self._bands[first : first + n * _BINS].reshape(n, _BINS, -1).mean(axis=1)
        loud = sixteenths.sum(axis=1)
        begin = int(np.argmax(loud > _SILENCE * loud.mean()))
        changes = np.abs(sixteenths[_SIXTEENTHS:] - sixteenths[:-_SIXTEENTHS]).sum(axis=1)
        changes[:begin] = 0
        if len(changes) < 2 * _SIXTEENTHS:
            return np.zeros(_SIXTEENTHS)
        by_bar = np.square(np.convolve(changes, np.ones(_SIXTEENTHS), "valid"))
        which = (np.arange(len(by_bar)) + 1) % _SIXTEENTHS
        score = np.bincount(which, by_bar, _SIXTEENTHS) / np.bincount(which, minlength=_SIXTEENTHS)
        return np.asarray(np.log(score / (score.mean() + 1e-12) + 1e-6))
