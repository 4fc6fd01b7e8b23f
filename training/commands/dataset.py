"""technogan dataset: its commands on sounds and images. Results on standard output, progress on standard error."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from training.commands import tracks
from training.commands.report import Report, RunOption, reporting, shown
from training.commands.tracks import Json, Out

app = typer.Typer(help="From sounds to images that a network can learn.", no_args_is_help=True)

Format = Annotated[str, typer.Option("--format", "-f", help="bar, half, beat or half-cq.")]
Jobs = Annotated[int | None, typer.Option("--jobs", "-j", help="Processes; all cores if not given.")]
Beats = Annotated[
    int | None, typer.Option("--beats", help="In every sound; what slices.json says, or one loop, if not given.")
]

tracks.register(app)


@app.command()
def synth(
    out: Out,
    bars: Annotated[int, typer.Option("--bars", help="How many bars.")],
    format_name: Format = "bar",
    seed: Annotated[int, typer.Option("--seed", help="Of the first bar; the next has the next.")] = 0,
    style: Annotated[str | None, typer.Option("--style", help="One style for all bars instead of a mixture.")] = None,
    images: Annotated[
        bool, typer.Option("--images", help="Write a dataset of the format instead of WAV files.")
    ] = False,
    bpm: Annotated[
        float, typer.Option("--bpm", help="Tempo of the WAV files; the samples are the same at any.")
    ] = 128.0,
    jobs: Jobs = None,
    as_json: Json = False,
) -> None:
    """Make bars of synthetic techno: WAV files of one bar each, or a dataset.

    A stopped run goes on when started again. WAV files always hold whole bars; `technogan dataset convert` cuts them.
    """
    from technogan.formats import format_named
    from training.dataset.synthesis import Selection, write_bars, write_dataset

    spectrogram_format = format_named(format_name)
    selection = Selection(bars, seed, style)
    with shown("bars", bars) as done:
        if images:
            manifest = write_dataset(selection, spectrogram_format, out, jobs=jobs, progress=done)
            facts = _facts(out, manifest.images, manifest.figures)
        else:
            paths = write_bars(selection, out, bpm=bpm, jobs=jobs, progress=done)
            facts = {"path": str(out), "files": [str(path) for path in paths]}
    _tell(facts, as_json)


@app.command()
def convert(
    folder: Annotated[Path, typer.Argument(help="Sounds; folders below it are searched too.", metavar="DIR")],
    out: Out,
    format_name: Format,
    beats: Beats = None,
    level: Annotated[
        str, typer.Option("--level", help="keep; track: one gain for all sounds of a folder; slice: one for each.")
    ] = "keep",
    jobs: Jobs = None,
    scheduler: Annotated[
        str | None, typer.Option("--scheduler", help="Address of a Dask cluster that does the work instead.")
    ] = None,
    exclude: Annotated[
        Path | None, typer.Option("--exclude", help="A text file: on every line a sound below DIR to leave out.")
    ] = None,
    run: RunOption = None,
    as_json: Json = False,
) -> None:
    """Convert sounds to images and a manifest. Exits with 1 if any sound had to be left out; the rest is converted.

    Every sound is one loop, or as many as its beats make, and is resampled as a circle to the format's own length.
    Longer ones are cut as columns of their image. A stopped run goes on when started again, and only new or changed
    sounds are converted.
    """
    from technogan.formats import format_named
    from training.dataset import folder as sounds
    from training.dataset.sounds import level_named, read_excluded

    with reporting(run, "convert") as report:
        excluded = () if exclude is None else read_excluded(exclude)
        with report.progress("sounds") as done:
            converted = sounds.convert(
                folder,
                format_named(format_name),
                out,
                beats=beats,
                level=level_named(level),
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
        facts = _facts(out, converted.manifest.images, converted.manifest.figures)
        facts |= {"left_out": [str(error) for error in converted.skipped], "warnings": warnings}
        report.result(facts)
    _tell(facts, as_json)
    if converted.skipped:
        raise typer.Exit(1)


@app.command()
def inspect(
    folder: Annotated[Path, typer.Argument(help="Slices; folders below it are searched too.", metavar="DIR")],
    format_name: Format = "bar",
    beats: Beats = None,
    exclude: Annotated[
        Path | None, typer.Option("--exclude", help="Write those with a mark here, for `convert --exclude`.")
    ] = None,
    jobs: Jobs = None,
    run: RunOption = None,
    as_json: Json = False,
) -> None:
    """Look at slices before they are converted: which are silent, clipped, or nearly equal to an earlier one.

    Exits with 1 if any could not be read.
    """
    from technogan.atomic import write_whole
    from technogan.formats import format_named
    from training.dataset import inspection

    with reporting(run, "inspect") as report:
        with report.progress("slices") as done:
            found = inspection.inspect(folder, format_named(format_name), beats=beats, jobs=jobs, progress=done)
        for error in found.skipped:
            report.skip(error)
        marked = [each for each in found.slices if each.marks]
        if exclude is not None:
            write_whole(exclude, "".join(f"{each.path}\n" for each in marked).encode())
        facts = [each.to_dict() for each in found.slices]
        report.result(facts)
    if as_json:
        print(json.dumps(facts, indent=2))
    else:
        for each in marked:
            print(f"{each.path}: {', '.join(each.marks)}{f', like {each.twin}' if each.twin else ''}")
        print(f"{len(facts)} slices, {len(marked)} of them with a mark")
    if found.skipped:
        raise typer.Exit(1)


@app.command()
def audition(
    path: Annotated[Path, typer.Argument(help="A sound.", metavar="FILE")],
    out: Out,
    format_name: Format,
    beats: Beats = None,
    bpm: Annotated[float, typer.Option("--bpm", help="Tempo at which the two sounds play.")] = 128.0,
    run: RunOption = None,
    as_json: Json = False,
) -> None:
    """Convert one sound to an image and back: both sounds, both pictures in one, and how close they are."""
    from technogan.formats import format_named
    from technogan.sound.loop import check_bpm
    from training.dataset import round_trip as hearing

    check_bpm(bpm)
    with reporting(run, "audition") as report:
        heard = hearing.audition(path, format_named(format_name), out, beats=beats, bpm=bpm)
        report.result(heard.to_dict())
    if as_json:
        print(json.dumps(heard.to_dict(), indent=2))
        return
    print(f"{path}: {heard.convergence:.1f} dB to its image, {heard.from_original:.1f} dB to the original")
    for written in (heard.picture, heard.original, heard.reconstruction):
        print(written)


@app.command()
def check(
    dataset: Annotated[Path, typer.Argument(help="A folder with a dataset.json.", metavar="DATASET")],
    adopt: Annotated[
        bool, typer.Option("--adopt", help="First make a dataset of a folder of PNG files; needs --format.")
    ] = False,
    format_name: Annotated[
        str | None, typer.Option("--format", "-f", help="Of adopted pictures: bar, half, beat or half-cq.")
    ] = None,
    run: RunOption = None,
    as_json: Json = False,
) -> None:
    """Check a dataset's manifest against its files, and its images. Exits with 1 if they do not agree."""
    from training.dataset.checking import check as look

    with reporting(run, "check") as report:
        if adopt:
            _adopt(dataset, format_name, report)
        with report.progress("images") as done:
            found = look(dataset, progress=done)
        for fault in found.faults:
            print(f"fault: {fault}", file=sys.stderr)
        for warning in found.warnings:
            report.warn(warning)
        report.result(found.to_dict())
    if as_json:
        print(json.dumps(found.to_dict(), indent=2))
    else:
        print(f"{dataset}: {found.readable} of {found.images} images of format {found.format} can be read")
    if not found.sound:
        raise typer.Exit(1)


def _adopt(folder: Path, format_name: str | None, report: Report) -> None:
    from technogan.errors import SettingError
    from technogan.formats import FORMATS, format_named
    from training.dataset.checking import adopt

    if format_name is None:
        raise SettingError("format", None, f"given with --adopt: one of {', '.join(FORMATS)}")
    for error in adopt(folder, format_named(format_name))[1]:
        report.skip(error)


def _facts(folder: Path, images: int, figures: Any) -> dict[str, Any]:
    return {"path": str(folder), "images": images} | dict(figures)


def _tell(facts: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print(json.dumps(facts, indent=2))
    elif "files" in facts:
        for path in facts["files"]:
            print(path)
    else:
        print(f"{facts['path']}: {facts['images']} images")
