"""technogan encode: from a loop to the seed nearest to it. The seed goes to standard output, the rest beside it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from technogan.network.nearest import NearestSeed


def encode(
    file: Annotated[
        Path, typer.Argument(help="A sound that is one loop, or a PNG of the model's format.", metavar="FILE")
    ],
    model: Annotated[
        str, typer.Option("--model", "-m", help="A name from `technogan models list`, a path, or a run's folder.")
    ] = "bar",
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Also write the seed to this .json file.")] = None,
    steps: Annotated[
        int | None, typer.Option("--steps", help="Of refinement. [default: 2 after an encoder's guess, 4 without]")
    ] = None,
    threads: Annotated[int | None, typer.Option("--threads", help="For the network; all cores if not given.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Find the seed whose loop is nearest to one that you have: what `render --seed` then takes.

    Where a model has an encoder, the search begins with what that one guesses.
    """
    from technogan.errors import SettingError

    if out is not None and out.suffix.lower() != ".json":
        raise SettingError("out", str(out), "a file that ends with .json")
    name, found = _found(file, model, steps, threads)
    facts = _facts(file, name, found)
    if out is not None:
        from technogan.atomic import write_atomically

        write_atomically(out, (json.dumps(facts, indent=2) + "\n").encode())
    if as_json:
        print(json.dumps(facts, indent=2))
        return
    print(",".join(map(str, facts["seed"])))
    print(f"distance {found.distance:.3f}; a random seed's is {found.random:.3f}", file=sys.stderr)


def _found(file: Path, model: str, steps: int | None, threads: int | None) -> tuple[str, NearestSeed]:
    """The model's name and what is nearest."""
    from technogan.network.generator import usable_cores
    from technogan.network.library import find_model
    from technogan.seed_search import nearest_seed

    bundle = find_model(model)
    return bundle.spec.name, nearest_seed(file, bundle, steps=steps, threads=threads or usable_cores())


def _facts(file: Path, model: str, found: NearestSeed) -> dict[str, Any]:
    return {
        "seed": [int(value) for value in found.seed.values],
        "model": model,
        "source": str(file),
        "distance": round(found.distance, 4),
        "guessed": round(found.guessed, 4),
        "random": round(found.random, 4),
    }
