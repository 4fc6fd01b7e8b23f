"""The command that turns spectrogram pictures into loops."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from technogan.commands.options import Json, MethodName, MethodOption, Out, Rate, SubtypeName, SubtypeOption
from technogan.commands.output import check_out, progress_bar, report, save_loop, targets_of

if TYPE_CHECKING:
    from technogan.formats import SpectrogramFormat


def reconstruct(
    images: Annotated[list[Path], typer.Argument(help="Spectrogram pictures of the format.", metavar="IMAGE...")],
    out: Out,
    format_name: Annotated[str, typer.Option("--format", help="beat, half, bar or half-cq.")],
    power: Annotated[float | None, typer.Option("--power", help="If it is not the format's own.")] = None,
    fmin: Annotated[float | None, typer.Option("--fmin", help="Geometric constant-Q: lowest row, Hz.")] = None,
    bins_per_octave: Annotated[int | None, typer.Option("--bins-per-octave", help="Geometric constant-Q.")] = None,
    bpm: Annotated[float, typer.Option("--bpm", help="Tempo.")] = 128.0,
    rate: Rate = None,
    method: MethodOption = MethodName.best,
    subtype: SubtypeOption = SubtypeName.pcm_24,
    as_json: Json = False,
) -> None:
    """Turn spectrogram pictures into loops; pictures a whole number of times as wide as the format are sequences."""
    check_out(out)
    from technogan.engine import loop_of_images
    from technogan.files.png import read_frames
    from technogan.files.seed_source import origin_of_file

    described = _described(format_name, power, fmin, bins_per_octave)
    targets = targets_of(out, [path.stem for path in images])
    made = []
    with progress_bar("reconstructing", quiet=len(images) == 1) as progress:
        for i, (path, target) in enumerate(zip(images, targets, strict=True)):
            frames = read_frames(path, described)
            loop = loop_of_images(frames, described, bpm=bpm, method=method.value, origin=origin_of_file(path))
            made.append(save_loop(loop.resampled(rate) if rate else loop, target, subtype))
            progress((i + 1) / len(images))
    report(made, as_json)


def _described(
    format_name: str, power: float | None, fmin: float | None, bins_per_octave: int | None
) -> SpectrogramFormat:
    """A format, with what the user knows better of a picture."""
    from dataclasses import replace

    from technogan.formats import format_named
    from technogan.network.prototype import prototype_spec

    described = format_named(format_name)
    if fmin is not None or bins_per_octave is not None:
        described = prototype_spec("picture", format_name, fmin_hz=fmin, bins_per_octave=bins_per_octave).format
    return described if power is None else replace(described, power=power)
