"""From a generating job to files and the reply that tells of them."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Protocol

import numpy as np

from technogan.files.png import write_magnitude
from technogan.formats import SpectrogramFormat
from technogan.network.spec import ModelSpec
from technogan.osc.commands import Generate, Kind
from technogan.osc.jobs import Job
from technogan.osc.memory_limit import check_fits
from technogan.osc.protocol import Reply
from technogan.osc.target import FileNames, Target, retrying, shown
from technogan.progress import Progress, Stop
from technogan.seeds.paths import fade, pingpong, walk
from technogan.seeds.seed import SLIDER_MAX, SLIDER_MIN, Seed
from technogan.sound.loop import Loop

# The prototype wrote everything that has no id to this name.
_NAMELESS = "testo"


class Renderer(Protocol):
    """What the service needs of an `Engine`."""

    @property
    def spec(self) -> ModelSpec:
        """The model's facts."""

    def render(
        self, seed: Seed, *, bpm: float | None = None, progress: Progress | None = None, stop: Stop | None = None
    ) -> Loop:
        """The loop of one seed."""

    def render_sequence(
        self, seeds: list[Seed], *, bpm: float | None = None, progress: Progress | None = None, stop: Stop | None = None
    ) -> Loop:
        """All seeds one after another as one loop."""


class Maker:
    """Makes the files of generating jobs. Used by the worker thread alone."""

    def __init__(self) -> None:
        self._names = FileNames()
        self._rng = np.random.default_rng()

    def make(self, job: Job, engine: Renderer, progress: Progress) -> tuple[Reply, Loop]:
        """Render, write, and say so. Raises TechnoganError where that is not possible."""
        command = job.request.command
        if not isinstance(command, Generate):
            raise TypeError(f"{type(command).__name__} makes no loop")
        began = time.perf_counter()
        with self._target(job, command) as target:
            loop = self._render(command, engine, job, progress)
            _write(loop, target, engine.spec.format, job.settings.sample_rate)
        return _reply(command, target, time.perf_counter() - began), loop

    def _target(self, job: Job, command: Generate) -> AbstractContextManager[Target]:
        picture = command.answer == "wav_id_img"
        if not job.request.fixed_names:
            return self._names.unique(job.settings.directory, f"{command.kind.value}{command.id}", picture=picture)
        stem = _NAMELESS if command.answer == "wav" else f"{command.kind.value}{command.id}"
        return self._names.fixed(job.settings.directory, stem, picture=picture)

    def _render(self, command: Generate, engine: Renderer, job: Job, progress: Progress) -> Loop:
        bpm, stop = job.settings.bpm, job.stop.is_set
        if command.kind is Kind.single:
            return engine.render(command.seeds[0], bpm=bpm, progress=progress, stop=stop)
        check_fits(command.steps, engine.spec.format)
        seeds = self._seeds(command)
        return engine.render_sequence(seeds, bpm=bpm, progress=progress, stop=stop)

    def _seeds(self, command: Generate) -> list[Seed]:
        if command.kind is Kind.walk:
            return walk(command.seeds[0], command.steps, command.morph, self._rng)
        start, end = command.seeds
        between = fade if command.kind is Kind.fade else pingpong
        return between(start, end, command.steps)


def _write(loop: Loop, target: Target, spectrogram_format: SpectrogramFormat, sample_rate: int | None) -> None:
    picture = target.picture
    if picture is not None:
        comment = loop.origin.to_json() if loop.origin else ""
        retrying(lambda: write_magnitude(picture, loop.magnitude, spectrogram_format, comment=comment))
    retrying(lambda: at_rate(loop, sample_rate).save(target.wav))


def at_rate(loop: Loop, sample_rate: int | None) -> Loop:
    """The same samples under another rate, as the prototype did it: faster or slower, and so at another tempo."""
    if sample_rate is None:
        return loop
    return replace(loop, sample_rate=float(sample_rate), bpm=loop.bpm * sample_rate / loop.sample_rate)


def _reply(command: Generate, target: Target, took_s: float) -> Reply:
    wav = shown(target.wav)
    text = f"Generated {command.kind.value} in {took_s:.2f} sec.: {target.wav.name if command.answer == 'wav' else wav}"
    if command.clipped:
        text += f" ({command.clipped} values clipped to {SLIDER_MIN}..{SLIDER_MAX})"
    if command.answer == "wav":
        return Reply("wav", (wav, text))
    if target.picture is not None:
        return Reply("wav_id_img", (command.id, wav, shown(target.picture), text))
    return Reply("wav_id", (command.id, wav, text))
