"""Prepare loops for playback at a device's sample rate and the current tempo."""

from dataclasses import dataclass, field

import numpy as np

from technogan.arrays import FloatArray
from technogan.errors import SettingError
from technogan.sound.level import TRUE_PEAK_CEILING, limit_peaks
from technogan.sound.loop import Loop, loop_frames
from technogan.sound.resampling import resample


@dataclass(frozen=True, slots=True, eq=False)
class PreparedLoop:
    """A loop at a device's rate and the clock's tempo.

    Attributes:
        samples: float32 (beats * beat_frames,), read-only; the last sample leads into the first.
        beats: the length in beats.
        source: the original loop.
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
    """Return the loop at another tempo and rate; its pitch follows the tempo.

    The resampling is circular and band-limited, every beat has round(60 * sample_rate / bpm) frames, and true peaks
    are limited as in a file of that rate. Do not call it from the audio thread: it takes milliseconds.

    Raises:
        SettingError: the tempo or the rate is out of range, or the loop is empty or not finite.
    """
    n_frames = loop_frames(loop.beats, bpm, sample_rate)
    if not len(loop.samples) or not n_frames:
        raise SettingError("loop", "empty", "at least one sample and one beat long")
    samples = np.asarray(loop.samples, np.float32)
    with np.errstate(invalid="ignore"):  # NaN and infinity are refused below
        resized = samples if len(samples) == n_frames else resample(samples, n_frames)
        limited, _ = limit_peaks(resized, sample_rate, TRUE_PEAK_CEILING)
    return PreparedLoop(limited.copy() if limited is loop.samples else limited, loop.beats, loop)
