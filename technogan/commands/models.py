"""technogan models: list, info, verify, import, install, remove."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from technogan.network.bundle import ModelBundle

app = typer.Typer(
    help="Model files: what there is, what they say of themselves, bringing them in.", no_args_is_help=True
)

Name = Annotated[str, typer.Argument(help="A model's name, or the path of an .onnx.", metavar="MODEL")]
Json = Annotated[bool, typer.Option("--json", help="As JSON.")]


@app.command("list")
def list_models(as_json: Json = False) -> None:
    """Show which models there are."""
    from technogan.network.library import scan_models

    found = scan_models()
    for problem in found.problems:
        print(problem, file=sys.stderr)
    if as_json:
        print(json.dumps([_facts(bundle) for bundle in found.bundles], indent=2))
        return
    for bundle in found.bundles:
        spec = bundle.spec
        length = f"{spec.format.beats} beat{'s' if spec.format.beats > 1 else ''}"
        print(f"{spec.name:16} {spec.format.name:8} {length:8} {spec.bpm:g} bpm  {spec.licence:12} {bundle.path}")


@app.command()
def info(model: Name, as_json: Json = False) -> None:
    """Show what a model says of itself."""
    from technogan.network.library import find_model

    facts = _facts(find_model(model))
    if as_json:
        print(json.dumps(facts, indent=2))
        return
    for name, value in facts.items():
        shown = ", ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, dict) else value
        print(f"{name:12} {shown}")


@app.command()
def verify(model: Name) -> None:
    """Check that a model's file is whole and its network does what the facts say; its encoder's, too, if it has one."""
    from technogan.network import writing
    from technogan.network.encoder import Encoder, encoder_path
    from technogan.network.library import find_model

    bundle = find_model(model)
    writing.verify(bundle)
    print(f"{bundle.spec.name}: whole, and its network does what it says")
    if encoder_path(bundle.path).exists():
        Encoder(bundle)
        print("its encoder is whole and belongs to it")


@app.command("import")
def import_model(
    file: Annotated[Path, typer.Argument(help="An .onnx file without facts.", metavar="FILE")],
    format_name: Annotated[str, typer.Option("--format", help="beat, half, bar or half-cq.")],
    power: Annotated[
        float | None, typer.Option("--power", help="If the model was not trained as the prototype's.")
    ] = None,
    fmin: Annotated[float | None, typer.Option("--fmin", help="Constant-Q: centre of the lowest row, Hz.")] = None,
    bins_per_octave: Annotated[
        int | None, typer.Option("--bins-per-octave", help="Constant-Q: rows an octave.")
    ] = None,
    name: Annotated[str | None, typer.Option("--name", help="The file's own if not given.")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Where to; the user's model folder if not given.")
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Replace a file of that name.")] = False,
) -> None:
    """Bring in a model of the prototype: a copy with its facts written in, its graph made faster."""
    from technogan.errors import OutputError
    from technogan.network.library import user_dir
    from technogan.network.prototype import import_prototype, prototype_spec

    spec = prototype_spec(name or file.stem, format_name, power=power, fmin_hz=fmin, bins_per_octave=bins_per_octave)
    target = out or user_dir() / f"{spec.name}.onnx"
    if target.exists() and not replace:
        raise OutputError(target, "it exists already; give another --name or --replace")
    imported = import_prototype(file, target, spec)
    for note in imported.notes:
        print(note, file=sys.stderr)
    print(imported.bundle.path)


@app.command()
def install(
    file: Annotated[Path, typer.Argument(help="A model file with its facts inside.", metavar="FILE")],
    replace: Annotated[bool, typer.Option("--replace", help="Replace a model of that name.")] = False,
) -> None:
    """Copy a model into the user's model folder, after verifying it."""
    from technogan.network.library import install_model

    print(install_model(file, replace=replace).path)


@app.command()
def remove(model: Annotated[str, typer.Argument(help="A model's name.", metavar="MODEL")]) -> None:
    """Delete a model from the user's model folder."""
    from technogan.network.library import remove_model

    print(remove_model(model))


def _facts(bundle: ModelBundle) -> dict[str, Any]:
    from technogan.network.encoder import encoder_path

    facts: dict[str, Any] = json.loads(bundle.spec.to_json())
    encoder = encoder_path(bundle.path)
    found = {"path": str(bundle.path), "checksum": bundle.checksum, "encoder": str(encoder) if encoder.exists() else ""}
    return facts | found
