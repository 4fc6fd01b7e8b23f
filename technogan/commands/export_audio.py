"""technogan export-audio: one ONNX file from seed to sound, for hosts without Python."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def export_audio(
    model: Annotated[str, typer.Argument(help="A model's name, or the path of an .onnx.", metavar="MODEL")],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="The .onnx to write; NAME.audio.onnx here if not given.")
    ] = None,
    sequence: Annotated[
        bool, typer.Option("--sequence", help="It takes several seeds for each loop, one after another.")
    ] = False,
    replace: Annotated[bool, typer.Option("--replace", help="Replace a file of that name.")] = False,
) -> None:
    """Write a model and all that makes sound of its images as one ONNX file."""
    from technogan.errors import OutputError, SettingError, TechnoganError
    from technogan.network.library import find_model

    bundle = find_model(model)
    target = out or Path(f"{bundle.spec.name}.audio.onnx")
    if target.suffix.lower() != ".onnx":
        raise SettingError("out", str(target), "a file that ends with .onnx")
    if target.exists() and not replace:
        raise OutputError(target, "it exists already; give another --out or --replace")
    try:
        from technogan.audio_graph.export import export_audio as export
    except ImportError as error:
        raise TechnoganError("exporting needs onnx; it comes with: pip install 'technogan[onnx]'") from error
    export(bundle, target, sequence=sequence)
    print(target)
