"""All loops on one beat clock: which sound, how loud, and when that changes. NumPy only; no device is needed.

Two threads meet here. The one that plays calls `mix`; it never waits, and nobody else may call it. Everything else is
for the thread that controls: each method leaves a message in a queue (one append, no lock), which `mix` takes up at its
next call; what is read is one attribute at a time.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

import numpy as np

from app.audio.limiter import Limiter
from app.audio.mixdown import Mixdown, When
from app.audio.preparation import PreparedLoop
from app.audio.ring import Ring
from app.audio.voice import Voice
from technogan.arrays import FloatArray
from technogan.errors import SettingError
from technogan.sound.loop import loop_frames

MAX_GAIN = 4.0
# NumPy lets go of the interpreter's lock for arrays above 500 values, and under load it takes milliseconds to get it
# back: so blocks are worked on in shorter pieces.
_SPAN_FRAMES = 384
_TAP_FRAMES = 1 << 15
_PEAKS_KEPT = 256


@dataclass(frozen=True, slots=True)
class VoiceState:
    """What one voice does. swaps, starts, stops: whether that waits for its beat."""

    loop: PreparedLoop | None
    playing: bool
    swaps: bool
    starts: bool
    stops: bool


@dataclass(frozen=True, slots=True)
class MixerState:
    """What a mixer does. beats: position of the clock. frames: how many have ever been mixed."""

    running: bool
    beats: float
    frames: int
    bpm: float
    sample_rate: int
    voices: tuple[VoiceState, ...]


@dataclass(frozen=True, slots=True)
class Meter:
    """What went out since the last look. true_peak: linear, 4 times oversampled. reduction: the limiter's, 0..1."""

    true_peak: float
    reduction: float


def highest(meters: Sequence[Meter]) -> Meter:
    """All of them in one; silence for none."""
    return Meter(max((m.true_peak for m in meters), default=0.0), max((m.reduction for m in meters), default=0.0))


