"""The mixer of a bar: its stems, effects and master chain.

Nothing in the mix acts on several stems unless it is linear, so that a bar is the sum of its stems.
"""

from collections.abc import Sequence
from typing import Literal

import numpy as np

from technogan.arrays import FloatArray
from training.corpus import STEMS
from training.corpus.draw import chance, choose, log_uniform, uniform
from training.corpus.effects import ducking_gain, echo, reverb, saturate
from training.corpus.filters import Mode, filter_loop, high_pass, high_shelf, low_shelf, peak, sweep_loop
from training.corpus.grid import N_SAMPLES, N_STEPS, db_to_gain, phase_ramp, place
from training.corpus.harmony import Harmony
from training.corpus.oscillators import sine
from training.corpus.patterns import Groove
from training.corpus.styles import Style

Stem = Literal["kick", "drums", "music"]

# Factors of the drive of each stem, with which the sum is as dense as one saturated as a whole.
_DRIVES = (2.1, 1.3, 2.1)

# Band, Hz, and mean gain, dB, of the equaliser of each stem; drums and music have some presence.
_COLOURS = (((250, 4000), 0.0), ((500, 5000), 1.5), ((500, 4000), 2.5))


class Mix:
    """The stems of a bar, float32 (N_SAMPLES,) each, and the settings that its layers share.

    Levels are in dB relative to a kick with a peak of 1.

    Attributes:
        kick, drums, music: the dry sound of the stems.
        harmony: the key and chords of the bar.
        kick_pattern: float32 (16,), the trigger of the side-chain ducking.
        kick_length: duration of the kick, s, from which the side-chain derives its release.
        busy: float32 (16,), how much the music so far plays in each step.
    """

    def __init__(self, rng: np.random.Generator, style: Style) -> None:
        self.rng = rng
        self.style = style
        self.groove = Groove.random(rng, style.swing)
        self.harmony = Harmony.random(rng, style.moves)
        self.kick_pattern = np.zeros(N_STEPS, np.float32)
        self.kick_length = 0.2
        self.busy = np.zeros(N_STEPS, np.float32)
        self._dry, self._to_reverb, self._to_echo = np.zeros((3, len(STEMS), N_SAMPLES), np.float32)
        self.kick, self.drums, self.music = self._dry

    def play(
        self,
        stem: Stem,
        pattern: FloatArray,
        sounds: Sequence[FloatArray],
        level: float,
        *,
        looseness: float = 0.15,
        room: float = 0.0,
        echoes: float = 0.0,
    ) -> None:
        """Play a pattern, float32 (16,), on a stem; the first sound is played most often.

        The level is in dB, `looseness` varies the velocities, `room` and `echoes` are effect sends.
        """
        gain = db_to_gain(level)
        for step in np.flatnonzero(pattern):
            velocity = gain * float(pattern[step]) * (1 - looseness * self.rng.random())
            position = self.groove.position(int(step)) + round(self.rng.normal() * self.groove.jitter)
            sound = sounds[0] if chance(self.rng, 0.7) else choose(self.rng, sounds)
            self.hit(stem, sound, position, velocity, room=room, echoes=echoes)
        if stem == "music":
            self.busy += pattern

    def hit(
        self, stem: Stem, sound: FloatArray, position: int, gain: float, *, room: float = 0.0, echoes: float = 0.0
    ) -> None:
        """Play one sound on a stem at a position in samples, which can be outside the bar and wraps around."""
        for bus, send in self._buses(stem, room, echoes):
            place(bus, sound, position, gain * send)

    def add(self, stem: Stem, layer: FloatArray, level: float, *, room: float = 0.0, echoes: float = 0.0) -> None:
        """Add a layer of a whole bar to a stem; see `play` for the arguments."""
        for bus, send in self._buses(stem, room, echoes):
            bus += np.float32(db_to_gain(level) * send) * layer

    def _buses(self, stem: Stem, room: float, echoes: float) -> list[tuple[FloatArray, float]]:
        """Return the buses that a layer feeds, and their gains."""
        i, send = STEMS.index(stem), self.style.send
        buses = ((self._dry[i], 1.0), (self._to_reverb[i], room * send), (self._to_echo[i], echoes * send))
        return [(bus, gain) for bus, gain in buses if gain > 0]

    def mute(self, stem: Stem) -> None:
        """Silence what a stem has received so far, with its effects."""
        for buses in (self._dry, self._to_reverb, self._to_echo):
            buses[STEMS.index(stem)] = 0

    def render_stems(self) -> FloatArray:
        """Mix and master the stems: float32 (3, N_SAMPLES); the peak of their sum is 0.89 to 0.97, without DC."""
        rng, style = self.rng, self.style
        self._return_effects()
        self._duck()
        self.kick *= np.float32(db_to_gain(uniform(rng, -2, 0.5)))
        self.drums *= np.float32(db_to_gain(uniform(rng, 0.5, 4.5)))
        self.music *= np.float32(db_to_gain(style.forward + uniform(rng, 1, 4)))
        stems = self._equalise(self._dry)
        drive = log_uniform(rng, *style.drive)
        stems = np.stack(
            [saturate(stem, drive * more * uniform(rng, 0.8, 1.25)) for stem, more in zip(stems, _DRIVES, strict=True)]
        )
        stems -= stems.mean(axis=1, keepdims=True)
        return stems * np.float32(uniform(rng, 0.89, 0.97) / max(float(np.abs(stems.sum(axis=0)).max()), 1e-6))

    def _return_effects(self) -> None:
        """Add the echoes and the reverb of each stem to that stem; all are in the same room.

        The draws do not depend on which stems are audible, so that muting a stem leaves the others as they are.
        """
        rng = self.rng
        steps, feedback, dark = choose(rng, (1, 2, 3, 3, 3, 4, 6)), uniform(rng, 0.2, 0.7), log_uniform(rng, 1500, 7000)
        washed = np.float32(uniform(rng, 0, 0.4))
        sends = self._to_echo.any(axis=1)
        if sends.any():
            wet = echo(self._to_echo[sends], steps, feedback, dark)
            self._dry[sends] += wet
            self._to_reverb[sends] += washed * wet
        duration, top = log_uniform(rng, *self.style.reverb), log_uniform(rng, 2200, 9500)
        before, room = uniform(rng, 0, 0.03), np.random.default_rng(int(rng.integers(2**31)))
        sends = self._to_reverb.any(axis=1)
        if sends.any():
            wet = reverb(room, self._to_reverb[sends], duration, top=top, before=before)
            self._dry[sends] += np.float32(0.4) * wet

    def _duck(self) -> None:
        rng = self.rng
        # The music is back at about the time when the kick has faded.
        depth, release = uniform(rng, *self.style.duck), min(self.kick_length * log_uniform(rng, 0.35, 0.8), 0.22)
        of_drums = uniform(rng, 0.1, 0.5)
        if self.kick_pattern.any():
            self.music *= ducking_gain(self.kick_pattern, depth, release)
            self.drums *= ducking_gain(self.kick_pattern, of_drums, 0.04)

    def _equalise(self, stems: FloatArray) -> FloatArray:
        rng = self.rng
        treble = high_shelf(log_uniform(rng, 2500, 6500), self.style.tilt + 1 + 1.8 * float(rng.normal()))
        bass = low_shelf(log_uniform(rng, 90, 220), 1.5 * float(rng.normal()))
        colours = [peak(log_uniform(rng, *band), mean + 1.5 * float(rng.normal()), 0.8) for band, mean in _COLOURS]
        toned = filter_loop(stems, high_pass(log_uniform(rng, 22, 34)), treble, bass)
        toned = np.stack([filter_loop(stem, colour) for stem, colour in zip(toned, colours, strict=True)])
        return self._apply_dj_filter(toned) if chance(rng, self.style.dj_filter) else toned

    def _apply_dj_filter(self, stems: FloatArray) -> FloatArray:
        rng = self.rng
        mode: Mode = choose(rng, ("low", "low", "high"))
        centre = log_uniform(rng, 250, 3500) if mode == "low" else log_uniform(rng, 150, 1200)
        sway = uniform(rng, 0.0, 1.5) * sine(phase_ramp(1) + rng.random())
        path, resonance = (np.float32(centre) * np.float32(2) ** sway).astype(np.float32), uniform(rng, 0.1, 0.45)
        return np.stack([sweep_loop(stem, path, resonance, mode) for stem in stems])
