"""Find the first downbeat of a track.

Each of the sixteen sixteenths of a bar is a candidate. Its score is a weighted sum of the evidence: bass drums and
claps are on beats, hi-hats half-way between them; the first beat of a bar has the most bass; layers change at bar
lines; and files, and the music in them, tend to begin on a downbeat.
"""

from dataclasses import dataclass

import numpy as np

from technogan.arrays import FloatArray
from training.tempo.beat_map import BeatMap, Times
from training.tempo.onsets import Onsets

_SIXTEENTHS = 16
_BINS = 64
_BAR = _SIXTEENTHS * _BINS
# Bins around a sixteenth in which its onsets are; swing delays them.
_EARLIEST, _LATEST = -6, 12
# A multinomial logistic regression on 40 recordings with the downbeats of a neural tracker and 40 tracks of the corpus.
# Weights of the strength on a beat and on the three sixteenths after it, in standard deviations.
_BASS = (0.20, -0.02, 0.05, -0.23)
_STROKES = (0.57, -0.49, -0.19, 0.11)
_HATS = (0.36, -0.54, 0.14, 0.04)
# Weights of the bass on a beat against the other beats of the bar, and of the change of levels at a bar line, in
# standard deviations; and of the change of onsets from bar to bar, whose unit is a factor e.
_DOWNBEAT_BASS, _LEVEL_CHANGE, _ONSET_CHANGE = 0.89, 0.37, 13.6
# Weights of the first sound on a downbeat and on any beat, and of the start of the file on a downbeat.
_SOUND_ON_BAR, _SOUND_ON_BEAT, _FILE_ON_BAR = 0.69, 2.09, 0.36
# Beats within which a sound or a file starts on a beat.
_START_REACH = 0.06
# The first sound is this share of the loudest.
_SILENCE = 0.02
# A sixteenth below this share of the mean is silence before the music starts.
_QUIET = 0.1


@dataclass(frozen=True, slots=True)
class Downbeat:
    """The first downbeat of a track. beat: its number in a beat map. confidence: its probability, 0..1."""

    beat: float
    confidence: float


