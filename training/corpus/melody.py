"""The layers of a bar that have a pitch or a colour: bass, acid, stabs, arpeggios, pads, drones, sweeps."""

from __future__ import annotations

import numpy as np

from technogan.arrays import FloatArray
from training.corpus import lines, patterns
from training.corpus.draw import between, chance, one_of, scaled
from training.corpus.effects import crushed
from training.corpus.grid import N_SAMPLES, N_STEPS, pitch, place
from training.corpus.mix import Mix
from training.corpus.patterns import template
from training.corpus.tones import STAB_KINDS, BassVoice, fm_hit, stab


def add_melody(mix: Mix) -> None:
    """All pitched layers that the bar's style calls for."""
    rng, style = mix.rng, mix.style
    if chance(rng, style.bass):
        mix.add(mix.music, _bass_line(mix), between(rng, -9, -3))
    if chance(rng, style.reese):
        mix.add(mix.music, lines.reese(rng, mix.root), between(rng, -13, -6))
    if chance(rng, style.acid):
        _add_acid(mix)
    if chance(rng, style.stab):
        _add_stabs(mix)
    if chance(rng, style.arpeggio):
        _add_arpeggio(mix)
    if chance(rng, style.pad):
        _add_pad(mix)
    if chance(rng, style.drone):
        mix.add(mix.music, lines.drone(rng, mix.root), between(rng, -18, -9), room=between(rng, 0, 0.4))
    if chance(rng, style.sweep):
        mix.add(mix.music, lines.sweep(rng), between(rng, -22, -10), room=between(rng, 0, 0.3))
    if chance(rng, style.texture):
        mix.add(mix.music, lines.texture(rng), between(rng, -34, -22))


def _bass_line(mix: Mix) -> FloatArray:
    rng = mix.rng
    voice, scale = BassVoice(rng), one_of(rng, lines.SCALES)
    pattern = (
        template(one_of(rng, patterns.BASSES)) if chance(rng, 0.75) else patterns.scattered(rng, between(rng, 0.3, 0.7))
    )
    moves = between(rng, 0.15, 0.6) if chance(rng, 0.5) else 0.0
    phrase = [mix.root + (one_of(rng, scale) if chance(rng, moves) else 0) for _ in range(N_STEPS // 2)]
    notes = {note: voice.note(note) for note in set(phrase)}
    line = np.zeros(N_SAMPLES, np.float32)
    for step in np.flatnonzero(pattern):
        velocity = float(pattern[step]) * between(rng, 0.8, 1.0)
        place(line, notes[phrase[step % len(phrase)]], mix.groove.position(int(step)), velocity)
    return line


def _add_acid(mix: Mix) -> None:
    rng = mix.rng
    line = lines.acid(rng, mix.root + one_of(rng, (0, 12)))
    echoes = between(rng, 0, 0.35) if chance(rng, 0.4) else 0.0
    mix.add(mix.music, line, between(rng, -14, -6), room=between(rng, 0, 0.2), echoes=echoes)


def _add_stabs(mix: Mix) -> None:
    rng = mix.rng
    kind, note = one_of(rng, STAB_KINDS), mix.root + one_of(rng, (12, 12, 24))
    sounds = [stab(rng, note, kind)]
    if chance(rng, 0.3):
        sounds.append(stab(rng, note + one_of(rng, (-2, 3, 5, 7)), kind))
    if chance(rng, 0.12):
        sounds = [_gritty(rng, sound) for sound in sounds]
    pattern = patterns.mutated(rng, template(one_of(rng, patterns.STABS)), 0.03)
    room, echoes = between(rng, 0.1, 0.8), between(rng, 0, 0.6)
    mix.play(mix.music, pattern, sounds, between(rng, -15, -6), room=room, echoes=echoes)


def _gritty(rng: np.random.Generator, sound: FloatArray) -> FloatArray:
    factor = one_of(rng, (4, 8))
    return crushed(sound[: len(sound) // factor * factor], factor)


def _add_arpeggio(mix: Mix) -> None:
    rng = mix.rng
    scale, octave = one_of(rng, lines.SCALES), 12 * int(rng.integers(2, 4))
    # One timbre: every note is drawn from the same state of the generator.
    timbre = int(rng.integers(2**31))
    notes = [mix.root + octave + one_of(rng, scale) for _ in range(int(rng.integers(2, 5)))]
    voices = [fm_hit(np.random.default_rng(timbre), pitch(note)) for note in notes]
    pattern = patterns.scattered(rng, between(rng, 0.3, 0.9)) if chance(rng, 0.6) else patterns.percussive(rng)
    melody = np.resize(rng.integers(0, len(notes), one_of(rng, (3, 4, 6, 8, 16))), N_STEPS)
    level, echoes, room = between(rng, -20, -10), between(rng, 0, 0.5), between(rng, 0, 0.4)
    for i, voice in enumerate(voices):
        mix.play(mix.music, pattern * (melody == i), [voice], level, looseness=0.2, room=room, echoes=echoes)


def _add_pad(mix: Mix) -> None:
    rng = mix.rng
    sound = lines.pad(rng, mix.root + one_of(rng, (12, 12, 24)))
    if chance(rng, 0.25):
        gate = np.repeat(patterns.percussive(rng) > 0, N_SAMPLES // N_STEPS).astype(np.float32)
        sound = sound * lines.smoothed(gate, scaled(rng, 0.004, 0.04))
    mix.add(mix.music, sound, between(rng, -15, -5), room=between(rng, 0, 0.6))
