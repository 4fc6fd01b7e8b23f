"""Refuse sequences that do not fit into memory: the system would kill the process."""

import contextlib
import os
import sys
from pathlib import Path

from technogan.errors import SettingError
from technogan.formats import SpectrogramFormat

# Measured: the phases of 128 bars, 8.4 million samples, take 0.72 GB.
_BYTES_PER_SAMPLE = 100
_SHARE = 0.8


def check_fits(steps: int, spectrogram_format: SpectrogramFormat) -> None:
    """Raise SettingError if there is not enough memory for a sequence of `steps` loops."""
    available = available_bytes()
    if available is None:
        return
    step_bytes = spectrogram_format.n_samples * _BYTES_PER_SAMPLE
    most = int(_SHARE * available / step_bytes)
    if steps > most:
        raise SettingError("steps", steps, f"{most} or less, since a step needs {step_bytes / 1e6:.0f} MB of memory")


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
