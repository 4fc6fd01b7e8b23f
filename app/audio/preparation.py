"""From a loop as the network drew it to frames that a device plays."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from technogan.arrays import FloatArray
from technogan.errors import SettingError
from technogan.sound.level import TRUE_PEAK_CEILING, hold_peaks
from technogan.sound.loop import Loop, loop_frames, resample


@dataclass(frozen=True, slots=True, eq=False)
class PreparedLoop:
    """A loop at a device's rate and the clock's tempo.

    samples: float32 (beats * beat_frames,), read only; the sample after the last is the first. source: what it was
    made from.
    """

    samples: FloatArray = field(repr=False)
    beats: int
    source: Loop = field(repr=False)

    def __post_init__(self) -> None:
        if self.beats < 1 or len(self.samples) % self.beats or not len(self.samples):
            raise SettingError("beats", self.beats, f"a divisor of the loop's {len(self.samples)} samples")
        if not np.isfinite(self.samples).all():
            raise SettingError("samples", "not all finite", "numbers, without NaN or infinity")
        self.samples.flags.writeable = False

    @property
    def beat_frames(self) -> int:
        """Frames of one beat."""
        return len(self.samples) // self.beats


def prepare(loop: Loop, *, bpm: float, sample_rate: int) -> PreparedLoop:
    """The loop at another tempo and rate: circular and band-limited, every beat round(60 rate / bpm) frames, its true
    peak held as in a file written at that rate. Pitch follows tempo.

    Takes milliseconds, so it is no work for the thread that plays. Raises SettingError for a tempo or a rate that
    makes no sense, and for a loop that is empty or not finite.
    """
    n_frames = loop_frames(loop.beats, bpm, sample_rate)
    if not len(loop.samples) or not n_frames:
        raise SettingError("loop", "empty", "at least one sample and one beat long")
    samples = np.asarray(loop.samples, np.float32)
    with np.errstate(invalid="ignore"):  # NaN and infinity are refused below
        resized = samples if len(samples) == n_frames else resample(samples, n_frames)
        held, _ = hold_peaks(resized, sample_rate, TRUE_PEAK_CEILING)
    return PreparedLoop(held.copy() if held is loop.samples else held, loop.beats, loop)
