"""technogan render, fade, pingpong and walk: loops from seeds."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Option

from technogan.commands.options import RenderOptions, expand_options
from technogan.commands.output import check_out, find_targets, print_loops, write_loop
from technogan.commands.progress_bar import progress_bar
from technogan.errors import SettingError

if TYPE_CHECKING:
    from technogan.engine import Engine
    from technogan.seeds.seed import Seed

Start = Annotated[str, Option("--from", help="The first seed.")]
Steps = Annotated[int, Option("--steps", help="Number of loops in the sequence.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class SingleOptions(RenderOptions):
    """The seeds to render."""

    seed: Annotated[
        str,
        Option("--seed", help="random, a whole number, numbers separated by commas, or a file that contains a seed."),
    ] = "random"
    count: Annotated[int, Option("--count", help="Number of loops, from consecutive or random seeds.")] = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class FadeOptions(RenderOptions):
    """The ends of a fade or a pingpong."""

    start: Start
    end: Annotated[str, Option("--to", help="The last seed.")]
    steps: Steps = 8
    spherical: Annotated[
        bool, Option("--spherical", help="Follow the arc between the seeds instead of the straight line.")
    ] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkOptions(RenderOptions):
    """The start and the size of a random walk."""

    start: Start = "random"
    steps: Steps = 8
    morph: Annotated[float, Option("--morph", help="Largest move of a slider in one step, in slider units.")] = 16.0
    walk_seed: Annotated[int | None, Option("--walk-seed", help="Makes the walk repeatable.")] = None


@expand_options(SingleOptions)
def render(options: SingleOptions) -> None:
    """Render loops from seeds."""
    engine = _open_engine(options, options.count)
    named = _name_seeds(options.seed, options.count, engine)
    targets = find_targets(options.out, [f"{engine.spec.name}-{name}" for name, _ in named])
    with progress_bar("rendering", quiet=options.count == 1) as progress:
        loops = engine.render_many([seed for _, seed in named], bpm=options.bpm, progress=progress)
        written = [write_loop(loop, target, engine, options) for loop, target in zip(loops, targets, strict=True)]
    print_loops(written, as_json=options.as_json)


def make_fade_command(kind: str, summary: str) -> Callable[..., None]:
    """Return the command fade or pingpong, named after its function in `technogan.seeds.paths`."""

    def command(options: FadeOptions) -> None:
        from technogan.seeds import paths

        engine = _open_engine(options)
        ends = (_read_seed(text, engine) for text in (options.start, options.end))
        _write_sequence(kind, getattr(paths, kind)(*ends, options.steps, spherical=options.spherical), engine, options)

    return expand_options(FadeOptions, kind, summary)(command)


@expand_options(WalkOptions)
def walk(options: WalkOptions) -> None:
    """Render a random walk from a seed, as one loop."""
    import numpy as np

    from technogan.seeds import paths

    engine = _open_engine(options)
    start = _read_seed(options.start, engine)
    rng = np.random.default_rng(None if options.walk_seed is None else abs(options.walk_seed))
    _write_sequence("walk", paths.walk(start, options.steps, options.morph, rng), engine, options)


def _open_engine(options: RenderOptions, count: int = 1) -> Engine:
    """Open the model, after a check of the output path for `count` loops."""
    check_out(options.out, is_single=count <= 1 and not options.image and not options.stems)
    from technogan.engine import Engine
    from technogan.network.generator import usable_cores
    from technogan.network.library import find_model

    # No sound plays while a command runs, so the network may use every core.
    threads = options.threads or usable_cores()
    engine = Engine(find_model(options.model), method=options.method.value, threads=threads, provider=options.provider)
    if options.stems and not engine.spec.stems:
        raise SettingError("model", engine.spec.name, "one with stems if --stems is given")
    for note in engine.notes:
        print(note, file=sys.stderr)
    return engine


def _name_seeds(text: str, count: int, engine: Engine) -> list[tuple[str, Seed]]:
    """Return `count` seeds, each with a name for its file."""
    from technogan.file_names import safe_name
    from technogan.files.seed_source import RANDOM, is_file, parse_whole_number, random_number
    from technogan.seeds.seed import Seed

    if count < 1:
        raise SettingError("count", count, "1 or more")
    first = parse_whole_number(text)
    if text == RANDOM or first is not None:
        numbers = [random_number() if first is None else first + i for i in range(count)]
        return [(str(number), Seed.from_integer(number, engine.spec.latent_size)) for number in numbers]
    if count > 1:
        raise SettingError("count", count, "1 for a seed that is neither random nor a whole number")
    name = safe_name(Path(text).stem, fallback="seed") if is_file(text) else "seed"
    return [(name, _read_seed(text, engine))]


def _read_seed(text: str, engine: Engine) -> Seed:
    """Read a seed; print a note if it comes from a loop of another model."""
    from technogan.files.seed_source import find_origin, read_seed

    seed = read_seed(text, engine.spec.latent_size)
    origin = find_origin(text)
    note = origin.describe_difference(engine.spec.name, engine.spec.version) if origin else ""
    if note:
        print(f"{text}: {note}", file=sys.stderr)
    return seed


def _write_sequence(kind: str, seeds: Sequence[Seed], engine: Engine, options: RenderOptions) -> None:
    (target,) = find_targets(options.out, [f"{engine.spec.name}-{kind}"])
    with progress_bar("rendering") as progress:
        loop = engine.render_sequence(seeds, bpm=options.bpm, progress=progress)
    print_loops([write_loop(loop, target, engine, options)], as_json=options.as_json)
