"""The melodic layers of a bar: bass, acid, stabs, arpeggios, pads, drones, sweeps and textures."""

from __future__ import annotations

import numpy as np

from technogan.arrays import FloatArray
from training.corpus import lines, patterns
from training.corpus.draw import chance, choose, log_uniform, uniform
from training.corpus.effects import hold_samples
from training.corpus.grid import N_SAMPLES, N_STEPS, note_frequency, place
from training.corpus.mix import Mix
from training.corpus.patterns import parse_pattern
from training.corpus.tones import STAB_KINDS, BassVoice, fm_hit, stab


def add_melody(mix: Mix) -> None:
    """Add the melodic layers that the style of the bar draws."""
    rng, style = mix.rng, mix.style
    if chance(rng, style.bass):
        mix.add("music", _bass_line(mix), uniform(rng, -9, -3))
    if chance(rng, style.reese):
        mix.add("music", lines.reese(rng, mix.root), uniform(rng, -13, -6))
    if chance(rng, style.acid):
        _add_acid(mix)
    if chance(rng, style.stab):
        _add_stabs(mix)
    if chance(rng, style.arpeggio):
        _add_arpeggio(mix)
    if chance(rng, style.pad):
        _add_pad(mix)
    if chance(rng, style.drone):
        mix.add("music", lines.drone(rng, mix.root), uniform(rng, -18, -9), room=uniform(rng, 0, 0.4))
    if chance(rng, style.sweep):
        mix.add("music", lines.sweep(rng), uniform(rng, -22, -10), room=uniform(rng, 0, 0.3))
    if chance(rng, style.texture):
        mix.add("music", lines.texture(rng), uniform(rng, -34, -22))


def _bass_line(mix: Mix) -> FloatArray:
    rng = mix.rng
    voice, scale = BassVoice(rng), choose(rng, lines.SCALES)
    pattern = (
        parse_pattern(choose(rng, patterns.BASSES))
        if chance(rng, 0.75)
        else patterns.random_pattern(rng, uniform(rng, 0.3, 0.7))
    )
    moves = uniform(rng, 0.15, 0.6) if chance(rng, 0.5) else 0.0
    phrase = [mix.root + (choose(rng, scale) if chance(rng, moves) else 0) for _ in range(N_STEPS // 2)]
    notes = {note: voice.note(note) for note in set(phrase)}
    line = np.zeros(N_SAMPLES, np.float32)
    for step in np.flatnonzero(pattern):
        velocity = float(pattern[step]) * uniform(rng, 0.8, 1.0)
        place(line, notes[phrase[step % len(phrase)]], mix.groove.position(int(step)), velocity)
    return line


def _add_acid(mix: Mix) -> None:
    rng = mix.rng
    line = lines.acid(rng, mix.root + choose(rng, (0, 12)))
    echoes = uniform(rng, 0, 0.35) if chance(rng, 0.4) else 0.0
    mix.add("music", line, uniform(rng, -14, -6), room=uniform(rng, 0, 0.2), echoes=echoes)


def _add_stabs(mix: Mix) -> None:
    rng = mix.rng
    kind, note = choose(rng, STAB_KINDS), mix.root + choose(rng, (12, 12, 24))
    sounds = [stab(rng, note, kind)]
    if chance(rng, 0.3):
        sounds.append(stab(rng, note + choose(rng, (-2, 3, 5, 7)), kind))
    if chance(rng, 0.12):
        sounds = [_reduce_rate(rng, sound) for sound in sounds]
    pattern = patterns.mutate(rng, parse_pattern(choose(rng, patterns.STABS)), 0.03)
    room, echoes = uniform(rng, 0.1, 0.8), uniform(rng, 0, 0.6)
    mix.play("music", pattern, sounds, uniform(rng, -15, -6), room=room, echoes=echoes)


def _reduce_rate(rng: np.random.Generator, sound: FloatArray) -> FloatArray:
    factor = choose(rng, (4, 8))
    return hold_samples(sound[: len(sound) // factor * factor], factor)


def _add_arpeggio(mix: Mix) -> None:
    rng = mix.rng
    scale, octave = choose(rng, lines.SCALES), 12 * int(rng.integers(2, 4))
    # Each note starts from the same generator state, so all have one timbre.
    timbre = int(rng.integers(2**31))
    notes = [mix.root + octave + choose(rng, scale) for _ in range(int(rng.integers(2, 5)))]
    voices = [fm_hit(np.random.default_rng(timbre), note_frequency(note)) for note in notes]
    pattern = (
        patterns.random_pattern(rng, uniform(rng, 0.3, 0.9)) if chance(rng, 0.6) else patterns.random_percussion(rng)
    )
    melody = np.resize(rng.integers(0, len(notes), choose(rng, (3, 4, 6, 8, 16))), N_STEPS)
    level, echoes, room = uniform(rng, -20, -10), uniform(rng, 0, 0.5), uniform(rng, 0, 0.4)
    for i, voice in enumerate(voices):
        mix.play("music", pattern * (melody == i), [voice], level, looseness=0.2, room=room, echoes=echoes)


def _add_pad(mix: Mix) -> None:
    rng = mix.rng
    sound = lines.pad(rng, mix.root + choose(rng, (12, 12, 24)))
    if chance(rng, 0.25):
        gate = np.repeat(patterns.random_percussion(rng) > 0, N_SAMPLES // N_STEPS).astype(np.float32)
        sound = sound * lines.smooth(gate, log_uniform(rng, 0.004, 0.04))
    mix.add("music", sound, uniform(rng, -15, -5), room=uniform(rng, 0, 0.6))
