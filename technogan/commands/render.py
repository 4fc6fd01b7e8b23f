"""The commands that turn seeds and pictures into loops. Results on standard output, progress on standard error.

Whatever costs time to import is imported by the command that needs it, so that `technogan --help` answers at once.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from technogan.errors import SettingError

if TYPE_CHECKING:
    from technogan.engine import Engine
    from technogan.network.spec import SpectrogramFormat
    from technogan.seeds.seed import Seed
    from technogan.sound.loop import Loop


class MethodName(StrEnum):
    """How phases are reconstructed."""

    fast = "fast"
    best = "best"
    griffin_lim = "griffin-lim"


class SubtypeName(StrEnum):
    """Sample formats of WAV files."""

    pcm_16 = "16"
    pcm_24 = "24"
    floating = "float"


Model = Annotated[
    str, typer.Option("--model", "-m", help="A name from `technogan models list`, or the path of an .onnx.")
]
Bpm = Annotated[float | None, typer.Option("--bpm", help="Tempo; the model's own if not given.")]
Rate = Annotated[
    int | None, typer.Option("--rate", help="Resample to exactly beats * round(60 rate / bpm) frames at this rate.")
]
Picture = Annotated[bool, typer.Option("--image", help="Write the spectrogram picture too, as PNG.")]
Out = Annotated[str, typer.Option("--out", "-o", help="A .wav file, or a folder.")]
MethodOption = Annotated[MethodName, typer.Option("--method", help="fast, best, or the prototype's griffin-lim.")]
SubtypeOption = Annotated[SubtypeName, typer.Option("--subtype", help="Sample format of the WAV.")]
Threads = Annotated[int | None, typer.Option("--threads", help="For the network; all cores if not given.")]
Provider = Annotated[str, typer.Option("--provider", help="cpu, cuda, coreml or directml.")]
Json = Annotated[bool, typer.Option("--json", help="Print what was made as JSON.")]
From = Annotated[str, typer.Option("--from", help="The first seed.")]
To = Annotated[str, typer.Option("--to", help="The seed it goes to.")]
Steps = Annotated[int, typer.Option("--steps", help="How many loops, one after another.")]
Spherical = Annotated[
    bool, typer.Option("--spherical", help="Go along the arc between the seeds, not the straight line.")
]

SEED_HELP = "random, a whole number, numbers with commas between, or a file that carries a seed."


def register(app: typer.Typer) -> None:
    """Mount these commands on an application."""
    from technogan.commands import bench, encode, export_audio, models

    app.command()(render)
    app.command("fade")(_between("fade", "Fade from one seed to another, as one loop."))
    app.command("pingpong")(_between("pingpong", "Go from one seed to another and back, as one loop."))
    app.command()(walk)
    app.command()(reconstruct)
    app.command()(encode.encode)
    app.add_typer(models.app, name="models")
    app.command("export-audio")(export_audio.export_audio)
    app.command()(bench.bench)


def render(
    out: Out,
    model: Model = "bar",
    seed: Annotated[str, typer.Option("--seed", help=SEED_HELP)] = "random",
    count: Annotated[int, typer.Option("--count", help="How many: from consecutive or random seeds.")] = 1,
    bpm: Bpm = None,
    rate: Rate = None,
    image: Picture = False,
    method: MethodOption = MethodName.fast,
    subtype: SubtypeOption = SubtypeName.pcm_24,
    threads: Threads = None,
    provider: Provider = "cpu",
    as_json: Json = False,
) -> None:
    """Render loops from seeds."""
    check_out(out)
    engine = _engine(model, method, threads, provider)
    named = _named_seeds(seed, count, engine.spec.latent_size)
    targets = _targets(out, [f"{engine.spec.name}-{name}" for name, _ in named])
    with _progress("rendering", quiet=count == 1) as progress:
        loops = engine.render_many([each for _, each in named], bpm=bpm, progress=progress)
        made = [_write(loop, target, engine, rate, image, subtype) for loop, target in zip(loops, targets, strict=True)]
    _report(made, as_json)


def _between(kind: str, what: str) -> Callable[..., None]:
    """The command that goes from one seed to another by `technogan.seeds.seed`'s function of that name."""

    def command(
        out: Out,
        start: From,
        end: To,
        steps: Steps = 8,
        spherical: Spherical = False,
        model: Model = "bar",
        bpm: Bpm = None,
        rate: Rate = None,
        image: Picture = False,
        method: MethodOption = MethodName.fast,
        subtype: SubtypeOption = SubtypeName.pcm_24,
        threads: Threads = None,
        provider: Provider = "cpu",
        as_json: Json = False,
    ) -> None:
        check_out(out)

        engine = _engine(model, method, threads, provider)
        seeds = getattr(paths, kind)(*_both(start, end, engine), steps, spherical=spherical)
        _write_sequence(kind, seeds, out, engine, bpm, rate, image, subtype, as_json)

    command.__doc__ = what
    return command


