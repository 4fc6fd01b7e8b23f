"""The drum layers of a bar: kick, rumble, hi-hats, ride, shaker, claps, percussion and toms."""

from collections.abc import Callable

import numpy as np

from technogan.arrays import FloatArray
from training.corpus import fills, kicks, patterns
from training.corpus.breaks import render_break
from training.corpus.draw import chance, choose, choose_weighted, log_uniform, uniform
from training.corpus.drums import CymbalTimbre, clap, cymbal, layer, ride, rim, shaker, snare, tom
from training.corpus.effects import rumble
from training.corpus.grid import N_STEPS, RATE, STEP, db_to_gain, note_frequency
from training.corpus.kicks import kick
from training.corpus.mix import Mix
from training.corpus.patterns import parse_pattern
from training.corpus.tones import fm_hit, zap

_PERCUSSION: tuple[Callable[[np.random.Generator], FloatArray], ...] = (
    rim,
    zap,
    lambda rng: tom(rng, log_uniform(rng, 90, 420)),
    lambda rng: cymbal(rng, CymbalTimbre.random(rng), log_uniform(rng, 0.02, 0.3)),
    *2 * (lambda rng: fm_hit(rng, log_uniform(rng, 150, 1700)),),
)


def add_rhythm(mix: Mix) -> None:
    """Add the drum layers that the style of the bar draws."""
    rng, style = mix.rng, mix.style
    drawn = choose_weighted(rng, fills.FILLS)
    fill = drawn if chance(rng, style.fill) else None
    if not chance(rng, style.kickless):
        _add_kick(mix, fill)
    metal = CymbalTimbre.random(rng)
    layers = (
        (style.hat, lambda mix: _add_hats(mix, metal)),
        (style.open_hat, lambda mix: _add_open_hats(mix, metal)),
        (style.ride, _add_ride),
        (style.shaker, _add_shaker),
        (style.clap, _add_claps),
        (style.breaks, _add_break),
        (style.toms, _add_toms),
    )
    for probability, add in layers:
        if chance(rng, probability):
            add(mix)
    percussion = int(rng.poisson(style.percussion))
    # A bar has a beat, even where the style draws nothing.
    for _ in range(percussion or int(not mix.kick_pattern.any() and not mix.drums.any())):
        _add_percussion(mix)
    if fill is not None:
        fill(mix)
    elif chance(rng, style.roll):
        fills.add_roll(mix, choose(rng, (4, 8, 8, 16)))


def _add_kick(mix: Mix, fill: fills.Fill | None) -> None:
    rng, style = mix.rng, mix.style
    broken = chance(rng, style.broken)
    pattern = parse_pattern(choose(rng, patterns.BROKEN_KICKS if broken else patterns.FOUR_TO_THE_FLOOR))
    if chance(rng, 0.06):
        pattern = patterns.add_ghosts(rng, pattern, 0.1, 0.6)
    if fill is fills.add_stop or (fill is not None and chance(rng, 0.3)):
        pattern[-choose(rng, (2, 4, 4)) :] = 0
    sound = kick(rng, choose_weighted(rng, style.kicks), _kick_tune(mix))
    mix.kick_pattern, mix.kick_length = pattern, kicks.length(sound)
    for step in np.flatnonzero(pattern):
        # The kick stays on the grid; the groove delays the other voices against it.
        mix.hit("kick", sound, int(step) * STEP, float(pattern[step]))
    if chance(rng, style.rumble):
        low = rumble(rng, mix.kick, uniform(rng, 0.5, 1.8), log_uniform(rng, 80, 260), uniform(rng, 1.5, 5))
        mix.add("music", low, uniform(rng, -9, -2))


def _kick_tune(mix: Mix) -> float:
    if chance(mix.rng, 0.25):
        return log_uniform(mix.rng, 41, 60)
    tune = note_frequency(mix.harmony.root)
    return tune if tune <= 61 else tune / 2 if tune / 2 >= 40 else 0.75 * tune


def _add_hats(mix: Mix, metal: CymbalTimbre) -> None:
    rng = mix.rng
    pattern = patterns.mutate(rng, parse_pattern(choose(rng, patterns.HATS)), 0.05)
    if chance(rng, 0.12):
        pattern = patterns.random_percussion(rng)
    pattern = patterns.add_ghosts(rng, pattern * mix.groove.accents, uniform(rng, 0, 0.3), 0.3)
    if chance(rng, 0.5 * mix.style.fill):
        pattern = patterns.add_fill(rng, pattern)
    sounds = [cymbal(rng, metal, log_uniform(rng, 0.010, 0.045)) for _ in range(2)]
    if chance(rng, 0.15):
        sounds = [shaker(rng), shaker(rng)]
    mix.play("drums", pattern, sounds, uniform(rng, -17, -8), room=_maybe(rng, 0.3, 0.15))


