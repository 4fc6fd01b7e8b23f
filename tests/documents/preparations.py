"""What a page takes for granted: songs to begin with, a loop from elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import soundfile

from technogan.loop import resample
from tests.training.tracks import Truth, samples_of

_BARS = 16


def _songs(folder: Path) -> None:
    """Two songs in songs/: one exact, one from tape."""
    (folder / "songs").mkdir()
    for name, bpm, seed in (("one.flac", 128.0, 3), ("tape.wav", 126.4, 3)):
        samples = samples_of(Truth(seed, bpm, "detroit", bars=_BARS))
        if name.startswith("tape"):
            samples = _with_wow(samples)
        soundfile.write(folder / "songs" / name, samples, 44100)


def _with_wow(samples: np.ndarray) -> np.ndarray:
    """A tape whose speed swings slowly."""
    n = len(samples)
    place = np.arange(n) + 0.014 * 44100 * np.sin(2 * np.pi * np.arange(n) / (8 * 44100))
    return np.interp(place, np.arange(n), samples).astype(np.float32)


def _a_loop(folder: Path) -> None:
    rng = np.random.default_rng(0)
    soundfile.write(folder / "loop.wav", resample(rng.uniform(-0.1, 0.1, 65536).astype(np.float32), 82688), 44100)


PREPARATIONS: Mapping[str, Callable[[Path], None]] = {"docs/dataset.md": _songs, "docs/training.md": _a_loop}
