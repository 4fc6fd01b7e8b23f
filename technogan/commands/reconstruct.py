"""technogan reconstruct: loops from spectrogram pictures."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Option

from technogan.commands.options import (
    BinsPerOctave,
    FormatName,
    LowestFrequency,
    MethodName,
    MethodOption,
    OutputOptions,
    expand_options,
)
from technogan.commands.output import check_out, find_targets, place_loop, print_loops, save_loop
from technogan.commands.progress_bar import progress_bar

if TYPE_CHECKING:
    from technogan.formats import SpectrogramFormat


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconstructOptions(OutputOptions):
    """The pictures and their format."""

    images: Annotated[list[Path], Argument(help="Spectrogram pictures of the format.", metavar="IMAGE...")]
    format_name: FormatName
    power: Annotated[float | None, Option("--power", help="Power compression. [default: the format's own]")] = None
    fmin: LowestFrequency = None
    bins_per_octave: BinsPerOctave = None
    bpm: Annotated[float, Option("--bpm", help="Tempo.")] = 128.0
    method: MethodOption = MethodName.best


@expand_options(ReconstructOptions)
def reconstruct(options: ReconstructOptions) -> None:
    """Turn spectrogram pictures into loops. A picture several times as wide as the format is a sequence."""
    check_out(options.out, is_single=len(options.images) == 1)
    from technogan.engine import loop_of_images
    from technogan.files.png import read_images, read_png_header
    from technogan.files.seed_source import read_origin
    from technogan.formats import find_format

    find_format(options.format_name)  # A wrong name is reported before any picture is read.
    targets = find_targets(options.out, [path.stem for path in options.images])
    written = []
    with progress_bar("reconstructing", quiet=len(targets) == 1) as progress:
        for path, target in zip(options.images, targets, strict=True):
            spectrogram_format = _find_format(options, read_png_header(path).height)
            loop = loop_of_images(
                read_images(path, spectrogram_format),
                spectrogram_format,
                bpm=options.bpm,
                method=options.method.value,
                origin=read_origin(path),
            )
            written.append(save_loop(loop, place_loop(loop, target, options), options))
            progress(len(written), len(targets))
    print_loops(written, as_json=options.as_json)


def _find_format(options: ReconstructOptions, rows: int) -> SpectrogramFormat:
    """Return the format of a picture of this many rows, with the properties that the user set."""
    from dataclasses import replace

    from technogan.formats import find_format
    from technogan.network.prototype import prototype_spec

    found = find_format(options.format_name, rows=rows)
    if options.fmin is not None or options.bins_per_octave is not None:
        found = prototype_spec(
            "picture", options.format_name, fmin_hz=options.fmin, bins_per_octave=options.bins_per_octave
        ).format
    return found if options.power is None else replace(found, power=options.power)
