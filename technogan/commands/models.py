"""technogan models: list, info, verify, import, install, remove."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from typer import Argument, Option, Typer

from technogan.commands.options import (
    BinsPerOctave,
    FormatName,
    Json,
    LowestFrequency,
    ModelArgument,
    Replace,
    check_replace,
    refuse_stdout,
)

if TYPE_CHECKING:
    from technogan.network.bundle import ModelBundle

app = Typer(help="List, inspect, verify, import, install and remove model files.", no_args_is_help=True)


@app.command("list")
def list_models(as_json: Json = False) -> None:
    """List the available models."""
    from technogan.network.library import scan_models

    found = scan_models()
    for problem in found.problems:
        print(problem, file=sys.stderr)
    if as_json:
        print(json.dumps([_describe(bundle) for bundle in found.bundles], indent=2))
        return
    for bundle in found.bundles:
        spec = bundle.spec
        length = f"{spec.format.beats} beat{'s' if spec.format.beats > 1 else ''}"
        print(f"{spec.name:16} {spec.format.name:8} {length:8} {spec.bpm:g} bpm  {spec.licence:12} {bundle.path}")


@app.command()
def info(model: ModelArgument, as_json: Json = False) -> None:
    """Show the metadata of a model."""
    from technogan.network.library import find_model

    details = _describe(find_model(model))
    if as_json:
        print(json.dumps(details, indent=2))
        return
    for name, value in details.items():
        text = ", ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, dict) else value
        print(f"{name:12} {text}")


@app.command()
def verify(model: ModelArgument) -> None:
    """Verify a model file and its encoder, if any: checksums, and networks that match their metadata."""
    from technogan.network import writing
    from technogan.network.encoder import Encoder, encoder_path
    from technogan.network.library import find_model

    bundle = find_model(model)
    writing.verify(bundle)
    print(f"{bundle.spec.name}: the file is intact, and the network matches its metadata")
    if encoder_path(bundle.path).exists():
        Encoder(bundle)
        print("the encoder is intact and belongs to this model")


@app.command("import")
def import_model(
    file: Annotated[Path, Argument(help="An .onnx file without metadata.", metavar="FILE")],
    format_name: FormatName,
    power: Annotated[float | None, Option("--power", help="Power compression. [default: the prototype's]")] = None,
    fmin: LowestFrequency = None,
    bins_per_octave: BinsPerOctave = None,
    name: Annotated[str | None, Option("--name", help="The model's name. [default: the file's]")] = None,
    out: Annotated[
        Path | None,
        Option(
            "--out", "-o", callback=refuse_stdout, help="The file to write. [default: NAME.onnx in your model folder]"
        ),
    ] = None,
    replace: Replace = False,
) -> None:
    """Import a model of the prototype: copy it with metadata and an optimised graph."""
    from technogan.network.library import user_dir
    from technogan.network.prototype import import_prototype, prototype_spec

    spec = prototype_spec(name or file.stem, format_name, power=power, fmin_hz=fmin, bins_per_octave=bins_per_octave)
    target = out or user_dir() / f"{spec.name}.onnx"
    check_replace(target, replace, "--name")
    imported = import_prototype(file, target, spec)
    for note in imported.notes:
        print(note, file=sys.stderr)
    print(imported.bundle.path)


@app.command()
def install(
    file: Annotated[Path, Argument(help="A model file with metadata.", metavar="FILE")], replace: Replace = False
) -> None:
    """Verify a model file and copy it to your model folder."""
    from technogan.network.library import install_model

    print(install_model(file, replace=replace).path)


@app.command()
def remove(model: Annotated[str, Argument(help="A model's name.", metavar="MODEL")]) -> None:
    """Delete a model from your model folder."""
    from technogan.network.library import remove_model

    print(remove_model(model))


def _describe(bundle: ModelBundle) -> dict[str, Any]:
    from technogan.network.encoder import encoder_path

    encoder = encoder_path(bundle.path)
    metadata: dict[str, Any] = json.loads(bundle.spec.to_json())
    return metadata | {
        "path": str(bundle.path),
        "checksum": bundle.checksum,
        "encoder": str(encoder) if encoder.exists() else "",
    }
