"""Tracks of known tempo, made of bars of the corpus."""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from technogan.arrays import FloatArray
from technogan.sound.resampling import resample
from training.corpus.drums import CymbalTimbre, clap, cymbal
from training.corpus.grid import N_SAMPLES, N_STEPS, STEP, db_to_gain, place
from training.corpus.kicks import kick
from training.corpus.melody import add_melody
from training.corpus.mix import Mix
from training.corpus.rhythm import add_rhythm
from training.corpus.styles import BY_NAME

# The muted buses of each section of eight bars.
ARRANGEMENT = (("music",), (), (), ("kick", "drums"), (), ("music",), ("kick",), ())


@dataclass(frozen=True)
class Truth:
    """A track with known properties.

    feel: "", "offbeat", "sparse", "half-time" or "swing". offset: s of silence before the first bar, or, below zero, of
    the first bar that are missing.
    """

    seed: int
    bpm: float
    style: str
    feel: str = ""
    rate: int = 44100
    offset: float = 0.0
    bars: int = 64


def forty() -> list[Truth]:
    """Return forty tracks of ten styles, five feels, two rates and tempos from 110 to 180 BPM, with any offset."""
    rng = np.random.default_rng(5)
    styles, feels = sorted(BY_NAME), ("", "offbeat", "sparse", "half-time", "swing")
    truths = []
    for i in range(40):
        bpm = round(float(110 + 70 * (i + rng.random()) / 40), 3 if i % 2 else 0)
        offset = round(float(rng.uniform(0, 2)), 4) * (0, 1, 1, -1)[i % 4]
        truths.append(Truth(i, bpm, styles[i % 10], feels[i * 7 // 3 % 5], (44100, 48000)[i // 2 % 2], offset))
    return truths


def samples_of(truth: Truth) -> FloatArray:
    """Return the track: float32 (n,), peak at most 1."""
    sections = [_section(truth, muted) for muted in ARRANGEMENT]
    bars = [sections[i // 8 % len(sections)] for i in range(truth.bars)]
    n = round(truth.bars * 240 * truth.rate / truth.bpm)
    # Resample the whole track, so that no bar is rounded to samples.
    sound = resample(np.concatenate(bars), n)
    sound /= np.float32(max(1.0, float(np.abs(sound).max())))
    late = round(truth.offset * truth.rate)
    return np.concatenate([np.zeros(late, np.float32), sound]) if late >= 0 else sound[-late:]


@lru_cache(maxsize=64)
def _section(truth: Truth, muted: tuple[str, ...]) -> FloatArray:
    if truth.feel == "half-time":
        return _half_time(truth.seed, muted)
    rng = np.random.default_rng([7, truth.seed])
    mix = Mix(rng, BY_NAME[truth.style])
    if truth.feel == "swing":
        mix.groove = replace(mix.groove, swing=float(rng.uniform(0.2, 0.45)))
    add_rhythm(mix)
    add_melody(mix)
    if truth.feel == "offbeat":
        mix.kick *= np.float32(db_to_gain(-9))
        for step in range(2, N_STEPS, 4):
            place(
                mix.drums,
                cymbal(np.random.default_rng(truth.seed), CymbalTimbre(300, 7000, 0.5), 0.06),
                step * STEP,
                0.7,
            )
    if truth.feel == "sparse":
        mix.drums *= np.float32(db_to_gain(-15))
        mix.music *= np.float32(db_to_gain(-6))
    for bus in muted:
        getattr(mix, bus)[:] = 0
    heard = mix.kick.any() or mix.drums.any() or mix.music.any()
    return mix.render_stems().sum(axis=0) if heard else 0 * mix.kick


def _half_time(seed: int, muted: tuple[str, ...]) -> FloatArray:
    rng = np.random.default_rng([8, seed])
    bar = np.zeros(N_SAMPLES, np.float32)
    bass_drum, hand, hat = kick(rng, "808", 50.0), clap(rng), cymbal(rng, CymbalTimbre.random(rng), 0.03)
    if "kick" not in muted:
        for step in (0, 6, 10)[: 2 + seed % 2]:
            place(bar, bass_drum, step * STEP, 0.8)
    if "drums" not in muted:
        place(bar, hand, 8 * STEP, 0.5)
    for step in range(0, N_STEPS, 2):
        place(bar, hat, step * STEP, 0.2 if step % 4 else 0.12)
    return bar * np.float32(0.8)


def bent(samples: FloatArray, rate: int, times: npt.NDArray[np.float64]) -> FloatArray:
    """Return the track resampled at times, s: float32, of the same length."""
    return np.interp(times, np.arange(len(samples)) / rate, samples).astype(np.float32)


def seconds_of(samples: FloatArray, rate: int) -> npt.NDArray[np.float64]:
    """Return the time of every sample, s."""
    return np.arange(len(samples)) / rate
