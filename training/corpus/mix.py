"""The desk of one bar: where its layers are played to, and how they become one loop."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from technogan.arrays import FloatArray
from training.corpus.draw import between, chance, one_of, scaled
from training.corpus.effects import driven, ducking, echo, reverb
from training.corpus.filters import Mode, around, high_pass, high_shelf, low_shelf, peak, swept
from training.corpus.grid import N_SAMPLES, decibels, once_around, place
from training.corpus.oscillators import sine
from training.corpus.patterns import Groove
from training.corpus.styles import Style


class Mix:
    """Buses of one bar, float32 (N_SAMPLES,) each, and what its layers share.

    root: MIDI pitch of the key. kick_pattern: float32 (16,), what ducks the rest. Levels are dB below a kick of peak 1.
    """

    def __init__(self, rng: np.random.Generator, style: Style) -> None:
        self.rng = rng
        self.style = style
        self.groove = Groove.drawn(rng, style.swing)
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
        """Play a pattern, float32 (16,), on a bus; of several sounds the first is the usual one.

        level: dB. looseness: how much velocities vary. room, echoes: what goes to the effects, factors.
        """
        gain = decibels(level)
        for step in np.flatnonzero(pattern):
            velocity = float(pattern[step]) * (1 - looseness * self.rng.random())
            position = self.groove.position(int(step)) + round(self.rng.normal() * self.groove.jitter)
            sound = sounds[0] if chance(self.rng, 0.7) else one_of(self.rng, sounds)
            self._place(bus, sound, position, gain * velocity, room, echoes)

    def add(self, bus: FloatArray, layer: FloatArray, level: float, *, room: float = 0.0, echoes: float = 0.0) -> None:
        """Add a layer that lasts the whole bar."""
        gain = np.float32(decibels(level))
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

    def loop(self) -> FloatArray:
        """Everything together: effects, ducking, tone, drive, level. float32 (N_SAMPLES,), peak .89 to .97, no DC."""
        rng, style = self.rng, self.style
        self._return_effects()
        depth, release = between(rng, *style.duck), scaled(rng, 0.05, 0.2)
        if self.kick_pattern.any():
            self.music *= ducking(self.kick_pattern, depth, release)
            self.drums *= ducking(self.kick_pattern, between(rng, 0, 0.35), 0.04)
        music = self.music * np.float32(decibels(style.forward + between(rng, -1.5, 1.5)))
        drums = self.drums * np.float32(decibels(between(rng, -2, 2)))
        mixed = self._toned(self.kick * np.float32(decibels(between(rng, -2, 0.5))) + drums + music)
        mixed = driven(mixed, scaled(rng, *style.drive))
        mixed -= mixed.mean()
        return mixed * np.float32(between(rng, 0.89, 0.97) / max(float(np.abs(mixed).max()), 1e-6))

    def _return_effects(self) -> None:
        rng = self.rng
        if self.to_echo.any():
            steps, feedback = one_of(rng, (1, 2, 3, 3, 3, 4, 6)), between(rng, 0.2, 0.7)
            wet = echo(self.to_echo, steps, feedback, scaled(rng, 1500, 7000))
            self.music += wet
            self.to_reverb += np.float32(between(rng, 0, 0.4)) * wet
        if self.to_reverb.any():
            duration, top = scaled(rng, *self.style.reverb), scaled(rng, 2200, 9500)
            self.music += np.float32(0.4) * reverb(rng, self.to_reverb, duration, top=top, before=between(rng, 0, 0.03))

    def _toned(self, mixed: FloatArray) -> FloatArray:
        rng = self.rng
        treble = high_shelf(scaled(rng, 2500, 6500), self.style.tilt + 1.8 * float(rng.normal()))
        bass = low_shelf(scaled(rng, 90, 220), 1.5 * float(rng.normal()))
        colour = peak(scaled(rng, 250, 4000), 1.5 * float(rng.normal()), 0.8)
        toned = around(mixed, high_pass(scaled(rng, 22, 34)), treble, bass, colour)
        return self._dj_filtered(toned) if chance(rng, self.style.dj_filter) else toned

    def _dj_filtered(self, mixed: FloatArray) -> FloatArray:
        rng = self.rng
        mode: Mode = one_of(rng, ("low", "low", "high"))
        centre = scaled(rng, 250, 3500) if mode == "low" else scaled(rng, 150, 1200)
        sway = between(rng, 0.0, 1.5) * sine(once_around(1) + rng.random())
        path = np.float32(centre) * np.float32(2) ** sway
        return swept(mixed, path.astype(np.float32), between(rng, 0.1, 0.45), mode)
