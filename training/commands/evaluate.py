"""technogan evaluate: quality figures. Results on standard output, progress on standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer


def evaluate(
    model: Annotated[str, typer.Argument(help="A model's name, or the path of an .onnx.", metavar="MODEL")],
    dataset: Annotated[Path, typer.Argument(help="A folder with a dataset.json.", metavar="DATASET")],
    images: Annotated[
        int | None,
        typer.Option("--images", help="How many to generate, and to hold against as many real ones. [at most 1000]"),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Hold what a model dreams against real images of its format, best such as it was not trained on.

    Three times as many real images are used as generated ones: for the measure itself, to compare with, and to see how
    near real images come to each other.
    """
    from technogan.network.library import find_model
    from training.evaluation import metrics

    with _progress() as progress:
        report = metrics.evaluate(find_model(model), dataset, images, progress=progress)
    print(json.dumps(report.to_dict(), indent=2) if as_json else report.table())


@contextmanager
def _progress() -> Iterator[Callable[[float], None]]:
    """A bar on standard error where that is a terminal."""
    if not sys.stderr.isatty():
        yield lambda done: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("evaluating", total=1.0)
        yield lambda done: bar.update(task, completed=done)