def _add_open_hats(mix: Mix, metal: CymbalTimbre) -> None:
    rng = mix.rng
    pattern = parse_pattern(choose(rng, patterns.OFFBEATS)) if chance(rng, 0.85) else patterns.random_percussion(rng)
    sound = cymbal(rng, metal, log_uniform(rng, 0.035, 0.12))
    mix.play("drums", pattern, [sound], uniform(rng, -15, -6.5), looseness=0.1, room=_maybe(rng, 0.2, 0.2))


def _add_ride(mix: Mix) -> None:
    rng = mix.rng
    mix.play("drums", parse_pattern(choose(rng, patterns.RIDES)), [ride(rng)], uniform(rng, -20, -11), looseness=0.2)


def _add_shaker(mix: Mix) -> None:
    rng = mix.rng
    accents = np.resize(rng.uniform(0.3, 1.0, choose(rng, (2, 4, 4, 8))).astype(np.float32), N_STEPS)
    mix.play("drums", accents, [shaker(rng), shaker(rng)], uniform(rng, -24, -14))


def _add_claps(mix: Mix) -> None:
    rng = mix.rng
    pattern = parse_pattern(choose(rng, patterns.CLAPS))
    if chance(rng, 0.2):
        pattern = patterns.add_ghosts(rng, pattern, 0.12, 0.35)
    sound = clap(rng) if chance(rng, 0.65) else snare(rng)
    if chance(rng, 0.25):
        sound = layer(rng, sound, snare(rng) if chance(rng, 0.6) else clap(rng))
    level, room, echoes = uniform(rng, -11, -4), _maybe(rng, 0.5, 0.6), _maybe(rng, 0.12, 0.35)
    mix.play("drums", pattern, [sound], level, looseness=0.08, room=room, echoes=echoes)
    if chance(rng, mix.style.flam):
        _add_flams(mix, pattern, sound, level, room)


def _add_flams(mix: Mix, pattern: FloatArray, sound: FloatArray, level: float, room: float) -> None:
    """Play a softer stroke or two shortly before the claps of a pattern, or before some of them."""
    rng = mix.rng
    ahead, strokes, often = uniform(rng, 0.012, 0.036), choose(rng, (1, 1, 2)), choose(rng, (1.0, 1.0, 0.5))
    for step in np.flatnonzero(pattern >= 0.7):
        if chance(rng, often):
            for stroke in range(1, strokes + 1):
                position = mix.groove.position(int(step)) - round(stroke * ahead * RATE)
                mix.hit("drums", sound, position, db_to_gain(level) * uniform(rng, 0.35, 0.7) / stroke, room=room)


def _add_break(mix: Mix) -> None:
    rng = mix.rng
    mix.add("drums", render_break(rng, mix.groove), uniform(rng, -13, -5), room=_maybe(rng, 0.5, 0.3))


def _add_percussion(mix: Mix) -> None:
    rng = mix.rng
    pattern = patterns.add_ghosts(rng, patterns.random_percussion(rng), 0.06, 0.4)
    room, echoes = _maybe(rng, 0.5, 0.6), _maybe(rng, 0.25, 0.5)
    sound = _PERCUSSION[rng.integers(len(_PERCUSSION))](rng)
    mix.play("drums", pattern, [sound], uniform(rng, -19, -7), looseness=0.3, room=room, echoes=echoes)


def _add_toms(mix: Mix) -> None:
    rng = mix.rng
    tune = log_uniform(rng, 70, 160)
    voices = [tom(rng, tune * ratio) for ratio in (1.0, uniform(rng, 1.2, 1.5), uniform(rng, 1.6, 2.1))]
    pattern, melody = patterns.random_percussion(rng), rng.integers(0, 3, N_STEPS)
    level, room = uniform(rng, -12, -5), _maybe(rng, 0.4, 0.3)
    for i, voice in enumerate(voices):
        mix.play("drums", pattern * (melody == i), [voice], level, looseness=0.2, room=room)


def _maybe(rng: np.random.Generator, probability: float, most: float) -> float:
    return uniform(rng, 0.0, most) if chance(rng, probability) else 0.0
