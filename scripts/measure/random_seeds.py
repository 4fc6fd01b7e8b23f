"""Render 64 random seeds of a model: `python -m scripts.measure.random_seeds MODEL PICTURE.png`.

Draws their spectrograms in dB and prints figures that reveal silent or noisy loops: the loudness before levelling, the
spectral flatness (0 for tones, 0.56 for white noise) and the dynamics (level between the loudest and the softest tenth
of 64 parts).
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image

from technogan.arrays import FloatArray
from technogan.engine import Engine
from technogan.network.library import find_model
from technogan.seeds.seed import Seed
from technogan.sound.level import TARGET_LOUDNESS
from technogan.sound.loop import Loop

_ROWS = _COLUMNS = 8
_GAP = 4
_FLOOR_DB = -70.0
_FRAME, _PARTS = 2048, 64


def spectral_flatness(samples: FloatArray) -> float:
    """Return the median spectral flatness: geometric over arithmetic mean of the power."""
    frames = samples[: len(samples) // _FRAME * _FRAME].reshape(-1, _FRAME) * np.hanning(_FRAME)
    power = np.abs(np.fft.rfft(frames)[:, 1:]) ** 2 + 1e-12
    return float(np.median(np.exp(np.log(power).mean(axis=1)) / power.mean(axis=1)))


def dynamics(samples: FloatArray) -> float:
    """Return the level between the loudest and the softest tenth in dB."""
    parts = np.array_split(samples, _PARTS)
    softest, loudest = np.percentile([np.sqrt(np.mean(part**2)) for part in parts], [10, 90])
    return 20 * float(np.log10(loudest / softest))


def _draw(loop: Loop) -> FloatArray:
    decibels = 20 * np.log10(np.maximum(loop.magnitude.T[::-1], 1e-9) / loop.magnitude.max())
    return np.asarray(255 * np.clip(1 - decibels / _FLOOR_DB, 0, 1), np.float32)


def main() -> None:
    """Render the seeds, draw their pictures and print the figures."""
    model, path = sys.argv[1], Path(sys.argv[2])
    engine, rng = Engine(find_model(model)), np.random.default_rng(0)
    n = _ROWS * _COLUMNS
    loops = [engine.render(Seed.random(rng, engine.spec.latent_size)) for _ in range(n)]
    pictures = [np.pad(_draw(loop)[::2, ::2], ((0, _GAP), (0, _GAP))) for loop in loops]
    sheet = np.block([pictures[i : i + _COLUMNS] for i in range(0, n, _COLUMNS)])
    Image.fromarray(sheet.astype(np.uint8)).save(path)
    found = {
        "loudness before levelling, LUFS": [TARGET_LOUDNESS - loop.levels.gain_db for loop in loops],
        "flatness": [spectral_flatness(loop.samples) for loop in loops],
        "dynamics, dB": [dynamics(loop.samples) for loop in loops],
    }
    for name, values in found.items():
        print(f"{name:34} {min(values):8.3f} to {max(values):8.3f}, {np.median(values):8.3f} median")


if __name__ == "__main__":
    main()