def walk(
    out: Out,
    start: From = "random",
    steps: Steps = 8,
    morph: Annotated[
        float, typer.Option("--morph", help="How far each slider may move a step, in slider units.")
    ] = 16.0,
    walk_seed: Annotated[int | None, typer.Option("--walk-seed", help="Makes the walk itself repeatable.")] = None,
    model: Model = "bar",
    bpm: Bpm = None,
    rate: Rate = None,
    image: Picture = False,
    method: MethodOption = MethodName.fast,
    subtype: SubtypeOption = SubtypeName.pcm_24,
    threads: Threads = None,
    provider: Provider = "cpu",
    as_json: Json = False,
) -> None:
    """Wander off from a seed at random, as one loop."""
    check_out(out)
    import numpy as np

    from technogan.files.seed_source import read_seed
    from technogan.seeds import seed as paths

    engine = _engine(model, method, threads, provider)
    first = read_seed(start, engine.spec.latent_size)
    rng = np.random.default_rng(None if walk_seed is None else abs(walk_seed))
    seeds = paths.walk(first, steps, morph, rng)
    _write_sequence("walk", seeds, out, engine, bpm, rate, image, subtype, as_json)


def reconstruct(
    images: Annotated[list[Path], typer.Argument(help="Spectrogram pictures of the format.", metavar="IMAGE...")],
    out: Out,
    format_name: Annotated[str, typer.Option("--format", help="beat, half, bar or half-cq.")],
    power: Annotated[float | None, typer.Option("--power", help="If it is not the format's own.")] = None,
    fmin: Annotated[float | None, typer.Option("--fmin", help="Geometric constant-Q: lowest row, Hz.")] = None,
    bins_per_octave: Annotated[int | None, typer.Option("--bins-per-octave", help="Geometric constant-Q.")] = None,
    bpm: Annotated[float, typer.Option("--bpm", help="Tempo.")] = 128.0,
    rate: Rate = None,
    method: MethodOption = MethodName.best,
    subtype: SubtypeOption = SubtypeName.pcm_24,
    as_json: Json = False,
) -> None:
    """Turn spectrogram pictures into loops; pictures a whole number of times as wide as the format are sequences."""
    check_out(out)
    from technogan.engine import loop_of_images
    from technogan.files.seed_source import origin_of_file
    from technogan.image import read_frames

    described = _described(format_name, power, fmin, bins_per_octave)
    targets = _targets(out, [path.stem for path in images])
    made = []
    with _progress("reconstructing", quiet=len(images) == 1) as progress:
        for i, (path, target) in enumerate(zip(images, targets, strict=True)):
            frames = read_frames(path, described)
            loop = loop_of_images(frames, described, bpm=bpm, method=method.value, origin=origin_of_file(path))
            made.append(_saved(loop.resampled(rate) if rate else loop, target, subtype))
            progress((i + 1) / len(images))
    _report(made, as_json)


def _described(
    format_name: str, power: float | None, fmin: float | None, bins_per_octave: int | None
) -> SpectrogramFormat:
    """A format, with what the user knows better of a picture."""
    from dataclasses import replace

    from technogan.network.bundle import prototype_spec
    from technogan.network.spec import format_named

    described = format_named(format_name)
    if fmin is not None or bins_per_octave is not None:
        described = prototype_spec("picture", format_name, fmin_hz=fmin, bins_per_octave=bins_per_octave).format
    return described if power is None else replace(described, power=power)


def check_out(out: str) -> None:
    """Raises SettingError unless `out` can be a .wav file or a folder."""
    if not out.strip():
        raise SettingError("out", out, "a .wav file or a folder")
    if not _is_folder(out) and Path(out).suffix.lower() != ".wav":
        raise SettingError("out", out, "a .wav file or a folder (a folder that does not exist yet ends with /)")


