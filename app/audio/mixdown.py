"""Mixes voices on one beat clock. Only the audio thread may use it."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Literal

import numpy as np

from app.audio.preparation import PreparedLoop
from app.audio.ramp import Ramp
from app.audio.voice import Pending, Voice
from technogan.arrays import FloatArray
from technogan.sound.loop import BEATS_PER_BAR, loop_frames

When = Literal["now", "beat", "bar"]
FADE_S = 0.01


class Mixdown:
    """Voices on one beat clock. `frame` counts from the clock's start; a beat has `beat_frames` frames."""

    def __init__(self, sample_rate: int, bpm: float, n_voices: int) -> None:
        self.sample_rate, self.bpm = sample_rate, bpm
        self.beat_frames = loop_frames(1, bpm, sample_rate)
        self.fade_frames = round(FADE_S * sample_rate)
        self.frame = 0
        self.running = False
        self.voices = [Voice(self.fade_frames) for _ in range(n_voices)]
        self._master = Ramp(1.0, self.fade_frames)
        self._transport = Ramp(0.0, self.fade_frames)
        self._tempo: tuple[float, Mapping[int, PreparedLoop]] | None = None

    @property
    def beats(self) -> float:
        """The position of the clock in beats."""
        return max(self.frame / self.beat_frames, 0.0)

    def run(self, running: bool) -> None:
        """Start the clock from beat 0, which sounds when the fade-in is complete; or fade out, stop, return to 0."""
        if running and not self.running:
            self.running = True
            self.frame = -self.fade_frames
        self._transport.move_to(1.0 if running else 0.0)

    def set_loop(self, voice: int, loop: PreparedLoop | None, when: When) -> None:
        """Change the loop of a voice, at the same position, now or at a later beat."""
        self.voices[voice].pending_loop = Pending(loop, self._next_beat(when))
        self._settle_unless_running()

    def play(self, voice: int, playing: bool, when: When) -> None:
        """Start or stop a voice."""
        self.voices[voice].pending_play = Pending(playing, self._next_beat(when))
        self._settle_unless_running()

    def set_gain(
        self, voice: int, *, level: float | None = None, muted: bool | None = None, soloed: bool | None = None
    ) -> None:
        """Change the level, mute and solo of a voice; None leaves a value unchanged."""
        strip = self.voices[voice]
        strip.level = strip.level if level is None else level
        strip.muted = strip.muted if muted is None else muted
        strip.soloed = strip.soloed if soloed is None else soloed
        self._update_gains()

    def set_master(self, gain: float) -> None:
        """Set the gain of the whole mix."""
        self._master.move_to(gain)

    def set_tempo(self, bpm: float, loops: Mapping[int, PreparedLoop]) -> None:
        """Change the tempo at the same position in beats, as soon as no crossfade is under way.

        Pending loops have the old tempo; `loops` replace them.
        """
        self._tempo = (bpm, loops)
        for voice in self.voices:
            voice.pending_loop = None
        self._settle_unless_running()

    def at_rate(self, sample_rate: int, loops: Mapping[int, PreparedLoop]) -> Mixdown:
        """Return the same mix for another device's rate, without fades: the sound pauses during the change anyway."""
        bpm = self.bpm if self._tempo is None else self._tempo[0]
        other = Mixdown(sample_rate, bpm, len(self.voices))
        other.frame, other.running = self._frame_at(other.beat_frames), self.running
        other._master.set(self._master.target)
        other._transport.move_to(self._transport.target)
        for number, (new, old) in enumerate(zip(other.voices, self.voices, strict=True)):
            new.loop, new.playing, new.pending_play = loops.get(number), old.playing, old.pending_play
            new.level, new.muted, new.soloed = old.level, old.muted, old.soloed
            for stem, gain in old.stems.targets.items():
                new.set_stem(stem, gain)
        other._update_gains()
        return other

    def render(self, n_frames: int) -> FloatArray:
        """Return the next frames, before the limiter. float32 (n_frames,)."""
        bus = np.zeros(n_frames, np.float32)
        done = 0
        while done < n_frames:
            self._apply_due()
            n = min(n_frames - done, self._frames_until_next())
            if self.running:
                self._render_into(bus[done : done + n])
            done += n
        return bus

    def _render_into(self, bus: FloatArray) -> None:
        for voice in self.voices:
            voice.add_to(bus, self.frame)
        bus *= self._master.read(len(bus))
        bus *= self._transport.read(len(bus))
        self.frame += len(bus)
        if self._transport.is_silent:
            self.running, self.frame = False, 0
            self._settle_unless_running()

    def _apply_due(self) -> None:
        """Apply all changes that are due at this frame. Loops prepared for a new tempo wait for that tempo."""
        if self._tempo is not None and not any(voice.fade_left for voice in self.voices):
            self._change_tempo(*self._tempo)
        if self._tempo is None:
            changed = [voice.apply_due(self.frame, self.beat_frames) for voice in self.voices if voice.has_pending]
            if any(changed):
                self._update_gains()

    def _update_gains(self) -> None:
        any_soloed = any(voice.soloed and voice.playing for voice in self.voices)
        for voice in self.voices:
            voice.update_gain(any_soloed=any_soloed)

    def _frames_until_next(self) -> int:
        """Return the number of frames before the next change; ramps do not count."""
        until: list[float] = [sys.maxsize]
        if self._transport.left and self._transport.target == 0:
            until.append(self._transport.left)
        if self._tempo is not None:
            until += [voice.fade_left for voice in self.voices if voice.fade_left]
        else:
            frame, beat = self.frame, self.beat_frames
            until += [voice.frames_until_due(frame, beat) for voice in self.voices if voice.has_pending]
        return int(min(until))

    def _change_tempo(self, bpm: float, loops: Mapping[int, PreparedLoop]) -> None:
        beat_frames = loop_frames(1, bpm, self.sample_rate)
        frame = self._frame_at(beat_frames)
        for number, voice in enumerate(self.voices):
            voice.swap(loops.get(number), frame, self.frame)
        self.bpm, self.beat_frames, self.frame = bpm, beat_frames, frame
        self._tempo = None

    def _frame_at(self, beat_frames: int) -> int:
        """Return the clock's position in frames for another length of the beat."""
        beat, within = divmod(self.frame, self.beat_frames)
        return beat * beat_frames + round(within * beat_frames / self.beat_frames)

    def _next_beat(self, when: When) -> int | None:
        """Return the beat that a change waits for; None if it does not wait."""
        if when == "now" or not self.running:
            return None
        beat = -(-self.frame // self.beat_frames)
        return beat if when == "beat" else -(-beat // BEATS_PER_BAR) * BEATS_PER_BAR

    def _settle_unless_running(self) -> None:
        """Apply all changes at once if the clock is stopped, because they cannot wait for a beat."""
        if self.running:
            return
        if self._tempo is not None:
            self._change_tempo(*self._tempo)
        for voice in self.voices:
            voice.settle()
        self._update_gains()
