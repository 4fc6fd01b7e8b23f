"""Render the loop of a job, write its files, and make the reply."""

import time
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Protocol

import numpy as np

from technogan.files.png import write_picture
from technogan.formats import SpectrogramFormat
from technogan.network.spec import ModelSpec
from technogan.osc.commands import Generate, LoopKind
from technogan.osc.jobs import OscJob
from technogan.osc.memory_limit import check_fits
from technogan.osc.protocol import Reply
from technogan.osc.target import KEPT, FileNames, LoopFiles, format_path, write_with_retry
from technogan.progress import Progress, Stop
from technogan.seeds.paths import fade, pingpong, walk
from technogan.seeds.seed import SLIDER_MAX, SLIDER_MIN, Seed
from technogan.sound.loop import Loop

# The prototype used this name for every file without an id.
_NAMELESS = "testo"


class Renderer(Protocol):
    """The part of an `Engine` that the service uses."""

    @property
    def spec(self) -> ModelSpec:
        """The specification of the model."""

    def render(
        self, seed: Seed, *, bpm: float | None = None, progress: Progress | None = None, stop: Stop | None = None
    ) -> Loop:
        """Return the loop of one seed."""

    def render_sequence(
        self, seeds: list[Seed], *, bpm: float | None = None, progress: Progress | None = None, stop: Stop | None = None
    ) -> Loop:
        """Return one loop that consists of the loops of all seeds."""


class LoopWriter:
    """Renders and writes the loops of jobs; only the worker thread uses it. kept: see `FileNames`."""

    def __init__(self, kept: int = KEPT) -> None:
        self._names = FileNames(kept)
        self._rng = np.random.default_rng()

    def write(self, job: OscJob, engine: Renderer, progress: Progress) -> tuple[Reply, Loop]:
        """Render a loop and write its files; return the reply and the loop. Raises TechnoganError."""
        command = job.request.command
        if not isinstance(command, Generate):
            raise TypeError(f"{type(command).__name__} does not generate a loop")
        began = time.perf_counter()
        with self._choose_files(job, command) as files:
            loop = self._render(command, engine, job, progress)
            _write(loop, files, engine.spec.format, job.settings.sample_rate)
        return _make_reply(command, files, time.perf_counter() - began), loop

    def _choose_files(self, job: OscJob, command: Generate) -> AbstractContextManager[LoopFiles]:
        picture = command.answer == "wav_id_img"
        if not job.request.fixed_names:
            return self._names.unique(job.settings.directory, f"{command.kind.value}{command.id}", picture=picture)
        stem = _NAMELESS if command.answer == "wav" else f"{command.kind.value}{command.id}"
        return self._names.fixed(job.settings.directory, stem, picture=picture)

    def _render(self, command: Generate, engine: Renderer, job: OscJob, progress: Progress) -> Loop:
        bpm, stop = job.settings.bpm, job.stop.is_set
        if command.kind is LoopKind.single:
            return engine.render(command.seeds[0], bpm=bpm, progress=progress, stop=stop)
        check_fits(command.steps, engine.spec.format)
        seeds = self._seeds(command)
        return engine.render_sequence(seeds, bpm=bpm, progress=progress, stop=stop)

    def _seeds(self, command: Generate) -> list[Seed]:
        if command.kind is LoopKind.walk:
            return walk(command.seeds[0], command.steps, command.morph, self._rng)
        start, end = command.seeds
        between = fade if command.kind is LoopKind.fade else pingpong
        return between(start, end, command.steps)


def _write(loop: Loop, files: LoopFiles, spectrogram_format: SpectrogramFormat, sample_rate: int | None) -> None:
    picture = files.picture
    if picture is not None:
        write_with_retry(lambda: write_picture(picture, loop, spectrogram_format))
    write_with_retry(lambda: change_rate(loop, sample_rate).save(files.wav))


def change_rate(loop: Loop, sample_rate: int | None) -> Loop:
    """Return the same samples with another rate, as in the prototype: this changes their speed and tempo."""
    if sample_rate is None:
        return loop
    return replace(loop, sample_rate=float(sample_rate), bpm=loop.bpm * sample_rate / loop.sample_rate)


def _make_reply(command: Generate, files: LoopFiles, took_s: float) -> Reply:
    wav = format_path(files.wav)
    text = f"Generated {command.kind.value} in {took_s:.2f} sec.: {files.wav.name if command.answer == 'wav' else wav}"
    if command.clipped:
        text += f" ({command.clipped} values clipped to {SLIDER_MIN}..{SLIDER_MAX})"
    if command.answer == "wav":
        return Reply("wav", (wav, text))
    if files.picture is not None:
        return Reply("wav_id_img", (command.id, wav, format_path(files.picture), text))
    return Reply("wav_id", (command.id, wav, text))
