"""The commands that turn seeds and pictures into loops. Results on standard output, progress on standard error.

Whatever costs time to import is imported by the command that needs it, so that `technogan --help` answers at once.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from technogan.commands.options import (
    SEED_HELP,
    Bpm,
    From,
    Json,
    MethodName,
    MethodOption,
    Model,
    Out,
    Picture,
    Provider,
    Rate,
    Spherical,
    Steps,
    SubtypeName,
    SubtypeOption,
    Threads,
    To,
)
from technogan.commands.output import check_out, progress_bar, report, targets_of, write_loop
from technogan.errors import SettingError

if TYPE_CHECKING:
    from technogan.engine import Engine
    from technogan.seeds.seed import Seed


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
    targets = targets_of(out, [f"{engine.spec.name}-{name}" for name, _ in named])
    with progress_bar("rendering", quiet=count == 1) as progress:
        loops = engine.render_many([each for _, each in named], bpm=bpm, progress=progress)
        made = [
            write_loop(loop, target, engine, rate, image, subtype) for loop, target in zip(loops, targets, strict=True)
        ]
    report(made, as_json)


def between(kind: str, what: str) -> Callable[..., None]:
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
        from technogan.seeds import paths

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
    from technogan.seeds import paths

    engine = _engine(model, method, threads, provider)
    first = read_seed(start, engine.spec.latent_size)
    rng = np.random.default_rng(None if walk_seed is None else abs(walk_seed))
    seeds = paths.walk(first, steps, morph, rng)
    _write_sequence("walk", seeds, out, engine, bpm, rate, image, subtype, as_json)


def _engine(model: str, method: MethodName, threads: int | None, provider: str) -> Engine:
    from technogan.engine import Engine
    from technogan.network.generator import usable_cores
    from technogan.network.library import find_model

    # Nothing plays while a command runs, so every core may work.
    engine = Engine(find_model(model), method=method.value, threads=threads or usable_cores(), provider=provider)
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
    (target,) = targets_of(out, [f"{engine.spec.name}-{kind}"])
    with progress_bar("rendering") as progress:
        loop = engine.render_sequence(seeds, bpm=bpm, progress=progress)
    report([write_loop(loop, target, engine, rate, image, subtype)], as_json)
