"""The last stage of the mix: a limiter that keeps true peaks below a ceiling."""

import numpy as np

from technogan.arrays import FloatArray

# Above the loops' own ceiling of -1 dBFS, so that a single loop passes untouched.
CEILING_DB = -0.5
_LOOK_AHEAD_S = 0.0015
_RELEASE_S = 0.08
# A reduction below 0.0001 dB counts as none: the gain is exactly one again and sound passes bit for bit.
_NEGLIGIBLE = 1e-5
_OVERSAMPLING = 4
_TAPS = 12


class Limiter:
    """A look-ahead limiter on true peaks (4 times oversampled), for one channel in blocks of any length.

    It delays the sound by `delay` frames. Sound below the ceiling passes bit for bit. Only the audio thread may call
    it.
    """

    def __init__(self, sample_rate: int) -> None:
        self._ceiling = np.float32(10 ** (CEILING_DB / 20))
        self._reach = max(round(_LOOK_AHEAD_S * sample_rate), 2)
        self.delay = self._reach - 1 + _TAPS // 2
        window = np.hanning(self._reach + 2)[1:-1]
        self._kernel = (window / window.sum()).astype(np.float32)
        self._decay = np.exp(-1 / (_RELEASE_S * sample_rate))
        # The ends of the previous blocks, for filters that span two blocks.
        self._signal = np.zeros(self.delay, np.float32)
        self._interpolated = np.zeros(_TAPS - 1, np.float32)
        self._envelope = np.zeros(self._reach - 1, np.float32)
        self._needed = np.zeros(self._reach, np.float32)
        self._held = np.zeros(self._reach - 1, np.float32)

    def process(self, block: FloatArray) -> tuple[FloatArray, float, float]:
        """Limit the next frames: float32 (n_frames,), finite.

        Returns the limited frames, their true peak (linear) and the largest reduction among them (0..1).
        """
        n = len(block)
        signal, self._signal = _extend(self._signal, block)
        envelope, self._envelope = _extend(self._envelope, self._true_peaks(block))
        reduction = self._compute_reduction(envelope[-n:])
        out, peaks = signal[:n], envelope[:n]
        if reduction is None:
            return out, float(peaks.max()), 0.0
        gain = 1 - reduction
        return out * gain, float((peaks * gain).max()), float(reduction.max())

    def _true_peaks(self, block: FloatArray) -> FloatArray:
        """Return the highest level at each sample and three points after it, _TAPS // 2 frames late. (n_frames,)."""
        signal, self._interpolated = _extend(self._interpolated, block)
        # Row k is the signal k frames later. Creating it with sliding_window_view takes longer than using it.
        shifted = np.ndarray((_TAPS, len(block)), np.float32, signal, strides=(signal.itemsize, signal.itemsize))
        between = _INTERPOLATORS @ shifted
        peaks: FloatArray = np.abs(shifted[_TAPS // 2 - 1])
        for points in between:
            np.maximum(peaks, np.abs(points), out=peaks)
        return peaks

    def _compute_reduction(self, envelope: FloatArray) -> FloatArray | None:
        """Return the gain reduction of each frame of the output, 0..1; None if there is none.

        The reduction is held for the look-ahead, released exponentially and smoothed over the look-ahead. So it is
        complete when its peak arrives, and it never jumps.
        """
        wanted = np.asarray(1 - self._ceiling / np.maximum(envelope, self._ceiling), np.float32)
        needed, self._needed = _extend(self._needed, wanted)
        if not (needed.any() or self._held.any()):
            return None
        held, self._held = _extend(self._held, self._release(_sliding_maximum(needed, self._reach + 1)))
        return np.asarray(np.convolve(held, self._kernel, "valid"), np.float32)

    def _release(self, peaks: FloatArray) -> FloatArray:
        """Return y[i] = max(x[i], y[i - 1] * decay), computed for the whole block at once."""
        decay = self._decay ** np.arange(1, len(peaks) + 1)
        risen = np.maximum.accumulate(np.maximum(peaks / decay, self._held[-1]))
        held = np.asarray(risen * decay, np.float32)
        held[held < _NEGLIGIBLE] = 0
        return held


def _extend(tail: FloatArray, block: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the block with the previous tail in front of it, and the new tail of the same length."""
    joined = np.concatenate([tail, block])
    return joined, joined[len(joined) - len(tail) :]


def _sliding_maximum(values: FloatArray, width: int) -> FloatArray:
    """Return the maximum of each `width` neighbouring values: (n,) -> (n - width + 1,)."""
    span = 1
    while span < width:
        shift = min(span, width - span)
        values = np.maximum(values[shift:], values[:-shift])
        span += shift
    return values


def _make_interpolators() -> FloatArray:
    """Return filters for the points a quarter, a half and three quarters after the middle sample. (3, _TAPS)."""
    points = np.arange(1, _OVERSAMPLING) / _OVERSAMPLING
    distance = points[:, np.newaxis] - (np.arange(_TAPS) - (_TAPS // 2 - 1))
    filters = np.sinc(distance) * np.cos(np.pi * distance / _TAPS) ** 2
    return np.asarray(filters / filters.sum(axis=1, keepdims=True), np.float32)


_INTERPOLATORS = _make_interpolators()