class Mixer:
    """Voice 0 is the live loop, voices 1 to n_voices - 1 are the slots.

    In the beginning the clock stands at beat 0, and every voice is stopped, without a loop, at level 1. Changes are
    faded over 10 ms; one that waits for a beat or a bar (four beats) is complete when that sounds. While the clock
    stands, changes are made at once.
    """

    def __init__(self, sample_rate: int, bpm: float, n_voices: int) -> None:
        self.n_voices = n_voices
        self._mixdown = Mixdown(sample_rate, bpm, n_voices)
        self._limiter = Limiter(sample_rate)
        self._commands: deque[Callable[[], None]] = deque()
        self._meters: deque[Meter] = deque(maxlen=_PEAKS_KEPT)
        self._tap = Ring(_TAP_FRAMES)
        # What the controlling thread has asked for, perhaps not yet taken up.
        self._held: dict[int, PreparedLoop] = {}
        self._sample_rate, self._bpm = sample_rate, bpm

    # --- for the thread that controls

    def run(self, running: bool) -> None:
        """Start the clock at beat 0, or fade out, stop it and go back to beat 0."""
        self._commands.append(lambda: self._mixdown.run(running))

    def set_loop(self, voice: int, loop: PreparedLoop | None, *, when: When = "now") -> None:
        """Give a voice another loop: a crossfade of equal power at the same position. A later call takes its place.

        Raises SettingError for a loop that was not prepared at the mixer's tempo and rate.
        """
        self._check(voice, when)
        if loop is not None:
            self._check_fits(loop, self._bpm, self._sample_rate)
            self._held[voice] = loop
        else:
            self._held.pop(voice, None)
        self._commands.append(lambda: self._mixdown.set_loop(voice, loop, when))

    def start(self, voice: int, *, when: When = "now") -> None:
        """Let a voice sound. A later `stop` takes the place of a start that still waits."""
        self._check(voice, when)
        self._commands.append(lambda: self._mixdown.play(voice, True, when))

    def stop(self, voice: int, *, when: When = "now") -> None:
        """Let a voice fall silent; its loop goes on unheard, so that it comes back in step."""
        self._check(voice, when)
        self._commands.append(lambda: self._mixdown.play(voice, False, when))

    def set_level(self, voice: int, gain: float) -> None:
        """gain: linear, 0 to 4. Raises SettingError for another."""
        self._check(voice)
        _check_gain("level", gain)
        self._commands.append(lambda: self._mixdown.set_gain(voice, level=gain))

    def set_muted(self, voice: int, muted: bool) -> None:
        """A muted voice is silent whatever else it does."""
        self._check(voice)
        self._commands.append(lambda: self._mixdown.set_gain(voice, muted=muted))

    def set_solo(self, voice: int, soloed: bool) -> None:
        """While any voice is soloed, only soloed ones sound."""
        self._check(voice)
        self._commands.append(lambda: self._mixdown.set_gain(voice, soloed=soloed))

    def set_master(self, gain: float) -> None:
        """Gain before the limiter: linear, 0 to 4. Raises SettingError for another."""
        _check_gain("master", gain)
        self._commands.append(lambda: self._mixdown.set_master(gain))

    def set_tempo(self, bpm: float, loops: Mapping[int, PreparedLoop]) -> None:
        """Change the tempo within 10 ms, at the same position in beats.

        loops: for every voice that holds a loop, one at the new tempo; a change of loop that still waits for its beat
        is then made as well. Raises SettingError where one is missing or does not fit.
        """
        self._check_all(loops, bpm, self._sample_rate)
        self._bpm, self._held = bpm, dict(loops)
        taken = dict(loops)
        self._commands.append(lambda: self._mixdown.set_tempo(bpm, taken))

    def set_rate(self, sample_rate: int, loops: Mapping[int, PreparedLoop]) -> None:
        """Go over to another device's rate, at the same position in beats; loops as for `set_tempo`."""
        self._check_all(loops, self._bpm, sample_rate)
        self._sample_rate, self._held = sample_rate, dict(loops)
        taken = dict(loops)
        self._commands.append(lambda: self._set_rate(sample_rate, taken))

    @property
    def state(self) -> MixerState:
        """What all voices do and where the clock is, at the end of the last block or within the present one."""
        mixdown = self._mixdown
        voices = tuple(_state_of(voice) for voice in mixdown.voices)
        return MixerState(mixdown.running, mixdown.beats, self._tap.came, mixdown.bpm, mixdown.sample_rate, voices)

    @property
    def position(self) -> tuple[float, float]:
        """Where the clock is, in beats, and how many it goes on by in a second: none while it stands."""
        mixdown = self._mixdown
        speed = mixdown.sample_rate / mixdown.beat_frames if mixdown.running else 0.0
        return mixdown.beats, speed

    @property
    def delay(self) -> int:
        """Frames by which sound comes out behind the clock, for the limiter to look ahead."""
        return self._limiter.delay

    def meter(self) -> Meter:
        """The highest peak since the last call: for one reader."""
        return highest([self._meters.popleft() for _ in range(len(self._meters))])

    def tap(self, n_frames: int, *, behind: int = 0) -> FloatArray:
        """The n_frames that ended `behind` frames before the newest: for a live analyser. float32 (n_frames,).

        Raises SettingError beyond what is kept, 32768 frames.
        """
        if not 0 <= behind <= behind + n_frames <= _TAP_FRAMES:
            raise SettingError("n_frames", n_frames + behind, f"at most {_TAP_FRAMES}, with those behind")
        return self._tap.read(self._tap.came - behind - n_frames, n_frames)[:, 0]

    # --- for the thread that plays

    def mix(self, n_frames: int) -> FloatArray:
        """The next frames, at most 0.95 at their true peak. float32 (n_frames, 2), both channels alike."""
        while self._commands:
            self._commands.popleft()()
        block = np.empty((n_frames, 2), np.float32)
        for start in range(0, n_frames, _SPAN_FRAMES):
            part = block[start : start + _SPAN_FRAMES]
            out, true_peak, reduction = self._limiter.process(self._mixdown.render(len(part)))
            part[:, 0] = part[:, 1] = out
            self._tap.write(part[:, :1])
            self._meters.append(Meter(true_peak, reduction))
        return block

    def _set_rate(self, sample_rate: int, loops: Mapping[int, PreparedLoop]) -> None:
        self._mixdown = self._mixdown.at_rate(sample_rate, loops)
        self._limiter = Limiter(sample_rate)

    # --- what is refused before it reaches the thread that plays

    def _check(self, voice: int, when: When = "now") -> None:
        if not 0 <= voice < self.n_voices:
            raise SettingError("voice", voice, f"from 0 to {self.n_voices - 1}")
        if when not in get_args(When):
            raise SettingError("when", when, f"one of {', '.join(get_args(When))}")

    def _check_fits(self, loop: PreparedLoop, bpm: float, sample_rate: int) -> None:
        wanted = loop_frames(1, bpm, sample_rate)
        if loop.beat_frames != wanted:
            raise SettingError(
                "loop", f"of {loop.beat_frames} frames a beat", f"of {wanted}, for {bpm:g} bpm at {sample_rate} Hz"
            )

    def _check_all(self, loops: Mapping[int, PreparedLoop], bpm: float, sample_rate: int) -> None:
        loop_frames(1, bpm, sample_rate)
        if missing := sorted(set(self._held) - set(loops)):
            raise SettingError("loops", sorted(loops), f"there for voices {missing}, too, which hold a loop")
        for voice, loop in loops.items():
            self._check(voice)
            self._check_fits(loop, bpm, sample_rate)


def _state_of(voice: Voice) -> VoiceState:
    play = voice.waiting_play
    return VoiceState(
        voice.loop,
        voice.playing,
        swaps=voice.waiting_loop is not None,
        starts=play is not None and play.value,
        stops=play is not None and not play.value,
    )


def _check_gain(name: str, gain: float) -> None:
    if not (math.isfinite(gain) and 0 <= gain <= MAX_GAIN):
        raise SettingError(name, gain, f"from 0 to {MAX_GAIN:g}")
