"""Sounds from files: what TechnoGAN wrote comes back as it was, anything else becomes a loop of whole beats."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO

import numpy as np

from technogan.arrays import FloatArray
from technogan.atomic import explain
from technogan.errors import SettingError, SourceError
from technogan.files.seed_source import origin_of_file
from technogan.seeds.origin import Origin
from technogan.sound.level import Levels, loudness, true_peak
from technogan.sound.loop import Loop, check_bpm, resample
from technogan.transforms.stft import Stft

MAX_BEATS = 256
SUFFIXES = (".wav", ".aif", ".aiff", ".flac", ".ogg", ".mp3")

_HOP_LENGTH = 128
# As the networks sample a beat.
_BEAT_SAMPLES = 16384
_LONGEST_S = 300.0


def loop_of_samples(samples: FloatArray, *, bpm: float, beats: int, origin: Origin | None = None) -> Loop:
    """A loop of samples that are one already; its magnitude is analysed.

    samples: float32 (n,), finite; brought to 16384 a beat where they are no whole number of frames.
    """
    if len(samples) % _HOP_LENGTH or len(samples) < 4 * _HOP_LENGTH:
        samples = resample(samples, beats * _BEAT_SAMPLES)
    sample_rate = len(samples) * bpm / (60 * beats)
    spectrum = Stft(len(samples) // _HOP_LENGTH).forward(samples)
    levels = Levels(loudness(samples, sample_rate), true_peak(samples), 0.0, 0, 0.0)
    return Loop(samples, sample_rate, bpm, beats, np.abs(spectrum[:, :-1]), levels, origin)


def read_sound(path: Path, bpm: float) -> tuple[Loop, str]:
    """A sound file as a loop at `bpm`, and what a musician should know of it ("" for nothing).

    Its tempo is the one written inside, by us or in an `acid` chunk; else its length in beats at `bpm` is rounded to a
    whole number. Raises SourceError for what cannot be read, is silent for its whole length, or far too long.
    """
    samples, sample_rate = _samples(path)
    origin = origin_of_file(path) if path.suffix.casefold() == ".wav" else None
    told = _told_beats(path)
    beats = origin.beats if origin else told or max(round(len(samples) / sample_rate * bpm / 60), 1)
    if not 1 <= beats <= MAX_BEATS:
        raise SourceError(path, f"is {beats} beats long; a slot takes up to {MAX_BEATS}")
    own_bpm = 60 * beats * sample_rate / len(samples)
    try:
        check_bpm(own_bpm)
    except SettingError as error:
        raise SourceError(path, f"is no loop of {beats} beats: that would be {own_bpm:.0f} BPM") from error
    loop = loop_of_samples(samples, bpm=bpm, beats=beats, origin=origin)
    guessed = not origin and not told and abs(own_bpm / bpm - 1) > 1e-3
    note = f"{path.name}: taken as {beats} beat{'s' * (beats > 1)} of {own_bpm:.1f} BPM" if guessed else ""
    return loop, note


def _samples(path: Path) -> tuple[FloatArray, int]:
    """All channels mixed: float32 (n,), and the rate."""
    import soundfile

    try:
        with soundfile.SoundFile(str(path)) as file:
            if file.frames > _LONGEST_S * file.samplerate:
                reason = f"is {file.frames / file.samplerate:.0f} s long; cut a loop out of it first"
                raise SourceError(path, reason)
            samples = file.read(dtype="float32", always_2d=True).mean(axis=1)
            rate = file.samplerate
    except soundfile.LibsndfileError as error:
        raise SourceError(path, f"cannot be read as sound ({error.error_string})") from error
    except OSError as error:
        raise SourceError(path, explain(error)) from error
    if not np.isfinite(samples).all():
        raise SourceError(path, "holds NaN or infinity instead of sound")
    if not samples.any():
        raise SourceError(path, "is silent")
    return np.asarray(samples, np.float32), int(rate)


def _told_beats(path: Path) -> int:
    """Beats in a WAV's `acid` chunk; 0 where there is none, or where it is a one-shot."""
    try:
        with path.open("rb") as file:
            return _acid_beats(file)
    except (OSError, struct.error):
        return 0


def _acid_beats(file: BinaryIO) -> int:
    header = file.read(12)
    if header[:4] != b"RIFF" or header[8:] != b"WAVE":
        return 0
    while len(head := file.read(8)) == 8:
        name, size = struct.unpack("<4sI", head)
        if name == b"acid" and size >= 24:
            kind, _, _, _, beats = struct.unpack("<IHHfI", file.read(16))
            return 0 if kind & 1 else int(beats)
        file.seek(size + size % 2, 1)
    return 0
