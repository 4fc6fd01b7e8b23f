"""Loops for tests, and a mixer that plays them."""

import numpy as np

from app.audio.mixer import Mixer
from app.audio.preparation import PreparedLoop
from technogan.sound.level import Levels
from technogan.sound.loop import Loop
from tests.signals import BEAT, RATE, beat_loop

# Small enough to follow by hand: 1000 frames per beat, fades of 80 frames.
SAMPLE_RATE = 8000
BPM = 480.0
BEAT_FRAMES = 1000
FADE = 80


def loop_of(samples, beats=1, bpm=128.0, stems=None):
    """Return a Loop around any samples."""
    samples = np.asarray(samples, np.float32)
    levels = Levels(loudness=-16.0, true_peak=-1.0, gain_db=0.0, limited=0, dc=0.0)
    rate = len(samples) * bpm / 60 / max(beats, 1)
    return Loop(samples, rate, bpm, beats, np.zeros((1, 1), np.float32), levels, stems=stems or {})


def loop_of_stems(beats=1, **stems):
    """Return a Loop that is the sum of these stems."""
    parts = {name: np.asarray(samples, np.float32) for name, samples in stems.items()}
    return loop_of(sum(parts.values()), beats, stems=parts)


def techno(beats=1, seed=0):
    """Return kick, hat and bass, at the network's own rate."""
    assert RATE * 60 / 128 == BEAT
    return loop_of(0.5 * beat_loop(beats, seed), beats)


def prepared(samples, beats=1):
    """Return a loop of samples that already fit the small mixer."""
    samples = np.asarray(samples, np.float32)
    return PreparedLoop(samples, beats, loop_of(samples, beats))


def prepared_stems(beats=1, **stems):
    """Return a loop that is the sum of stems that already fit the small mixer."""
    loop = loop_of_stems(beats, **stems)
    return PreparedLoop(loop.samples, beats, loop, loop.stems)


def noise(seed, beats=1, peak=0.1):
    return prepared(np.random.default_rng(seed).uniform(-peak, peak, beats * BEAT_FRAMES), beats)


def sine(cycles, beats=1, peak=0.1, phase=0.0):
    t = np.arange(beats * BEAT_FRAMES) / (beats * BEAT_FRAMES)
    return prepared(peak * np.sin(2 * np.pi * (cycles * t + phase)), beats)


def constant(value, beats=1):
    return prepared(np.full(beats * BEAT_FRAMES, value), beats)


def playing(*loops):
    """Return a mixer whose next output starts at beat 0, with each loop playing in its own voice."""
    mixer = Mixer(SAMPLE_RATE, BPM, max(len(loops), 1) + 1)
    for voice, loop in enumerate(loops):
        mixer.set_loop(voice, loop)
        mixer.start(voice)
    mixer.run(True)
    mixer.mix(FADE + mixer.delay)
    return mixer


def mixed(mixer, n_frames, block=384):
    """Return the mixer's output: float32 (n_frames,); both channels must be equal."""
    blocks = [mixer.mix(min(block, n_frames - start)) for start in range(0, n_frames, block)]
    sound = np.concatenate(blocks)
    assert np.array_equal(sound[:, 0], sound[:, 1])
    return sound[:, 0]


def repeated(loop, n_frames, start=0):
    """Return the samples of a loop that plays alone."""
    return np.take(loop.samples, np.arange(start, start + n_frames), mode="wrap")