def _is_folder(out: str) -> bool:
    return out.endswith(("/", os.sep)) or Path(out).is_dir() or not Path(out).suffix


def _targets(out: str, names: Sequence[str]) -> list[Path]:
    if _is_folder(out):
        return [Path(out) / f"{name}.wav" for name in names]
    if len(names) == 1:
        return [Path(out)]
    return [Path(out).with_name(f"{Path(out).stem}-{i + 1}.wav") for i in range(len(names))]


def _engine(model: str, method: MethodName, threads: int | None, provider: str) -> Engine:
    from technogan.engine import Engine
    from technogan.network.generator import usable_cores
    from technogan.network.library import find

    # Nothing plays while a command runs, so every core may work.
    engine = Engine(find(model), method=method.value, threads=threads or usable_cores(), provider=provider)
    for note in engine.notes:
        print(note, file=sys.stderr)
    return engine


def _named_seeds(text: str, count: int, size: int) -> list[tuple[str, Seed]]:
    """`count` seeds with a name for the file of each."""
    from technogan.files.seed_source import RANDOM, random_number, read_seed, whole_number
    from technogan.seeds.seed import Seed

    if count < 1:
        raise SettingError("count", count, "1 or more")
    first = whole_number(text)
    if text == RANDOM or first is not None:
        numbers = [random_number() if first is None else first + i for i in range(count)]
        return [(str(number), Seed.from_integer(number, size)) for number in numbers]
    if count > 1:
        raise SettingError("count", count, "1 for a seed that is neither random nor a whole number")
    return [(Path(text).stem if Path(text).exists() else "seed", read_seed(text, size))]


def _both(start: str, end: str, engine: Engine) -> tuple[Seed, Seed]:
    from technogan.files.seed_source import read_seed

    return read_seed(start, engine.spec.latent_size), read_seed(end, engine.spec.latent_size)


def _write_sequence(
    kind: str,
    seeds: Sequence[Seed],
    out: str,
    engine: Engine,
    bpm: float | None,
    rate: int | None,
    image: bool,
    subtype: SubtypeName,
    as_json: bool,
) -> None:
    (target,) = _targets(out, [f"{engine.spec.name}-{kind}"])
    with _progress("rendering") as progress:
        loop = engine.render_sequence(seeds, bpm=bpm, progress=progress)
    _report([_write(loop, target, engine, rate, image, subtype)], as_json)


def _write(
    loop: Loop, target: Path, engine: Engine, rate: int | None, image: bool, subtype: SubtypeName
) -> dict[str, Any]:
    facts = _saved(loop.resampled(rate) if rate else loop, target, subtype)
    if image:
        from technogan.image import write_magnitude

        picture = target.with_suffix(".png")
        write_magnitude(
            picture, loop.magnitude, engine.spec.format, comment=loop.origin.to_json() if loop.origin else ""
        )
        facts["image"] = str(picture)
    return facts


def _saved(loop: Loop, target: Path, subtype: SubtypeName) -> dict[str, Any]:
    clipped = loop.save(target, subtype=subtype.value)
    if clipped:
        print(f"{target}: {clipped} samples clipped", file=sys.stderr)
    return {
        "path": str(target),
        "model": loop.origin.model if loop.origin else None,
        "seeds": [list(seed.values) for seed in loop.origin.seeds] if loop.origin else [],
        "bpm": loop.bpm,
        "beats": loop.beats,
        "frames": len(loop.samples),
        "sample_rate": loop.sample_rate,
        "loudness_lufs": None if loop.levels.loudness == float("-inf") else round(loop.levels.loudness, 2),
        "true_peak_dbfs": None if loop.levels.true_peak == float("-inf") else round(loop.levels.true_peak, 2),
        "gain_db": round(loop.levels.gain_db, 2),
        "limited_samples": loop.levels.limited,
        "clipped_samples": clipped,
    }


def _report(made: Sequence[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        print(json.dumps(list(made), indent=2))
        return
    for facts in made:
        print(facts["path"])
        if "image" in facts:
            print(facts["image"])


@contextmanager
def _progress(what: str, *, quiet: bool = False) -> Iterator[Callable[[float], None]]:
    """A bar on standard error, where that is a terminal."""
    if quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=1.0)
        yield lambda done: bar.update(task, completed=done)