def find_downbeat(onsets: Onsets, beat_map: BeatMap) -> Downbeat:
    """Return the first downbeat, among the first four beats of the track."""
    start = float(np.ceil(beat_map.beats_at(onsets.times[:1])[0]))
    profile = _BarProfile(onsets, beat_map, start)
    late = round(profile.find_busiest(0, _BINS))
    scores = profile.score_beats(late) + profile.score_bars(late) + profile.score_starts(late)
    best = int(np.argmax(scores))
    probabilities = np.exp(scores - scores[best])
    # Swing delays every other sixteenth, so the exact place is measured on the beats alone.
    place = profile.find_busiest(late + best * _BINS - _BINS // 3, 2 * _BINS // 3, 4 * _BINS)
    return Downbeat(start + (place % _BAR) / (_BAR // 4), float(1 / probabilities.sum()))


class _BarProfile:
    """The onset strength along a beat map with _BINS bins per sixteenth, and its mean bar."""

    def __init__(self, onsets: Onsets, beat_map: BeatMap, start: float) -> None:
        bars = max(int((beat_map.beats_at(onsets.times[-1:])[0] - start) / 4), 1)
        places = start + np.arange(bars * _BAR) / (_BAR // 4)
        self._times = np.asarray(beat_map.times_at(places))
        self._known = onsets.times
        loudness = onsets.levels.sum(axis=1)
        first_sound = onsets.times[np.argmax(loudness > _SILENCE * loudness.max())]
        # Where the sound and the file start, in beats.
        self._starts = beat_map.beats_at(np.array([first_sound, 0.0])) - start
        log_flux, flux = onsets.log_flux(), onsets.flux()
        self._levels = self._sample(onsets.levels)
        self._bands = self._sample(log_flux)
        self._total = self._bands.sum(axis=1).reshape(-1, _BAR).mean(axis=0)
        self._bass = self._bar(flux[:, :2])
        self._strokes = self._bar(flux[:, 2:6])
        self._hats = self._bar(log_flux[:, 6:])

    def _sample(self, bands: FloatArray) -> FloatArray:
        columns = [np.interp(self._times, self._known, band, left=0, right=0) for band in bands.T]
        return np.stack(columns, axis=1).astype(np.float32)

    def _bar(self, bands: FloatArray) -> FloatArray:
        """Return the mean bar: float32 (_BAR,)."""
        strength = self._sample(bands.sum(axis=1, keepdims=True))
        return np.asarray(strength.reshape(-1, _BAR).mean(axis=0), np.float32)

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
            strength = _standardise(self._fold(bar, offset).reshape(4, 4).mean(axis=0))
            score += np.tile([np.roll(strength, -i) @ weights for i in range(4)], 4)
        return score

    def _fold(self, bar: FloatArray, offset: int) -> Times:
        """Return the strength of each sixteenth of a mean bar: float64 (16,)."""
        around = np.arange(_EARLIEST, _LATEST + 1)
        places = offset + np.arange(_SIXTEENTHS)[:, np.newaxis] * _BINS + around
        return np.asarray(bar[places % _BAR].max(axis=1), np.float64)

    def score_bars(self, offset: int) -> Times:
        """Score each sixteenth from bin `offset` on as the start of a bar: float64 (16,)."""
        bass = self._fold(self._bass, offset).reshape(4, 4)
        score = _DOWNBEAT_BASS * ((bass - bass.mean(axis=0)) / (bass.std() + 1e-9)).ravel()
        # A quarter of a sixteenth early, so that each onset is within its own sixteenth.
        onsets = self._sixteenths(self._bands, offset - _BINS // 4)
        if len(onsets) >= 3 * _SIXTEENTHS:
            score += _ONSET_CHANGE * _score_onset_changes(onsets)
            score += _LEVEL_CHANGE * _score_level_changes(self._sixteenths(self._levels, offset))
        return np.asarray(score)

    def _sixteenths(self, bands: FloatArray, offset: int) -> FloatArray:
        """Return the mean of each sixteenth from bin `offset` on, of the first bar on: float32 (n, n_bands)."""
        first = offset % _BAR
        n = (len(bands) - first) // _BINS
        sixteenths = bands[first : first + n * _BINS].reshape(n, _BINS, -1).mean(axis=1)
        return np.asarray(sixteenths, np.float32)

    def score_starts(self, offset: int) -> Times:
        """Score each sixteenth from bin `offset` on by where the sound and the file start: float64 (16,)."""
        places = (offset / _BINS + np.arange(_SIXTEENTHS)) / 4
        sound, file = (places - start for start in self._starts)
        on_bar = _SOUND_ON_BAR * _nearness(sound, 4) + _FILE_ON_BAR * _nearness(file, 4)
        return np.asarray(on_bar + _SOUND_ON_BEAT * _nearness(sound, 1))


def _score_onset_changes(sixteenths: FloatArray) -> Times:
    """Score each sixteenth as the start of a bar by how much bars differ: float64 (16,), logarithmic."""
    loud = sixteenths.sum(axis=1)
    begin = int(np.argmax(loud > _QUIET * loud.mean()))
    changes = np.abs(sixteenths[_SIXTEENTHS:] - sixteenths[:-_SIXTEENTHS]).sum(axis=1)
    changes[:begin] = 0
    score = _mean_by_place(np.square(np.convolve(changes, np.ones(_SIXTEENTHS), "valid")))
    return np.asarray(np.log(score / (score.mean() + 1e-12) + 1e-6))


def _score_level_changes(sixteenths: FloatArray) -> Times:
    """Score each sixteenth by the change from the bar before it to the bar after it: float64 (16,), standardised."""
    levels = np.log1p(4 * sixteenths / (sixteenths.mean(axis=0) + 1e-9))
    sums = np.concatenate([np.zeros((1, levels.shape[1])), np.cumsum(levels, axis=0, dtype=np.float64)])
    bars = (sums[_SIXTEENTHS:] - sums[:-_SIXTEENTHS]) / _SIXTEENTHS
    changes = np.square(np.abs(bars[_SIXTEENTHS:] - bars[:-_SIXTEENTHS]).sum(axis=1))
    return _standardise(_mean_by_place(changes))


def _mean_by_place(values: Times) -> Times:
    """Return the mean for each sixteenth of a bar; the first value is at the first: float64 (16,)."""
    which = np.arange(len(values)) % _SIXTEENTHS
    counts = np.bincount(which, minlength=_SIXTEENTHS)
    return np.asarray(np.bincount(which, values, _SIXTEENTHS) / np.maximum(counts, 1))


def _standardise(values: Times) -> Times:
    return np.asarray((values - values.mean()) / (values.std() + 1e-9))


def _nearness(beats: Times, period: float) -> Times:
    """Return 1 at multiples of a period, in beats, and less around them: float64, 0..1."""
    distance = np.abs(beats - period * np.round(beats / period))
    return np.asarray(np.exp(-0.5 * np.square(distance / _START_REACH)))
