"""All loops on one beat clock, mixed with NumPy; no device is needed.

Two threads use a mixer. The audio thread calls `mix`, which never waits; no other thread may call it. The
controlling thread calls everything else: each method appends to a queue (one append, no lock), which the next `mix`
empties. Reading a property reads one attribute at a time.
"""

import math
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import get_args

import numpy as np

from app.audio.interface import MixerControls
from app.audio.limiter import Limiter
from app.audio.messages import (
    Meter,
    MixerMessage,
    PlayVoice,
    RunClock,
    SetLevel,
    SetMaster,
    SetMuted,
    SetSolo,
    SetStem,
    combine_meters,
)
from app.audio.mixdown import Mixdown, When
from app.audio.preparation import PreparedLoop
from app.audio.ring import Ring
from app.audio.voice import Voice
from technogan.arrays import FloatArray
from technogan.errors import SettingError
from technogan.sound.loop import loop_frames

MAX_GAIN = 4.0
# NumPy releases the interpreter's lock for arrays of more than 500 values, and under load it takes milliseconds to get
# it back. So blocks are mixed in shorter pieces.
_SPAN_FRAMES = 384
_TAP_FRAMES = 1 << 15
_PEAKS_KEPT = 256


@dataclass(frozen=True, slots=True)
class VoiceState:
    """The state of one voice. swaps, starts, stops: True while such a change waits for its beat."""

    loop: PreparedLoop | None
    playing: bool
    swaps: bool
    starts: bool
    stops: bool


@dataclass(frozen=True, slots=True)
class MixerState:
    """The state of a mixer. beats: the position of the clock. frames: how many have been mixed in all."""

    running: bool
    beats: float
    frames: int
    bpm: float
    sample_rate: int
    voices: tuple[VoiceState, ...]


