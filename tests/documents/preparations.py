"""Create the files that a page assumes: songs, models, a loop."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import onnx
import soundfile
from PIL import Image

from technogan.network.library import find_model, resources_dir
from technogan.network.spec import ModelSpec
from technogan.network.writing import write_bundle
from technogan.sound.resampling import resample
from tests.training.track_makers import Truth, samples_of

_BARS = 24


def _write_songs(folder: Path) -> None:
    """Create two songs in songs/, one exact and one drifting, and pictures without a manifest in spectrograms/."""
    (folder / "spectrograms").mkdir()
    for i, grey in enumerate(np.random.default_rng(0).integers(0, 255, (4, 256, 512), np.uint8)):
        Image.fromarray(grey).save(folder / "spectrograms" / f"{i}.png")
    (folder / "songs").mkdir()
    for name, bpm, seed in (("one.flac", 128.0, 3), ("tape.wav", 126.4, 3)):
        samples = samples_of(Truth(seed, bpm, "peak-time", bars=_BARS))
        if name.startswith("tape"):
            samples = _add_wow(samples)
        soundfile.write(folder / "songs" / name, samples, 44100)


def _add_wow(samples: np.ndarray) -> np.ndarray:
    """Add a slow change of speed, as from tape."""
    n = len(samples)
    place = np.arange(n) + 0.014 * 44100 * np.sin(2 * np.pi * np.arange(n) / (8 * 44100))
    return np.interp(place, np.arange(n), samples).astype(np.float32)


def _write_loop(folder: Path) -> None:
    rng = np.random.default_rng(0)
    soundfile.write(folder / "loop.wav", resample(rng.uniform(-0.1, 0.1, 65536).astype(np.float32), 82688), 44100)


def _copy_patch(folder: Path) -> None:
    shutil.copytree(resources_dir() / "clients" / "pure-data", folder, dirs_exist_ok=True)


def _write_models(folder: Path) -> None:
    """Create mine.onnx, and old.onnx without metadata."""
    bar = find_model("bar")
    write_bundle(bar.read(), ModelSpec("mine", bar.spec.format), folder / "mine.onnx")
    old = onnx.load(bar.path)
    del old.metadata_props[:]
    onnx.save(old, folder / "old.onnx")


PREPARATIONS: Mapping[str, Callable[[Path], None]] = {
    "docs/clients/pure-data.md": _copy_patch,
    "docs/dataset.md": _write_songs,
    "docs/models.md": _write_models,
    "docs/training.md": _write_loop,
}
