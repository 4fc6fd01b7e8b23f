"""The melodic layers of a bar: bass, acid, chords, leads, arpeggios, pads, drones, risers and textures."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from technogan.arrays import FloatArray
from training.corpus import harmony, lines, patterns
from training.corpus.draw import chance, choose, log_uniform, uniform
from training.corpus.effects import echo, hold_samples
from training.corpus.filters import sweep_loop
from training.corpus.grid import N_SAMPLES, N_STEPS, RATE, STEP, note_frequency, phase_ramp, place
from training.corpus.mix import Mix
from training.corpus.oscillators import sine
from training.corpus.patterns import parse_pattern
from training.corpus.stabs import STAB_KINDS, bell, dub_chord, hoover, stab, vocal
from training.corpus.tones import BassVoice, fm_hit


@dataclass(frozen=True, slots=True)
class Instrument:
    """A lead or chord sound. pitches: the MIDI pitches for a step. render: the sound of pitches, float32 (n,)."""

    pitches: Callable[[int], tuple[int, ...]]
    render: Callable[[tuple[int, ...]], FloatArray]


def add_melody(mix: Mix) -> None:
    """Add the melodic layers that the style of the bar draws."""
    rng, style, root = mix.rng, mix.style, mix.harmony.root
    add_line = partial(mix.add, "music")
    layers = (
        (style.bass, _add_bass),
        (style.reese, lambda _: add_line(lines.reese(rng, root), uniform(rng, -13, -6))),
        (style.acid, _add_acid),
        (style.stab, lambda mix: _add_phrase(mix, _stab_instrument(mix), uniform(rng, -15, -6))),
        (style.dub_chord, _add_dub_chords),
        (style.hoover, lambda mix: _add_phrase(mix, _hoover_instrument(mix), uniform(rng, -17, -9))),
        (style.vocal, lambda mix: _add_phrase(mix, _vocal_instrument(mix), uniform(rng, -17, -9))),
        (style.bell, lambda mix: _add_phrase(mix, _bell_instrument(mix), uniform(rng, -20, -11))),
        (style.arpeggio, _add_arpeggio),
        (style.pad, _add_pad),
        (style.drone, lambda _: add_line(lines.drone(rng, root), uniform(rng, -18, -9), room=uniform(rng, 0, 0.4))),
        (style.sweep, lambda _: add_line(lines.sweep(rng), uniform(rng, -22, -10), room=uniform(rng, 0, 0.3))),
        (style.riser, _add_riser),
    )
    for probability, add in layers:
        if chance(rng, probability):
            add(mix)
    if chance(rng, style.texture):
        add_line(lines.texture(rng), uniform(rng, -34, -22))


def _add_bass(mix: Mix) -> None:
    rng = mix.rng
    voice, offbeat = BassVoice(rng), chance(rng, mix.style.offbeat)
    hold = uniform(rng, 0.3, 1.5) * STEP / RATE if offbeat else 0.0
    pattern, moves = _bass_pattern(mix, offbeat), uniform(rng, 0.15, 0.6) if chance(rng, 0.5) else 0.0
    degrees = [mix.harmony.draw_degree(rng) if chance(rng, moves) else 0 for _ in range(choose(rng, (4, 8, 8, 16)))]
    line, notes = np.zeros(N_SAMPLES, np.float32), dict[int, FloatArray]()
    for step in np.flatnonzero(pattern):
        pitch = mix.harmony.pitch(degrees[step % len(degrees)], int(step))
        if pitch not in notes:
            notes[pitch] = voice.note(pitch, hold)
        place(line, notes[pitch], mix.groove.position(int(step)), float(pattern[step]) * uniform(rng, 0.8, 1.0))
    mix.add("music", line, uniform(rng, -9, -3))
    mix.busy += pattern


def _bass_pattern(mix: Mix, offbeat: bool) -> FloatArray:
    rng = mix.rng
    if offbeat:
        return parse_pattern(choose(rng, patterns.OFFBEAT_BASSES))
    if chance(rng, 0.25):
        return patterns.random_pattern(rng, uniform(rng, 0.3, 0.7))
    pattern = parse_pattern(choose(rng, patterns.BASSES))
    return patterns.answer(rng, pattern) if chance(rng, 0.3) else pattern


def _add_acid(mix: Mix) -> None:
    rng = mix.rng
    line = lines.acid(rng, mix.harmony, choose(rng, (0, 1)))
    echoes = uniform(rng, 0, 0.35) if chance(rng, 0.4) else 0.0
    mix.add("music", line, uniform(rng, -14, -6), room=uniform(rng, 0, 0.2), echoes=echoes)


def _stab_instrument(mix: Mix) -> Instrument:
    rng = mix.rng
    kind, voicing, inversion = choose(rng, STAB_KINDS), choose(rng, harmony.VOICINGS), int(rng.integers(3))
    octave, timbre, factor = choose(rng, (1, 1, 2)), _draw_timbre(rng), choose(rng, (4, 8))
    crushed = chance(rng, 0.12)

    def render(notes: tuple[int, ...]) -> FloatArray:
        sound = stab(np.random.default_rng(timbre), notes, kind)
        return hold_samples(sound[: len(sound) // factor * factor], factor) if crushed else sound

    return Instrument(_chords(mix, voicing, octave, inversion), render)


def _hoover_instrument(mix: Mix) -> Instrument:
    rng = mix.rng
    duration, timbre = uniform(rng, 0.8, 3.5) * STEP / RATE, _draw_timbre(rng)
    melody = _melody(mix, 4, choose(rng, (1, 2)))
    return Instrument(melody, lambda notes: hoover(np.random.default_rng(timbre), notes[0], duration))


def _vocal_instrument(mix: Mix) -> Instrument:
    rng = mix.rng
    timbre, voicing = _draw_timbre(rng), choose(rng, ((0,), (0,), (0, 2), (0, 1, 2)))
    chords = _chords(mix, voicing, choose(rng, (1, 2, 2)))
    return Instrument(chords, lambda notes: vocal(np.random.default_rng(timbre), notes))


def _bell_instrument(mix: Mix) -> Instrument:
    timbre, melody = _draw_timbre(mix.rng), _melody(mix, 6, choose(mix.rng, (2, 3, 3)))
    return Instrument(melody, lambda notes: bell(np.random.default_rng(timbre), notes[0]))


def _chords(mix: Mix, voicing: Sequence[int], octave: int, inversion: int = 0) -> Callable[[int], tuple[int, ...]]:
    return lambda step: tuple(note + 12 * octave for note in mix.harmony.chord(voicing, step, inversion))


def _melody(mix: Mix, period: int, octave: int) -> Callable[[int], tuple[int, ...]]:
    degrees = [0, *(mix.harmony.draw_degree(mix.rng) for _ in range(period - 1))]
    return lambda step: (mix.harmony.pitch(degrees[step % period], step) + 12 * octave,)


def _draw_timbre(rng: np.random.Generator) -> int:
    # Each note starts from the same generator state, so all have one timbre.
    return int(rng.integers(2**31))


_INSTRUMENTS = (_stab_instrument, _stab_instrument, _hoover_instrument, _vocal_instrument, _bell_instrument)


def _add_phrase(mix: Mix, instrument: Instrument, level: float) -> None:
    """Add a phrase that fits the music so far, and maybe let another instrument play its second half."""
    rng = mix.rng
    pattern = _draw_fitting_phrase(mix)
    room, echoes = uniform(rng, 0.1, 0.8), uniform(rng, 0, 0.6)
    if not chance(rng, mix.style.answer):
        _play_instrument(mix, instrument, pattern, level, room=room, echoes=echoes)
        return
    reply = choose(rng, _INSTRUMENTS)(mix)
    first = np.arange(N_STEPS) < N_STEPS // 2
    _play_instrument(mix, instrument, pattern * first, level, room=room, echoes=echoes)
    _play_instrument(mix, reply, pattern * ~first, level + uniform(rng, -5, 0), room=room, echoes=echoes)


def _play_instrument(
    mix: Mix,
    instrument: Instrument,
    pattern: FloatArray,
    level: float,
    *,
    room: float,
    echoes: float,
    looseness: float = 0.15,
) -> None:
    pitches = [instrument.pitches(step) if pattern[step] else () for step in range(N_STEPS)]
    for notes in dict.fromkeys(filter(None, pitches)):
        share = pattern * np.array([other == notes for other in pitches], np.float32)
        sounds = [instrument.render(notes)]
        mix.play("music", share, sounds, level, looseness=looseness, room=room, echoes=echoes)


def _draw_fitting_phrase(mix: Mix) -> FloatArray:
    """Return the one of three phrases that collides least with what the music plays so far."""
    rng = mix.rng
    candidates = []
    for _ in range(3):
        pattern = patterns.mutate(rng, parse_pattern(choose(rng, patterns.STABS)), 0.03)
        candidates.append(patterns.answer(rng, pattern) if chance(rng, 0.4) else pattern)
    return min(candidates, key=lambda pattern: float(pattern @ mix.busy) / float(pattern.sum()))


def _add_dub_chords(mix: Mix) -> None:
    """Add a chord or two in the bar, with echoes of their own that a moving filter darkens and opens."""
    rng = mix.rng
    voicing, timbre, octave = choose(rng, harmony.VOICINGS), _draw_timbre(rng), choose(rng, (1, 1, 2))
    pattern = parse_pattern(choose(rng, patterns.DUB_CHORDS))
    dry = np.zeros(N_SAMPLES, np.float32)
    for step in np.flatnonzero(pattern):
        notes = [note + 12 * octave for note in mix.harmony.chord(voicing, int(step))]
        sound = dub_chord(np.random.default_rng(timbre), notes)
        place(dry, sound, mix.groove.position(int(step)), float(pattern[step]))
    wet = echo(dry, choose(rng, (2, 3, 3, 3, 5, 6)), uniform(rng, 0.55, 0.85), log_uniform(rng, 1200, 4500))
    sway = sine(phase_ramp(choose(rng, (1, 1, 2))) + rng.random()) * np.float32(uniform(rng, 0.2, 1.4))
    path = np.float32(log_uniform(rng, 600, 3000)) * np.float32(2) ** sway
    wet = sweep_loop(wet, path, uniform(rng, 0.0, 0.35))
    mix.add("music", dry + np.float32(uniform(rng, 0.5, 0.9)) * wet, uniform(rng, -10, -3), room=uniform(rng, 0.1, 0.6))
    mix.busy += pattern


def _add_arpeggio(mix: Mix) -> None:
    rng = mix.rng
    timbre, melody = _draw_timbre(rng), _melody(mix, choose(rng, (3, 4, 6, 8, 16)), int(rng.integers(2, 4)))
    arpeggio = Instrument(melody, lambda notes: fm_hit(np.random.default_rng(timbre), note_frequency(notes[0])))
    pattern = (
        patterns.random_pattern(rng, uniform(rng, 0.3, 0.9)) if chance(rng, 0.6) else patterns.random_percussion(rng)
    )
    room, echoes = uniform(rng, 0, 0.4), uniform(rng, 0, 0.5)
    _play_instrument(mix, arpeggio, pattern, uniform(rng, -20, -10), looseness=0.2, room=room, echoes=echoes)


def _add_pad(mix: Mix) -> None:
    rng = mix.rng
    voicing, octave = choose(rng, harmony.VOICINGS), 12 * choose(rng, (1, 1, 2))
    chords = [tuple(note + octave for note in mix.harmony.chord(voicing, step)) for step in range(0, N_STEPS, 4)]
    sound = lines.pad(rng, chords)
    if chance(rng, 0.25):
        gate = np.repeat(patterns.random_percussion(rng) > 0, STEP).astype(np.float32)
        sound = sound * lines.smooth(gate, log_uniform(rng, 0.004, 0.04))
    mix.add("music", sound, uniform(rng, -15, -5), room=uniform(rng, 0, 0.6))


def _add_riser(mix: Mix) -> None:
    rng = mix.rng
    sound = lines.riser(rng, mix.harmony.root) if chance(rng, 0.5) else lines.swell(rng)
    mix.add("music", sound, uniform(rng, -24, -13), room=uniform(rng, 0.1, 0.6))
