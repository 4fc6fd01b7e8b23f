"""The harmony of a bar: the root, scale and chords that all its melodic layers share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from training.corpus.draw import chance, choose, choose_weighted
from training.corpus.grid import N_STEPS

# Semitones above the root, and the weights of the scales.
SCALES: Mapping[tuple[int, ...], float] = {
    (0, 2, 3, 5, 7, 8, 10): 4,  # natural minor
    (0, 1, 3, 5, 7, 8, 10): 3,  # Phrygian
    (0, 2, 3, 5, 7, 9, 10): 2,  # Dorian
    (0, 3, 5, 7, 10): 3,  # minor pentatonic
    (0, 2, 3, 5, 7, 8, 11): 1,  # harmonic minor
    (0, 3, 5, 6, 7, 10): 1,  # blues
}
# Root, third, fifth, seventh, ninth and octave of a chord, as scale degrees, by the number of notes in the scale.
_CHORD_DEGREES: Mapping[int, tuple[int, ...]] = {
    5: (0, 1, 3, 4, 6, 5),
    6: (0, 1, 4, 5, 7, 6),
    7: (0, 2, 4, 6, 8, 7),
}
# The degree of the chord on each beat, relative to the tonic.
PROGRESSIONS: tuple[tuple[int, ...], ...] = (
    (0, 0, -2, -2),
    (0, 0, -1, -1),
    (0, 0, 3, 3),
    (0, 0, 2, 2),
    (0, 0, 1, 1),
    (0, 0, 0, -1),
    (0, 0, 0, 1),
    (0, 0, -2, -1),
    (0, 0, 0, 2),
    (0, -1, -2, -1),
)
# Chords as positions in _CHORD_DEGREES.
VOICINGS: tuple[tuple[int, ...], ...] = (
    (0, 1, 2),
    (0, 1, 2, 3),
    (0, 1, 2, 3, 4),
    (0, 1, 3, 4),
    (0, 2, 5),
    (0, 1, 2, 5),
    (0, 2, 3),
    (1, 2, 3, 4),
)
_TONES: Mapping[int, float] = {0: 9, 1: 3, 2: 4, 3: 3, 4: 1, 5: 2}


@dataclass(frozen=True, slots=True)
class Harmony:
    """One root and one scale, and the chord of every beat.

    Attributes:
        root: MIDI pitch of the tonic in the bass register.
        scale: semitones above the root, ascending from 0.
        progression: scale degree of the root of the chord on each of the four beats.
    """

    root: int
    scale: tuple[int, ...]
    progression: tuple[int, ...] = (0, 0, 0, 0)

    @classmethod
    def random(cls, rng: np.random.Generator, moves: float) -> Harmony:
        """Draw a harmony; `moves` is the probability that its chords change within the bar."""
        root, scale = int(rng.integers(29, 41)), choose_weighted(rng, SCALES)
        return cls(root, scale, choose(rng, PROGRESSIONS)) if chance(rng, moves) else cls(root, scale)

    def pitch(self, degree: int, step: int = 0) -> int:
        """Return the MIDI pitch of a degree above the root of the chord at a step, in the bass register."""
        octave, place = divmod(degree + self.progression[step % N_STEPS // 4], len(self.scale))
        return self.root + 12 * octave + self.scale[place]

    def chord(self, voicing: Sequence[int], step: int = 0, inversion: int = 0) -> tuple[int, ...]:
        """Return the MIDI pitches of the chord at a step; an inversion lifts as many notes by an octave."""
        degrees = _CHORD_DEGREES[len(self.scale)]
        return tuple(self.pitch(degrees[tone], step) + 12 * (i < inversion) for i, tone in enumerate(voicing))

    def draw_degree(self, rng: np.random.Generator) -> int:
        """Draw a degree for a melody: mostly a tone of the chord, sometimes another note of the scale."""
        if chance(rng, 0.15):
            return int(rng.integers(len(self.scale)))
        return _CHORD_DEGREES[len(self.scale)][choose_weighted(rng, _TONES)]
