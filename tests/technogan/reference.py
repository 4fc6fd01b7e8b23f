"""Slow, plain reference implementations that the fast ones must match."""

import heapq
import math

import numpy as np


def stft(samples: np.ndarray, n_fft: int, hop_length: int) -> np.ndarray:
    """Compute the circular STFT by its definition in double precision: complex128 (n_frames, n_fft // 2 + 1)."""
    n = len(samples)
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n_fft) / n_fft)
    around = np.arange(-(n_fft // 2), n_fft // 2)
    frames = [samples.astype(float)[(t * hop_length + around) % n] * window for t in range(n // hop_length)]
    return np.fft.rfft(frames, axis=1)


def inverse_stft(coefficients: np.ndarray, n_fft: int, hop_length: int) -> np.ndarray:
    """Compute the least-squares inverse of `stft`: overlap-add modulo the length, divided by the squared windows."""
    n = len(coefficients) * hop_length
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n_fft) / n_fft)
    around = np.arange(-(n_fft // 2), n_fft // 2)
    total, weight = np.zeros(n), np.zeros(n)
    for t, frame in enumerate(np.fft.irfft(coefficients, n_fft, axis=1)):
        at = (t * hop_length + around) % n
        np.add.at(total, at, frame * window)
        np.add.at(weight, at, window**2)
    return total / weight


def constant_q(samples: np.ndarray, centres: np.ndarray, reaches: np.ndarray, n_frames: int) -> np.ndarray:
    """Compute the band transform by its definition in double precision: complex128 (n_frames, n_bins).

    Centres and reaches are in cycles per sample.
    """
    spectrum = np.fft.fft(samples.astype(float)) / len(samples)
    frames = np.arange(n_frames) * (len(samples) // n_frames)
    bands = [_band(len(samples), centre, reach) for centre, reach in zip(centres, reaches, strict=True)]
    return np.stack(
        [
            256 * np.exp(2j * np.pi * np.outer(frames, at) / len(samples)) @ (window * spectrum[at % len(samples)])
            for at, window in bands
        ],
        axis=1,
    )


def inverse_constant_q(coefficients: np.ndarray, n: int, centres: np.ndarray, reaches: np.ndarray) -> np.ndarray:
    """Compute the least-squares inverse of `constant_q` with the normal equations of the whole spectrum."""
    n_frames = len(coefficients)
    frames = np.arange(n_frames) * (n // n_frames)
    # The bands and their mirror images, whose coefficients are conjugate.
    total, weight = np.zeros(n, complex), np.zeros(n)
    for band, centre, reach in zip(coefficients.T, centres, reaches, strict=True):
        at, window = _band(n, centre, reach)
        part = window * (np.exp(-2j * np.pi * np.outer(at, frames) / n) @ band) / n_frames / 256
        for bins, values in ((at, part), (-at, part.conj())):
            np.add.at(total, bins % n, values)
            np.add.at(weight, bins % n, window**2)
    return np.fft.ifft(total / weight * n).real


def _band(n: int, centre: float, reach: float) -> tuple[np.ndarray, np.ndarray]:
    at = np.arange(math.ceil((centre - reach) * n), math.floor((centre + reach) * n) + 1)
    return at, 0.5 + 0.5 * np.cos(np.pi * np.clip((at / n - centre) / reach, -1, 1))


def griffin_lim(
    magnitude: np.ndarray, first: np.ndarray, iterations: int, n_fft: int, hop_length: int, momentum: float = 0.99
) -> np.ndarray:
    """Iterate fast Griffin-Lim on coefficients, as in Perraudin, Balazs, Søndergaard 2013. Returns samples."""
    consistent = first
    ahead = first
    for _ in range(iterations):
        wanted = magnitude * np.exp(1j * np.angle(ahead))
        following = stft(inverse_stft(wanted, n_fft, hop_length), n_fft, hop_length)
        ahead = following + momentum * (following - consistent)
        consistent = following
    return inverse_stft(consistent, n_fft, hop_length)


def reflections(
    magnitude: np.ndarray, first: np.ndarray, iterations: int, n_fft: int, hop_length: int, relaxation: float = 0.8
) -> np.ndarray:
    """Iterate relaxed averaged alternating reflections (Luke 2005), then project once. Returns samples."""
    x = first
    for i in range(iterations + 1):
        wanted = magnitude * np.exp(1j * np.angle(x))
        if i == iterations:
            return inverse_stft(wanted, n_fft, hop_length)
        projected = stft(inverse_stft(2 * wanted - x, n_fft, hop_length), n_fft, hop_length)
        x = relaxation * (projected + x) + (1 - 2 * relaxation) * wanted
    raise AssertionError


def heap_integration(magnitude: np.ndarray, time_steps: np.ndarray, frequency_steps: np.ndarray) -> np.ndarray:
    """Integrate phases with the heap of Průša, Balazs, Søndergaard 2017, circular in time, in turns."""
    n_frames, n_bins = magnitude.shape
    phase = np.zeros(magnitude.shape)
    done = np.zeros(magnitude.shape, bool)
    start = np.unravel_index(np.argmax(magnitude), magnitude.shape)
    done[start] = True
    heap = [(-magnitude[start], int(start[0]), int(start[1]))]
    while heap:
        _, t, k = heapq.heappop(heap)
        for u, m, rise in (
            ((t + 1) % n_frames, k, time_steps[t, k]),
            ((t - 1) % n_frames, k, -time_steps[t - 1, k]),
            (t, k + 1, frequency_steps[t, k]),
            (t, k - 1, -frequency_steps[t, k - 1]),
        ):
            if 0 <= m < n_bins and not done[u, m]:
                done[u, m] = True
                phase[u, m] = phase[t, k] + rise
                heapq.heappush(heap, (-magnitude[u, m], u, m))
    return phase
