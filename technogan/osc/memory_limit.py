"""Whether a long sequence fits into this machine: a system that has no memory left ends whoever asks for too much."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

from technogan.errors import SettingError
from technogan.formats import SpectrogramFormat

# Measured: a sequence of 128 bars, 8.4 million samples, takes 0.72 GB while its phases are found.
_BYTES_PER_SAMPLE = 100
_SHARE = 0.8


def check_fits(steps: int, spectrogram_format: SpectrogramFormat) -> None:
    """Raises SettingError for more steps than there is memory for."""
    available = available_bytes()
    if available is None:
        return
    a_step = spectrogram_format.n_frames * spectrogram_format.hop_length * _BYTES_PER_SAMPLE
    most = int(_SHARE * available / a_step)
    if steps > most:
        raise SettingError("steps", steps, f"{most} or less, for want of memory (a step takes {a_step / 1e6:.0f} MB)")


def available_bytes() -> int | None:
    """Memory that can be had without swapping; None where that is not known (Windows refuses, and ends nobody)."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
                if line.startswith("MemAvailable:"):
                    return int(line.split()[1]) << 10
    if sys.platform == "darwin":
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
    return None
