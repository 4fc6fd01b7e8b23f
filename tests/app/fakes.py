"""A fake engine without a network. The pitch of its loops depends on their seeds."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np

from app.audio.preparation import prepare
from technogan.errors import Cancelled
from technogan.formats import find_format
from technogan.network.spec import ModelSpec
from technogan.seeds.origin import Origin
from technogan.seeds.seed import Seed
from technogan.sound.level import Levels
from technogan.sound.loop import Loop

SPEC = ModelSpec("beat", find_format("beat"))
STEMS = ("kick", "drums", "music")


def loop_of(seed, bpm=128.0, *, beats=1, model="beat"):
    """Return a tone whose frequency is the sum of the seed's values."""
    n = 16384 * beats
    tone = 1 + int(abs(sum(seed.values))) % 400
    samples = (0.5 * np.sin(2 * np.pi * tone * beats * np.arange(n) / n)).astype(np.float32)
    magnitude = np.full((128 * beats, SPEC.format.n_bins), 0.01, np.float32)
    magnitude[:, tone % SPEC.format.n_bins] = 10
    origin = Origin(model, (seed,), bpm, beats)
    return Loop(samples, n * bpm / 60 / beats, bpm, beats, magnitude, Levels(-16, -6, 0, 0, 0), origin)


def with_stems(loop, *names):
    """Return a loop with stems: each is a share of the loop, the later the louder, and their sum is the loop."""
    names = names or STEMS
    shares = np.arange(1, len(names) + 1, dtype=np.float32) / sum(range(len(names) + 1))
    stems = {name: loop.samples * share for name, share in zip(names, shares, strict=True)}
    return replace(loop, samples=sum(stems.values()), stems=stems)


def seed_of(value, size=64):
    return Seed((float(value),) * size)


class FakeEngine:
    """A `WindowEngine` that renders at once, or when `gate` is set, with the stems of its spec.

    calls: the seeds, in order. previous: the loops that were continued.
    """

    def __init__(self, spec=SPEC, *, gate=None, error=None):
        self.spec = spec
        self.gate: threading.Event | None = gate
        self.error = error
        self.calls = []
        self.previous = []

    def render(self, seed, *, bpm=None, previous=None, progress=None, stop=None):
        self.calls.append(seed)
        self.previous.append(previous)
        if self.gate is not None:
            assert self.gate.wait(20)
        if self.error is not None:
            raise self.error
        return self._add_stems(loop_of(seed, bpm or 128.0, model=self.spec.name))

    def render_prepared(self, seed, *, bpm, rate, previous=None):
        return prepare(self.render(seed, bpm=bpm, previous=previous), bpm=bpm, sample_rate=rate)

    def render_sequence(self, seeds, *, bpm=None, progress=None, stop=None):
        for i in range(len(seeds)):
            if self.gate is not None:
                assert self.gate.wait(20)
            if stop is not None and stop():
                raise Cancelled
            if progress is not None:
                progress((i + 1) / len(seeds))
        loop = loop_of(seeds[0], bpm or 128.0, beats=len(seeds), model=self.spec.name)
        return self._add_stems(replace(loop, origin=Origin(self.spec.name, tuple(seeds), bpm or 128.0, len(seeds))))

    def _add_stems(self, loop):
        return with_stems(loop, *self.spec.stems) if self.spec.stems else loop
