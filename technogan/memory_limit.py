"""Refuse loops and sequences that do not fit into memory: the system would kill the process."""

import contextlib
import math
import os
import sys
from pathlib import Path

from technogan.errors import SettingError
from technogan.formats import SpectrogramFormat

# Measured: the phases of 128 bars, 8.4 million samples, take 0.72 GB.
_BYTES_PER_SAMPLE = 100
# The image of a network and its magnitude, for each stem.
_BYTES_PER_PIXEL = 8
_SHARE = 0.8


def loop_bytes(spectrogram_format: SpectrogramFormat, n_stems: int = 1) -> int:
    """Return about how much memory it takes to render a loop."""
    pixels = spectrogram_format.n_bins * spectrogram_format.n_frames * n_stems
    return spectrogram_format.n_samples * _BYTES_PER_SAMPLE + pixels * _BYTES_PER_PIXEL


def count_fitting(n_bytes: int) -> float:
    """Return how many parts of this size fit into the free memory; infinity if that is unknown."""
    available = available_bytes()
    return math.inf if available is None else _SHARE * available // n_bytes


def check_fits(steps: int, spectrogram_format: SpectrogramFormat, n_stems: int = 1) -> None:
    """Raise SettingError if there is not enough memory for a sequence of `steps` loops."""
    step_bytes = loop_bytes(spectrogram_format, n_stems)
    most = count_fitting(step_bytes)
    if steps > most:
        raise SettingError(
            "steps", steps, f"{most:.0f} or less, since a step needs {step_bytes / 1e6:.0f} MB of memory"
        )


def available_bytes() -> int | None:
    """Return the free memory; None if it is unknown (Windows refuses allocations instead of killing processes)."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
                if line.startswith("MemAvailable:"):
                    return int(line.split()[1]) << 10
    if sys.platform == "darwin":
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
    return None
