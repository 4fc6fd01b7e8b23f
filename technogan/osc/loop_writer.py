"""Render the loop of a job, write its files, and make the reply."""

import time
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial
from typing import Protocol

import numpy as np

from technogan.errors import RequestError
from technogan.files.png import write_picture
from technogan.memory_limit import check_fits
from technogan.network.spec import ModelSpec
from technogan.osc.commands import Generate, LoopKind
from technogan.osc.jobs import OscJob
from technogan.osc.protocol import Reply
from technogan.osc.target import KEPT, FileNames, LoopFiles, format_path, write_with_retry
from technogan.progress import Progress, Stop
from technogan.seeds.paths import fade, pingpong, walk
from technogan.seeds.seed import SLIDER_MAX, SLIDER_MIN, Seed
from technogan.sound.loop import Loop
from technogan.sound.wav import choose_subtype

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
        stems = _stems_of(command, engine.spec)
        with self._choose_files(job, command, stems) as files:
            loop = self._render(command, engine, job, progress)
            if files.picture is not None:
                write_with_retry(partial(write_picture, files.picture, loop, engine.spec.format))
            _write_sounds(change_rate(loop, job.settings.sample_rate), files, stems)
        return _make_reply(command, files, time.perf_counter() - began), loop

    def _choose_files(
        self, job: OscJob, command: Generate, stems: tuple[str, ...]
    ) -> AbstractContextManager[LoopFiles]:
        fixed, picture = job.request.fixed_names, command.answer == "wav_id_img"
        name = _NAMELESS if fixed and command.answer == "wav" else f"{command.kind.value}{command.id}"
        choose = self._names.fixed if fixed else self._names.unique
        return choose(job.settings.directory, name, picture=picture, stems=stems)

    def _render(self, command: Generate, engine: Renderer, job: OscJob, progress: Progress) -> Loop:
        bpm, stop = job.settings.bpm, job.stop.is_set
        if command.kind is LoopKind.single:
            return engine.render(command.seeds[0], bpm=bpm, progress=progress, stop=stop)
        check_fits(command.steps, engine.spec.format, max(1, len(engine.spec.stems)))
        seeds = self._seeds(command)
        return engine.render_sequence(seeds, bpm=bpm, progress=progress, stop=stop)

    def _seeds(self, command: Generate) -> list[Seed]:
        if command.kind is LoopKind.walk:
            return walk(command.seeds[0], command.steps, command.morph, self._rng)
        start, end = command.seeds
        between = fade if command.kind is LoopKind.fade else pingpong
        return between(start, end, command.steps)


def _stems_of(command: Generate, spec: ModelSpec) -> tuple[str, ...]:
    """Return the stems to write instead of the loop; none for most commands. Raises RequestError."""
    if command.answer != "stems_id":
        return ()
    if not spec.stems:
        raise RequestError("no_stems", f"the model {spec.name} has no stems; load a model that has, or generate a wav")
    return spec.stems


def _write_sounds(loop: Loop, files: LoopFiles, stems: tuple[str, ...]) -> None:
    sounds = [loop.stem(stem) for stem in stems] or [loop]
    for sound, path in zip(sounds, files.wavs, strict=True):
        write_with_retry(partial(sound.save, path, subtype=choose_subtype(sound.samples)))


def change_rate(loop: Loop, sample_rate: int | None) -> Loop:
    """Return the same samples with another rate, as in the prototype: this changes their speed and tempo."""
    if sample_rate is None:
        return loop
    return replace(loop, sample_rate=float(sample_rate), bpm=loop.bpm * sample_rate / loop.sample_rate)


def _make_reply(command: Generate, files: LoopFiles, took_s: float) -> Reply:
    wavs = [format_path(path) for path in files.wavs]
    written = files.wavs[0].name if command.answer == "wav" else " ".join(wavs)
    text = f"Generated {command.kind.value} in {took_s:.2f} sec.: {written}"
    if command.clipped:
        text += f" ({command.clipped} values clipped to {SLIDER_MIN}..{SLIDER_MAX})"
    if command.answer == "wav":
        return Reply("wav", (*wavs, text))
    if files.picture is not None:
        return Reply("wav_id_img", (command.id, *wavs, format_path(files.picture), text))
    return Reply(command.answer, (command.id, *wavs, text))
