"""technogan export: write a run's generator as a model file. Its properties go to standard output."""

import json
from pathlib import Path
from typing import Annotated

import typer

from technogan.commands.options import Json, refuse_stdout
from training.commands.report import RunOption, open_report


def export(
    run: Annotated[Path, typer.Argument(help="A training run's folder.", metavar="RUN")],
    out: Annotated[Path, typer.Option("-o", "--out", callback=refuse_stdout, help="The .onnx file to write.")],
    name: Annotated[str | None, typer.Option(help="The model's name. [default: the file's]")] = None,
    images: Annotated[
        int | None, typer.Option(help="The generator after this many images. [default: the newest]")
    ] = None,
    best: Annotated[bool, typer.Option("--best", help="The generator with the smallest mel distance.")] = False,
    float32: Annotated[bool, typer.Option("--float32", help="Store weights in 32 bits: twice the size.")] = False,
    even: Annotated[
        bool, typer.Option("--even", help="Give sliders without effect a share of the strongest sliders.")
    ] = False,
    directions: Annotated[
        bool, typer.Option("--directions", help="Find latent directions such as brighter and busier; takes minutes.")
    ] = False,
    loop: Annotated[Path | None, typer.Option(help="Also write a test loop to this WAV file.")] = None,
    run_folder: RunOption = None,
    as_json: Json = False,
) -> None:
    """Write a run's generator as an ONNX model with metadata, compared with the Keras model.

    `technogan models install FILE` then adds it to the instrument's models.
    """
    from technogan.errors import SettingError
    from training.export.model import export_model
    from training.learning.run import Run

    if out.suffix.lower() != ".onnx":
        raise SettingError("out", str(out), "a file that ends with .onnx")
    with open_report(run_folder, "export") as report:
        exported = export_model(
            Run.open(run),
            out,
            name=name,
            images=images,
            best=best,
            halved=not float32,
            even=even,
            directions=directions,
        )
        if loop is not None:
            exported.loop.save(loop)
        report.write_result(exported.to_dict())
    print(json.dumps(exported.to_dict(), indent=2) if as_json else exported.table())
