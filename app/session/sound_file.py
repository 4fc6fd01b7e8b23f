"""Read sound files as loops: TechnoGAN's own files state their length in beats, other lengths are rounded."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import numpy as np

from technogan.arrays import FloatArray
from technogan.errors import SettingError, SourceError, SpecError
from technogan.files.seed_source import read_origin
from technogan.files.sound_reader import LengthLimit, read_sound_file
from technogan.records import require
from technogan.seeds.origin import Origin
from technogan.sound.level import Levels, loudness, true_peak
from technogan.sound.loop import Loop, check_bpm
from technogan.sound.resampling import resample
from technogan.sound.wav import read_tempo
from technogan.transforms.stft import Stft

MAX_BEATS = 256

_HOP_LENGTH = 128
# The sample rate of the networks, in samples per beat.
_BEAT_SAMPLES = 16384
# +40 dB over full scale, which no sound that was meant to be heard reaches.
_LOUDEST = 100.0
# A longer or shorter sound than its origin says is another one.
_LENGTH_TOLERANCE = 0.01
_LONGEST = LengthLimit(5, "cut a loop from it first")


def loop_of_samples(
    samples: FloatArray,
    *,
    bpm: float,
    beats: int,
    origin: Origin | None = None,
    stems: Mapping[str, FloatArray] = MappingProxyType({}),
) -> Loop:
    """Make a loop from samples that already repeat without a seam, and analyse its magnitude.

    Args:
        samples: float32 (n,), finite. They are resampled to 16384 per beat unless n is a whole number of frames.
        bpm: the tempo.
        beats: the length in beats.
        origin: the seeds of the loop, if known.
        stems: float32 (n,) by name, if known; their sum is `samples`.
    """
    if len(samples) % _HOP_LENGTH or len(samples) < 4 * _HOP_LENGTH:
        samples = resample(samples, beats * _BEAT_SAMPLES)
        stems = {name: resample(stem, beats * _BEAT_SAMPLES) for name, stem in stems.items()}
    sample_rate = len(samples) * bpm / (60 * beats)
    spectrum = Stft(len(samples) // _HOP_LENGTH).forward(samples)
    levels = Levels(loudness(samples, sample_rate), true_peak(samples), 0.0, 0, 0.0)
    return Loop(samples, sample_rate, bpm, beats, np.abs(spectrum[:, :-1]), levels, origin, dict(stems))


def check_samples(name: str, samples: FloatArray) -> None:
    """Raise SpecError, which begins with `name`, if samples contain NaN or infinity, or would deafen everybody."""
    loudest = float(np.abs(samples).max(initial=0.0))
    require(np.isfinite(loudest), f"{name} contains NaN or infinity")
    require(loudest <= _LOUDEST, f"{name} has a peak of {loudest:.3g}; a loop has {_LOUDEST:g} at most")


def read_sound(path: Path, bpm: float) -> tuple[Loop, str]:
    """Read a sound file as a loop at `bpm`.

    If TechnoGAN wrote the file, unless it was cut since then, or if an `acid` chunk states its length in beats, that
    length is used. Otherwise the length at `bpm` is rounded to whole beats.

    Returns:
        The loop, and a message for the musician ("" for none).

    Raises:
        SourceError: the file cannot be read, is silent, or is too long.
    """
    samples, sample_rate = _read_samples(path)
    origin = read_origin(path) if path.suffix.casefold() == ".wav" else None
    stated, tempo = read_tempo(path)
    if origin and not _is_whole(origin, len(samples) / sample_rate, (stated, tempo)):
        origin, stated = None, 0
    beats = origin.beats if origin else stated or max(round(len(samples) / sample_rate * bpm / 60), 1)
    if not 1 <= beats <= MAX_BEATS:
        raise SourceError(path, f"is {beats} beats long; a slot holds up to {MAX_BEATS}")
    own_bpm = 60 * beats * sample_rate / len(samples)
    try:
        check_bpm(own_bpm)
    except SettingError as error:
        raise SourceError(path, f"cannot be a loop of {beats} beats: its tempo would be {own_bpm:.0f} BPM") from error
    loop = loop_of_samples(samples, bpm=bpm, beats=beats, origin=origin)
    guessed = not origin and not stated and abs(own_bpm / bpm - 1) > 1e-3
    note = f"{path.name}: loaded as {beats} beat{'s' * (beats > 1)} at {own_bpm:.1f} BPM" if guessed else ""
    return loop, note


def _read_samples(path: Path) -> tuple[FloatArray, int]:
    """Return all channels mixed to one, float32 (n,), and the sample rate."""
    samples, rate = read_sound_file(path, mono=True, limit=_LONGEST, allow_truncated=True)
    if not samples.any():
        raise SourceError(path, "is silent")
    try:
        check_samples("it", samples)
    except SpecError as error:
        raise SourceError(path, str(error)) from error
    return samples, rate


def _is_whole(origin: Origin, seconds: float, stated: tuple[int, float]) -> bool:
    """Return whether a sound is as long as the loop of its origin; a part of it keeps the origin in some editors."""
    beats, bpm = stated if stated[0] == origin.beats and stated[1] > 0 else (origin.beats, origin.bpm)
    return abs(seconds * bpm / (60 * beats) - 1) < _LENGTH_TOLERANCE
