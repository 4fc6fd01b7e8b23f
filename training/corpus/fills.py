"""Fills: what the drums do at the end of a bar. The kick often pauses for them."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from technogan.arrays import FloatArray
from training.corpus.breaks import rearrange, stutter_order
from training.corpus.draw import choose, log_uniform, uniform
from training.corpus.drums import CymbalTimbre, clap, cymbal, snare, tom
from training.corpus.grid import N_SAMPLES, N_STEPS, STEP, db_to_gain
from training.corpus.mix import Mix
from training.corpus.oscillators import finish

# Adds a fill to the drums of a bar, which are otherwise complete.
Fill = Callable[[Mix], None]


def add_roll(mix: Mix, steps: int | None = None) -> None:
    """Add a snare roll that grows up to the end of the bar, over 2 to 16 steps."""
    rng = mix.rng
    steps = choose(rng, (2, 4, 4, 4, 8)) if steps is None else steps
    sound, rise, level = snare(rng), uniform(rng, 1.0, 1.4), uniform(rng, -14, -6) - 0.4 * steps
    half = N_STEPS - steps / 2
    # Longer triplets would hide the beat.
    slow, fast = ((1, 1, 0.5, 2 / 3), (1, 0.5, 0.5, 1 / 3)) if steps <= 4 else ((1, 1, 0.5), (1, 0.5, 0.5))
    hits = [
        *np.arange(N_STEPS - steps, half, choose(rng, slow)).tolist(),
        *np.arange(half, N_STEPS - 0.01, choose(rng, fast)).tolist(),
    ]
    _play_run(mix, [_repitch(sound, rise**part) for part in np.linspace(0, 1, len(hits))], hits, level)


def _add_toms(mix: Mix) -> None:
    rng = mix.rng
    hits = sorted(rng.choice(np.arange(N_STEPS - 4, N_STEPS, 0.5), int(rng.integers(3, 7)), replace=False).tolist())
    high, low = log_uniform(rng, 150, 280), log_uniform(rng, 65, 110)
    voices = [tom(rng, high * (low / high) ** part) for part in (0.0, 0.5, 1.0)]
    _play_run(mix, [voices[int(2.99 * i / len(hits))] for i in range(len(hits))], hits, uniform(rng, -12, -5), 0.8)


def _add_claps(mix: Mix) -> None:
    rng = mix.rng
    hits = choose(rng, ((12.0, 13.5, 15.0), (13.0, 14.0, 15.0), (12.0, 14.0, 15.0), (14.0, 14.5, 15.0, 15.5)))
    _play_run(mix, [clap(rng)] * len(hits), hits, uniform(rng, -12, -6), 0.6)


def _add_stutter(mix: Mix) -> None:
    mix.drums[:] = rearrange(mix.drums, stutter_order(mix.rng))


def add_stop(mix: Mix) -> None:
    """Silence the dry drums in the last steps; only their echoes and reverb go on."""
    n = STEP * choose(mix.rng, (1, 2, 3))
    mix.drums[-n:] = 0
    ramp = np.linspace(1, 0, 200, dtype=np.float32)
    mix.drums[-n - len(ramp) : -n] *= ramp


def _add_reverse(mix: Mix) -> None:
    """Let a cymbal or clap, played backwards, lead to the start of the bar."""
    rng = mix.rng
    sound = clap(rng) if rng.random() < 0.4 else cymbal(rng, CymbalTimbre.random(rng), log_uniform(rng, 0.1, 0.3))
    sound = sound[: min(len(sound), 4 * STEP)][::-1]
    sound = finish(sound, attack=400, release=64)
    mix.hit("drums", sound, N_SAMPLES - len(sound), db_to_gain(uniform(rng, -14, -6)), room=uniform(rng, 0, 0.5))


def _play_run(
    mix: Mix, sounds: Sequence[FloatArray], hits: Sequence[float], level: float, softest: float = 0.35
) -> None:
    """Play sounds at fractional steps with growing velocity."""
    room = uniform(mix.rng, 0, 0.4)
    for sound, step, velocity in zip(sounds, hits, np.linspace(softest, 1, len(hits)), strict=True):
        loud = float(velocity) * uniform(mix.rng, 0.85, 1.0)
        mix.hit("drums", sound, round(step * STEP), db_to_gain(level) * loud, room=room)


def _repitch(sound: FloatArray, ratio: float) -> FloatArray:
    """Return a sound played faster by a ratio >= 1, and so higher."""
    return np.asarray(np.interp(np.arange(0, len(sound) - 1, ratio), np.arange(len(sound)), sound), np.float32)


# The fills and their weights.
FILLS: Mapping[Fill, float] = {
    add_roll: 4,
    _add_toms: 2,
    _add_claps: 1.5,
    _add_stutter: 2.5,
    add_stop: 2,
    _add_reverse: 2,
}
