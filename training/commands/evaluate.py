"""technogan evaluate: quality metrics of a model. Results go to standard output, progress to standard error."""

import json
from pathlib import Path
from typing import Annotated

import typer

from technogan.commands.options import Json, ModelArgument
from technogan.commands.progress_bar import progress_bar


def evaluate(
    model: ModelArgument,
    dataset: Annotated[Path, typer.Argument(help="A folder with a dataset.json.", metavar="DATASET")],
    images: Annotated[
        int | None,
        typer.Option("--images", help="Images to generate and in each part of the dataset. [default: at most 1000]"),
    ] = None,
    as_json: Json = False,
) -> None:
    """Compare a model's images with real ones of its format, preferably held-out images.

    Three times as many real images are used as generated ones: to fit the metrics, as the reference, and to measure
    how close real images are to each other.
    """
    from technogan.network.library import find_model
    from training.evaluation.model_evaluation import evaluate as evaluate_model

    with progress_bar("evaluating") as progress:
        report = evaluate_model(find_model(model), dataset, images, progress=progress)
    print(json.dumps(report.to_dict(), indent=2) if as_json else report.table())