class Mixer(MixerControls):
    """Mixes voice 0, the live loop, and voices 1 to n_voices - 1, the slots.

    At first the clock is stopped at beat 0, and every voice is stopped, without a loop, at level 1. Changes are faded
    over 10 ms; a change that waits for a beat or a bar (four beats) is complete when that sounds. While the clock is
    stopped, changes are made at once. Methods raise SettingError for a voice, a gain or a time that does not exist.
    """

    def __init__(self, sample_rate: int, bpm: float, n_voices: int) -> None:
        self.n_voices = n_voices
        self._mixdown = Mixdown(sample_rate, bpm, n_voices)
        self._limiter = Limiter(sample_rate)
        self._changes: deque[Callable[[], None]] = deque()
        self._meters: deque[Meter] = deque(maxlen=_PEAKS_KEPT)
        self._tap = Ring(_TAP_FRAMES)
        # What the controlling thread has requested; the mixdown may not have it yet.
        self._held: dict[int, PreparedLoop] = {}
        self._sample_rate, self._bpm = sample_rate, bpm

    # --- for the controlling thread

    def send(self, message: MixerMessage) -> None:
        """See MixerControls. Raises SettingError."""
        match message:
            case PlayVoice(voice=voice, when=when):
                self._check(voice, when)
            case SetLevel(voice=voice, gain=gain):
                self._check(voice)
                _check_gain("level", gain)
            case SetMuted(voice=voice) | SetSolo(voice=voice):
                self._check(voice)
            case SetStem(voice=voice, stem=stem, gain=gain):
                self._check(voice)
                _check_gain(f"level of {stem}", gain)
            case SetMaster(gain=gain):
                _check_gain("master", gain)
        self._changes.append(partial(self._apply, message))

    def set_loop(self, voice: int, loop: PreparedLoop | None, *, when: When = "now") -> None:
        """Crossfade a voice to another loop at the same position. A later call replaces one that still waits.

        Raises SettingError for a loop that was not prepared at the mixer's tempo and rate.
        """
        self._check(voice, when)
        if loop is not None:
            self._check_fits(loop, self._bpm, self._sample_rate)
            self._held[voice] = loop
        else:
            self._held.pop(voice, None)
        self._changes.append(lambda: self._mixdown.set_loop(voice, loop, when))

    def set_tempo(self, bpm: float, loops: Mapping[int, PreparedLoop]) -> None:
        """Change the tempo within 10 ms, at the same position in beats.

        Args:
            bpm: the new tempo.
            loops: for every voice that holds a loop, one at the new tempo. They also replace loops that still wait.

        Raises:
            SettingError: a loop is missing or does not fit.
        """
        self._check_all(loops, bpm, self._sample_rate)
        self._bpm, self._held = bpm, dict(loops)
        taken = dict(loops)
        self._changes.append(lambda: self._mixdown.set_tempo(bpm, taken))

    def set_rate(self, sample_rate: int, loops: Mapping[int, PreparedLoop]) -> None:
        """Change to another device's rate, at the same position in beats; `loops` as for `set_tempo`."""
        self._check_all(loops, self._bpm, sample_rate)
        self._sample_rate, self._held = sample_rate, dict(loops)
        taken = dict(loops)
        self._changes.append(lambda: self._set_rate(sample_rate, taken))

    @property
    def state(self) -> MixerState:
        """The state of all voices and the clock, at the end of the last block or within the current one."""
        mixdown = self._mixdown
        voices = tuple(_state_of(voice) for voice in mixdown.voices)
        return MixerState(mixdown.running, mixdown.beats, self._tap.n_written, mixdown.bpm, mixdown.sample_rate, voices)

    @property
    def position(self) -> tuple[float, float]:
        """The clock's position in beats, and its speed in beats per second: 0 while it is stopped."""
        mixdown = self._mixdown
        speed = mixdown.sample_rate / mixdown.beat_frames if mixdown.running else 0.0
        return mixdown.beats, speed

    @property
    def delay(self) -> int:
        """Frames by which the output is behind the clock, because the limiter looks ahead."""
        return self._limiter.delay

    def meter(self) -> Meter:
        """See MixerControls."""
        return combine_meters([self._meters.popleft() for _ in range(len(self._meters))])

    def tap(self, n_frames: int, *, behind: int = 0) -> FloatArray:
        """Return the n_frames frames that ended `behind` frames before the newest. float32 (n_frames,).

        Raises SettingError for frames older than the 32768 that are kept.
        """
        if not 0 <= behind <= behind + n_frames <= _TAP_FRAMES:
            raise SettingError("n_frames", n_frames + behind, f"at most {_TAP_FRAMES}, with those behind")
        return self._tap.read(self._tap.n_written - behind - n_frames, n_frames)[:, 0]

    # --- for the audio thread

    def mix(self, n_frames: int) -> FloatArray:
        """Return the next frames, at most 0.95 at their true peak. float32 (n_frames, 2), both channels alike."""
        while self._changes:
            self._changes.popleft()()
        block = np.empty((n_frames, 2), np.float32)
        for start in range(0, n_frames, _SPAN_FRAMES):
            part = block[start : start + _SPAN_FRAMES]
            out, true_peak, reduction = self._limiter.process(self._mixdown.render(len(part)))
            part[:, 0] = part[:, 1] = out
            self._tap.write(part[:, :1])
            self._meters.append(Meter(true_peak, reduction))
        return block

    def _apply(self, message: MixerMessage) -> None:
        mixdown = self._mixdown
        match message:
            case RunClock(running):
                mixdown.run(running)
            case PlayVoice(voice, playing, when):
                mixdown.play(voice, playing, when)
            case SetLevel(voice, gain):
                mixdown.set_gain(voice, level=gain)
            case SetMuted(voice, muted):
                mixdown.set_gain(voice, muted=muted)
            case SetSolo(voice, soloed):
                mixdown.set_gain(voice, soloed=soloed)
            case SetStem(voice, stem, gain):
                mixdown.voices[voice].set_stem(stem, gain)
            case SetMaster(gain):
                mixdown.set_master(gain)

    def _set_rate(self, sample_rate: int, loops: Mapping[int, PreparedLoop]) -> None:
        self._mixdown = self._mixdown.at_rate(sample_rate, loops)
        self._limiter = Limiter(sample_rate)

    # --- checks, so that the audio thread never fails

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
            raise SettingError("loops", sorted(loops), f"given for voices {missing}, too, which hold a loop")
        for voice, loop in loops.items():
            self._check(voice)
            self._check_fits(loop, bpm, sample_rate)


def _state_of(voice: Voice) -> VoiceState:
    play = voice.pending_play
    return VoiceState(
        voice.loop,
        voice.playing,
        swaps=voice.pending_loop is not None,
        starts=play is not None and play.value,
        stops=play is not None and not play.value,
    )


def _check_gain(name: str, gain: float) -> None:
    if not (math.isfinite(gain) and 0 <= gain <= MAX_GAIN):
        raise SettingError(name, gain, f"from 0 to {MAX_GAIN:g}")
