"""Prepare loops for playback at a device's sample rate and the current tempo."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from technogan.arrays import FloatArray
from technogan.errors import SettingError
from technogan.sound.level import TRUE_PEAK_CEILING, limit_stem_peaks, sum_stems
from technogan.sound.loop import Loop, loop_frames
from technogan.sound.resampling import resample


@dataclass(frozen=True, slots=True, eq=False)
class PreparedLoop:
    """A loop at a device's rate and the clock's tempo.

    Attributes:
        samples: float32 (beats * beat_frames,), read-only; the last sample leads into the first.
        beats: the length in beats.
        source: the original loop.
        stems: float32 (beats * beat_frames,) by name, read-only; their sum is `samples`. Empty for none.
    """

    samples: FloatArray = field(repr=False)
    beats: int
    source: Loop = field(repr=False)
    stems: Mapping[str, FloatArray] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        if self.beats < 1 or len(self.samples) % self.beats or not len(self.samples):
            raise SettingError("beats", self.beats, f"a divisor of the loop's {len(self.samples)} samples")
        if not np.isfinite(self.samples).all():
            raise SettingError("samples", "not all finite", "numbers, without NaN or infinity")
        for name, stem in self.stems.items():
            if len(stem) != len(self.samples):
                raise SettingError(f"stem {name}", f"of {len(stem)} samples", f"of {len(self.samples)}, as the loop")
        for part in (self.samples, *self.stems.values()):
            part.flags.writeable = False

    @property
    def beat_frames(self) -> int:
        """Frames of one beat."""
        return len(self.samples) // self.beats


def prepare(loop: Loop, *, bpm: float, sample_rate: int) -> PreparedLoop:
    """Return the loop at another tempo and rate; its pitch follows the tempo.

    The resampling is circular and band-limited, every beat has round(60 * sample_rate / bpm) frames, and true peaks
    are limited as in a file of that rate; the stems are turned down together with their sum. Do not call it from the
    audio thread: it takes milliseconds.

    Raises:
        SettingError: the tempo or the rate is out of range, or the loop is empty or not finite.
    """
    n_frames = loop_frames(loop.beats, bpm, sample_rate)
    if not len(loop.samples) or not n_frames:
        raise SettingError("loop", "empty", "at least one sample and one beat long")
    with np.errstate(invalid="ignore"):  # NaN and infinity are refused below
        parts = np.stack([_resize(part, n_frames) for part in loop.stems.values() or (loop.samples,)])
        parts, _ = limit_stem_peaks(parts, sample_rate, TRUE_PEAK_CEILING)
    return PreparedLoop(
        sum_stems(parts), loop.beats, loop, dict(zip(loop.stems, parts, strict=True)) if loop.stems else {}
    )


def _resize(samples: FloatArray, n_frames: int) -> FloatArray:
    samples = np.asarray(samples, np.float32)
    return samples if len(samples) == n_frames else resample(samples, n_frames)
