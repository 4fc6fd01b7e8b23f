"""technogan export-audio: write one ONNX file from seed to sound, for hosts without Python."""

from pathlib import Path
from typing import Annotated

from typer import Option

from technogan.commands.options import ModelArgument, Replace, check_replace, refuse_stdout


def export_audio(
    model: ModelArgument,
    out: Annotated[
        Path | None,
        Option("--out", "-o", callback=refuse_stdout, help="The .onnx file to write. [default: NAME.audio.onnx]"),
    ] = None,
    sequence: Annotated[
        bool, Option("--sequence", help="Accept several seeds, and join their loops into one.")
    ] = False,
    replace: Replace = False,
) -> None:
    """Write a model and its phase reconstruction as one ONNX file, from seed to samples."""
    from technogan.errors import SettingError, TechnoganError
    from technogan.network.library import find_model

    bundle = find_model(model)
    target = out or Path(f"{bundle.spec.name}.audio.onnx")
    if target.suffix.lower() != ".onnx":
        raise SettingError("out", str(target), "a file that ends with .onnx")
    check_replace(target, replace, "--out")
    try:
        from technogan.audio_graph.export import export_audio as export
    except ImportError as error:
        raise TechnoganError("export-audio needs onnx: pip install 'technogan[onnx]'") from error
    export(bundle, target, sequence=sequence)
    print(target)
