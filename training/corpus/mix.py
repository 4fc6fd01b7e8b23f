"""The mixer of a bar: its buses, effects and master chain."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from technogan.arrays import FloatArray
from training.corpus.draw import chance, choose, log_uniform, uniform
from training.corpus.effects import ducking_gain, echo, reverb, saturate
from training.corpus.filters import Mode, filter_loop, high_pass, high_shelf, low_shelf, peak, sweep_loop
from training.corpus.grid import N_SAMPLES, db_to_gain, phase_ramp, place
from training.corpus.oscillators import sine
from training.corpus.patterns import Groove
from training.corpus.styles import Style


class Mix:
    """The buses of a bar, float32 (N_SAMPLES,) each, and the settings that its layers share.

    Levels are in dB relative to a kick with a peak of 1.

    Attributes:
        root: MIDI pitch of the key.
        kick_pattern: float32 (16,), the trigger of the side-chain ducking.
    """

    def __init__(self, rng: np.random.Generator, style: Style) -> None:
        self.rng = rng
        self.style = style
        self.groove = Groove.random(rng, style.swing)
        self.root = int(rng.integers(29, 41))
        self.kick_pattern = np.zeros(16, np.float32)
        self.kick, self.drums, self.music, self.to_reverb, self.to_echo = np.zeros((5, N_SAMPLES), np.float32)

    def play(
        self,
        bus: FloatArray,
        pattern: FloatArray,
        sounds: Sequence[FloatArray],
        level: float,
        *,
        looseness: float = 0.15,
        room: float = 0.0,
        echoes: float = 0.0,
    ) -> None:
        """Play a pattern, float32 (16,), on a bus; the first sound is played most often.

        The level is in dB, `looseness` varies the velocities, `room` and `echoes` are effect sends.
        """
        gain = db_to_gain(level)
        for step in np.flatnonzero(pattern):
            velocity = float(pattern[step]) * (1 - looseness * self.rng.random())
            position = self.groove.position(int(step)) + round(self.rng.normal() * self.groove.jitter)
            sound = sounds[0] if chance(self.rng, 0.7) else choose(self.rng, sounds)
            self._place(bus, sound, position, gain * velocity, room, echoes)

    def add(self, bus: FloatArray, layer: FloatArray, level: float, *, room: float = 0.0, echoes: float = 0.0) -> None:
        """Add a layer of a whole bar to a bus; see `play` for the arguments."""
        gain = np.float32(db_to_gain(level))
        bus += gain * layer
        if room > 0:
            self.to_reverb += gain * np.float32(room * self.style.send) * layer
        if echoes > 0:
            self.to_echo += gain * np.float32(echoes * self.style.send) * layer

    def _place(
        self, bus: FloatArray, sound: FloatArray, position: int, gain: float, room: float, echoes: float
    ) -> None:
        place(bus, sound, position, gain)
        if room > 0:
            place(self.to_reverb, sound, position, gain * room * self.style.send)
        if echoes > 0:
            place(self.to_echo, sound, position, gain * echoes * self.style.send)

    def render(self) -> FloatArray:
        """Mix and master the bar: float32 (N_SAMPLES,), with a peak of 0.89 to 0.97 and no DC."""
        rng, style = self.rng, self.style
        self._return_effects()
        depth, release = uniform(rng, *style.duck), log_uniform(rng, 0.05, 0.2)
        if self.kick_pattern.any():
            self.music *= ducking_gain(self.kick_pattern, depth, release)
            self.drums *= ducking_gain(self.kick_pattern, uniform(rng, 0, 0.35), 0.04)
        music = self.music * np.float32(db_to_gain(style.forward + uniform(rng, -1.5, 1.5)))
        drums = self.drums * np.float32(db_to_gain(uniform(rng, -2, 2)))
        mixed = self._equalise(self.kick * np.float32(db_to_gain(uniform(rng, -2, 0.5))) + drums + music)
        mixed = saturate(mixed, log_uniform(rng, *style.drive))
        mixed -= mixed.mean()
        return mixed * np.float32(uniform(rng, 0.89, 0.97) / max(float(np.abs(mixed).max()), 1e-6))

    def _return_effects(self) -> None:
        rng = self.rng
        if self.to_echo.any():
            steps, feedback = choose(rng, (1, 2, 3, 3, 3, 4, 6)), uniform(rng, 0.2, 0.7)
            wet = echo(self.to_echo, steps, feedback, log_uniform(rng, 1500, 7000))
            self.music += wet
            self.to_reverb += np.float32(uniform(rng, 0, 0.4)) * wet
        if self.to_reverb.any():
            duration, top = log_uniform(rng, *self.style.reverb), log_uniform(rng, 2200, 9500)
            self.music += np.float32(0.4) * reverb(rng, self.to_reverb, duration, top=top, before=uniform(rng, 0, 0.03))

    def _equalise(self, mixed: FloatArray) -> FloatArray:
        rng = self.rng
        treble = high_shelf(log_uniform(rng, 2500, 6500), self.style.tilt + 1.8 * float(rng.normal()))
        bass = low_shelf(log_uniform(rng, 90, 220), 1.5 * float(rng.normal()))
        colour = peak(log_uniform(rng, 250, 4000), 1.5 * float(rng.normal()), 0.8)
        toned = filter_loop(mixed, high_pass(log_uniform(rng, 22, 34)), treble, bass, colour)
        return self._apply_dj_filter(toned) if chance(rng, self.style.dj_filter) else toned

    def _apply_dj_filter(self, mixed: FloatArray) -> FloatArray:
        rng = self.rng
        mode: Mode = choose(rng, ("low", "low", "high"))
        centre = log_uniform(rng, 250, 3500) if mode == "low" else log_uniform(rng, 150, 1200)
        sway = uniform(rng, 0.0, 1.5) * sine(phase_ramp(1) + rng.random())
        path = np.float32(centre) * np.float32(2) ** sway
        return sweep_loop(mixed, path.astype(np.float32), uniform(rng, 0.1, 0.45), mode)
