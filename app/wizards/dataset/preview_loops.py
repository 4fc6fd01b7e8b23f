"""The loops that the dataset wizard plays: slices, and bars of a track with clicks on its grid."""

from pathlib import Path

import numpy as np

from app.session.sound_file import loop_of_samples
from app.wizards.dataset.sounds import read_span
from technogan.arrays import FloatArray
from technogan.files.sound_reader import LengthLimit, open_sound
from technogan.sound.loop import Loop

# Pitch of the clicks on the first and on the other beats of a bar; length and level of all.
_FIRST_HZ, _OTHER_HZ = 1760.0, 1175.0
_CLICK_S, _CLICK_LEVEL = 0.03, 0.6
_LONGEST = LengthLimit(1, "it is not a loop")


def read_loop(path: Path, beats: int) -> Loop:
    """Read a sound file as a loop of this many beats. Raises SourceError."""
    with open_sound(path, limit=_LONGEST, allow_truncated=True) as sound:
        samples = np.nan_to_num(sound.read(mono=True, allow_nan=True))
        bpm = 60 * beats * sound.sample_rate / len(samples)
    return loop_of_samples(samples, bpm=bpm, beats=beats)


def read_loop_with_clicks(path: Path, bpm: float, start: float, beats: int) -> Loop:
    """Read part of a track, from a downbeat at `start` seconds, with a click on every beat. Raises SourceError."""
    samples, rate = read_span(path, start, 60 * beats / bpm)
    return loop_of_samples(add_clicks(samples, rate, beats), bpm=bpm, beats=beats)


def add_clicks(samples: FloatArray, rate: int, beats: int) -> FloatArray:
    """Return the samples, slightly softer, with a click on each of their beats: float32 (n,)."""
    mixed = samples * np.float32(1 - _CLICK_LEVEL / 2)
    n = round(_CLICK_S * rate)
    fade = np.linspace(1, 0, n, dtype=np.float32) ** 2
    for beat in range(beats):
        hertz = _OTHER_HZ if beat % 4 else _FIRST_HZ
        click = np.sin(2 * np.pi * hertz / rate * np.arange(n)).astype(np.float32) * fade * np.float32(_CLICK_LEVEL)
        first = round(beat * len(samples) / beats)
        room = mixed[first : first + n]
        room += click[: len(room)]
    return mixed
