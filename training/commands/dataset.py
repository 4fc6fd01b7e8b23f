"""The commands of `technogan dataset`; results go to standard output, progress to standard error."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from technogan.commands.options import Json
from training.commands import tracks
from training.commands.report import Report, RunOption, open_report, show_progress
from training.commands.tracks import Out

app = typer.Typer(help="Turn sounds into images that a network can learn from.", no_args_is_help=True)

Format = Annotated[
    str,
    typer.Option(
        "--format", "-f", help="Format of the images: beat, half, bar, beat-256, half-256, bar-256 or half-cq."
    ),
]
Jobs = Annotated[int | None, typer.Option("--jobs", "-j", help="Number of processes; one per core by default.")]
Beats = Annotated[
    int | None, typer.Option("--beats", help="Beats in every sound; by default as slices.json states, or one loop.")
]

tracks.register(app)


@app.command()
def synth(
    out: Out,
    bars: Annotated[int, typer.Option("--bars", help="Number of bars.")],
    format_name: Format = "bar",
    seed: Annotated[int, typer.Option("--seed", help="Seed of the first bar; each next bar has the next seed.")] = 0,
    style: Annotated[
        str | None, typer.Option("--style", help="Use one style for all bars instead of a mixture.")
    ] = None,
    images: Annotated[
        bool, typer.Option("--images", help="Write a dataset of the format instead of WAV files.")
    ] = False,
    stems: Annotated[
        bool, typer.Option("--stems", help="With --images: write an image of each stem (kick, drums, music).")
    ] = False,
    bpm: Annotated[
        float, typer.Option("--bpm", help="Tempo of the WAV files; it changes their sample rate, not their samples.")
    ] = 128.0,
    jobs: Jobs = None,
    as_json: Json = False,
) -> None:
    """Render bars of synthetic techno as WAV files or as a dataset.

    If a run is stopped, run the same command again to resume. WAV files contain whole bars; `technogan dataset convert`
    cuts them into shorter formats.
    """
    from technogan.errors import SettingError
    from technogan.formats import find_format
    from training.dataset.synthesis import Selection, write_bars, write_dataset

    if stems and not images:
        raise SettingError("stems", stems, "off without --images")
    spectrogram_format = find_format(format_name)
    selection = Selection(bars, seed, style)
    with show_progress("bars", bars) as done:
        if images:
            manifest = write_dataset(selection, spectrogram_format, out, jobs=jobs, stems=stems, progress=done)
            result = _summarise(out, manifest.images, manifest.figures)
        else:
            paths = write_bars(selection, out, bpm=bpm, jobs=jobs, progress=done)
            result = {"path": str(out), "files": [str(path) for path in paths]}
    _print_result(result, as_json)


@app.command()
def convert(
    folder: Annotated[Path, typer.Argument(help="Folder of sounds; its subfolders are searched too.", metavar="DIR")],
    out: Out,
    format_name: Format,
    beats: Beats = None,
    level: Annotated[
        str,
        typer.Option("--level", help="keep, or normalise: track (sounds of a folder together), slice (each alone)."),
    ] = "keep",
    stems: Annotated[
        str,
        typer.Option("--stems", help="one image of the whole sound, or split: approximate kick, drums and music."),
    ] = "one",
    jobs: Jobs = None,
    scheduler: Annotated[
        str | None, typer.Option("--scheduler", help="Address of a Dask cluster to run the conversion on.")
    ] = None,
    exclude: Annotated[
        Path | None, typer.Option("--exclude", help="Text file with sounds to leave out: a path in DIR on each line.")
    ] = None,
    run: RunOption = None,
    as_json: Json = False,
) -> None:
    """Convert sounds to a dataset of images. The exit status is 1 if sounds had to be left out.

    Each sound is one loop, or several if its length in beats is known, and is resampled to the length of the format.
    If a run is stopped, run the same command again to resume. A second run converts only new and changed sounds.
    """
    from technogan.formats import find_format
    from training.dataset.folder import convert_folder, find_stem_mode
    from training.dataset.sounds import find_level, read_exclusions

    with open_report(run, "convert") as report:
        excluded = () if exclude is None else read_exclusions(exclude)
        with report.progress("sounds") as done:
            converted = convert_folder(
                folder,
                find_format(format_name),
                out,
                beats=beats,
                level=find_level(level),
                stems=find_stem_mode(stems),
                excluded=excluded,
                jobs=jobs,
                scheduler=scheduler,
                progress=done,
            )
        for error in converted.skipped:
            report.skip(error)
        warnings = converted.manifest.origin["warnings"]
        for warning in warnings:
            report.warn(warning)
        result = _summarise(out, converted.manifest.images, converted.manifest.figures)
        result |= {"left_out": [str(error) for error in converted.skipped], "warnings": warnings}
        report.write_result(result)
    _print_result(result, as_json)
    if converted.skipped:
        raise typer.Exit(1)


@app.command()
def inspect(
    folder: Annotated[Path, typer.Argument(help="Folder of slices; its subfolders are searched too.", metavar="DIR")],
    format_name: Format = "bar",
    beats: Beats = None,
    exclude: Annotated[
        Path | None, typer.Option("--exclude", help="File for the list of marked slices, for `convert --exclude`.")
    ] = None,
    jobs: Jobs = None,
    run: RunOption = None,
    as_json: Json = False,
) -> None:
    """Mark slices that are silent, clipped, or nearly equal to an earlier one.

    The exit status is 1 if slices could not be read.
    """
    from technogan.formats import find_format
    from training.dataset.inspection import inspect_slices
    from training.dataset.sounds import write_exclusions

    with open_report(run, "inspect") as report:
        with report.progress("slices") as done:
            found = inspect_slices(folder, find_format(format_name), beats=beats, jobs=jobs, progress=done)
        for error in found.skipped:
            report.skip(error)
        marked = [each for each in found.slices if each.marks]
        if exclude is not None:
            write_exclusions(exclude, [each.path for each in marked])
        inspected = [each.to_dict() for each in found.slices]
        report.write_result(inspected)
    if as_json:
        print(json.dumps(inspected, indent=2))
    else:
        for each in marked:
            print(f"{each.path}: {', '.join(each.marks)}{f' (like {each.twin})' if each.twin else ''}")
        print(f"{len(inspected)} slices, {len(marked)} of them marked")
    if found.skipped:
        raise typer.Exit(1)


@app.command()
def audition(
    path: Annotated[Path, typer.Argument(help="A sound file.", metavar="FILE")],
    out: Out,
    format_name: Format,
    beats: Beats = None,
    bpm: Annotated[float, typer.Option("--bpm", help="Tempo of the two written sounds.")] = 128.0,
    run: RunOption = None,
    as_json: Json = False,
) -> None:
    """Convert a sound to an image and back; write both sounds, and a picture of both images.

    The accuracy of the reconstruction is printed as spectral convergence.
    """
    from technogan.formats import find_format
    from technogan.sound.loop import check_bpm
    from training.dataset.round_trip import audition_sound

    check_bpm(bpm)
    with open_report(run, "audition") as report:
        result = audition_sound(path, find_format(format_name), out, beats=beats, bpm=bpm)
        report.write_result(result.to_dict())
    if as_json:
        print(json.dumps(result.to_dict(), indent=2))
        return
    print(f"{path}: {result.convergence:.1f} dB to its image, {result.from_original:.1f} dB to the original")
    for file in (result.picture, result.original, result.reconstruction):
        print(file)


@app.command()
def check(
    dataset: Annotated[Path, typer.Argument(help="A folder with a dataset.json.", metavar="DATASET")],
    adopt: Annotated[
        bool, typer.Option("--adopt", help="First turn a folder of PNG files into a dataset; needs --format.")
    ] = False,
    format_name: Annotated[
        str | None,
        typer.Option(
            "--format", "-f", help="Format of adopted files: beat, half, bar, beat-256, half-256, bar-256 or half-cq."
        ),
    ] = None,
    run: RunOption = None,
    as_json: Json = False,
) -> None:
    """Check a dataset. The exit status is 1 if its manifest and its files do not agree."""
    from training.dataset.checking import check_dataset

    with open_report(run, "check") as report:
        if adopt:
            _adopt(dataset, format_name, report)
        with report.progress("images") as done:
            found = check_dataset(dataset, progress=done)
        for fault in found.faults:
            print(f"fault: {fault}", file=sys.stderr)
        for warning in found.warnings:
            report.warn(warning)
        report.write_result(found.to_dict())
    if as_json:
        print(json.dumps(found.to_dict(), indent=2))
    else:
        print(f"{dataset}: {found.readable} of {found.images} images of format {found.format} can be read")
    if not found.is_consistent:
        raise typer.Exit(1)


def _adopt(folder: Path, format_name: str | None, report: Report) -> None:
    from technogan.errors import SettingError
    from technogan.formats import FORMATS, find_format
    from training.dataset.checking import adopt_pictures, rows_of_pictures

    if format_name is None:
        raise SettingError("format", None, f"one of {', '.join(FORMATS)} with --adopt")
    for error in adopt_pictures(folder, find_format(format_name, rows=rows_of_pictures(folder)))[1]:
        report.skip(error)


def _summarise(folder: Path, images: int, figures: Any) -> dict[str, Any]:
    return {"path": str(folder), "images": images} | dict(figures)


def _print_result(result: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print(json.dumps(result, indent=2))
    elif "files" in result:
        for path in result["files"]:
            print(path)
    else:
        print(f"{result['path']}: {result['images']} images")
