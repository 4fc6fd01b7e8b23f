"""Loops that the dataset wizard lets one hear: slices, and bars of a track with clicks on its grid."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from app.session.sound_file import loop_of_samples
from app.wizards.dataset.sounds import read_span
from technogan.arrays import FloatArray
from technogan.atomic import explain
from technogan.errors import SourceError
from technogan.sound.loop import Loop

# Clicks: Hz on the first beat of a bar and on others, s, level.
_FIRST_HZ, _OTHER_HZ = 1760.0, 1175.0
_CLICK_S, _CLICK_LEVEL = 0.03, 0.6
_LONGEST_S = 60.0


def loop_of_file(path: Path, beats: int) -> Loop:
    """A sound file that is a loop of so many beats. Raises SourceError where it cannot be."""
    import soundfile

    try:
        with soundfile.SoundFile(str(path)) as file:
            if not 0 < file.frames <= _LONGEST_S * file.samplerate:
                raise SourceError(path, f"is {file.frames / file.samplerate:.1f} s long: no loop")
            samples = file.read(dtype="float32", always_2d=True).mean(axis=1)
            bpm = 60 * beats * file.samplerate / len(samples)
    except soundfile.SoundFileError as error:
        raise SourceError(path, "no sound that can be read") from error
    except OSError as error:
        raise SourceError(path, explain(error)) from error
    return loop_of_samples(np.nan_to_num(np.asarray(samples, np.float32)), bpm=bpm, beats=beats)


def clicked_loop(path: Path, bpm: float, start: float, beats: int) -> Loop:
    """So many beats of a track from a downbeat on, with a click on every beat. Raises SourceError."""
    samples, rate = read_span(path, start, 60 * beats / bpm)
    return loop_of_samples(with_clicks(samples, rate, beats), bpm=bpm, beats=beats)


def with_clicks(samples: FloatArray, rate: int, beats: int) -> FloatArray:
    """Samples of so many beats, a little softer, with a click on each: float32 (n,)."""
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
