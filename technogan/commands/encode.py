"""technogan encode: find the seed nearest to a loop. The seed goes to standard output, messages to standard error."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from typer import Argument, Option

from technogan.commands.options import Json, Threads, refuse_stdout

if TYPE_CHECKING:
    from technogan.network.nearest import NearestSeed


def encode(
    file: Annotated[
        Path, Argument(help="A sound file that is one loop, or a PNG of the model's format.", metavar="FILE")
    ],
    model: Annotated[
        str,
        Option("--model", "-m", help="A name from `technogan models list`, a path, or the folder of a training run."),
    ] = "bar",
    out: Annotated[
        Path | None, Option("--out", "-o", callback=refuse_stdout, help="Also write the seed to this .json file.")
    ] = None,
    steps: Annotated[
        int | None, Option("--steps", help="Steps of refinement. [default: 2 with an encoder, 4 without]")
    ] = None,
    threads: Threads = None,
    as_json: Json = False,
) -> None:
    """Find the seed whose loop is nearest to a given loop; `render --seed` accepts the seed.

    If the model has an encoder, the search starts from its estimate.
    """
    from technogan.errors import SettingError
    from technogan.network.generator import usable_cores
    from technogan.network.library import find_model
    from technogan.seed_search import nearest_seed

    if out is not None and out.suffix.lower() != ".json":
        raise SettingError("out", str(out), "a file that ends with .json")
    bundle = find_model(model)
    found = nearest_seed(file, bundle, steps=steps, threads=threads or usable_cores())
    details = _describe(file, bundle.spec.name, found)
    text = json.dumps(details, indent=2)
    if out is not None:
        from technogan.atomic import write_atomically

        write_atomically(out, f"{text}\n".encode())
    if as_json:
        print(text)
        return
    print(",".join(map(str, details["seed"])))
    print(f"distance {found.distance:.3f}; a random seed's is {found.random:.3f}", file=sys.stderr)


def _describe(file: Path, model: str, found: NearestSeed) -> dict[str, Any]:
    return {
        "seed": [int(value) for value in found.seed.values],
        "model": model,
        "source": str(file),
        "distance": round(found.distance, 4),
        "guessed": round(found.guessed, 4),
        "random": round(found.random, 4),
    }
