"""technogan dataset: its commands on sounds and images. Results on standard output, progress on standard error."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from training import cli_tracks
from training.cli_tracks import Json, Out
from training.progress import shown

app = typer.Typer(help="From sounds to images that a network can learn.", no_args_is_help=True)

Format = Annotated[str, typer.Option("--format", "-f", help="bar, half, beat or half-cq.")]
Jobs = Annotated[int | None, typer.Option("--jobs", "-j", help="Processes; all cores if not given.")]
Beats = Annotated[
    int | None, typer.Option("--beats", help="In every sound; what slices.json says, or one loop, if not given.")
]

cli_tracks.register(app)


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
    from technogan.spec import format_named
    from training.synthesis import Selection, write_bars, write_dataset

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
    as_json: Json = False,
) -> None:
    """Convert sounds to images and a manifest. Exits with 1 if any sound had to be left out; the rest is converted.

    Every sound is one loop, or as many as its beats make, and is resampled as a circle to the format's own length.
    Longer ones are cut as columns of their image. A stopped run goes on when started again, and only new or changed
    sounds are converted.
    """
    from technogan.spec import format_named
    from training import folder as sounds
    from training.sounds import level_named

    with shown("sounds") as done:
        converted = sounds.convert(
            folder,
            format_named(format_name),
            out,
            beats=beats,
            level=level_named(level),
            jobs=jobs,
            scheduler=scheduler,
            progress=done,
        )
    for error in converted.skipped:
        print(f"left out: {error}", file=sys.stderr)
    warnings = converted.manifest.origin["warnings"]
    for warning in warnings:
        print(f"warning: {warning}", file=sys.stderr)
    facts = _facts(out, converted.manifest.images, converted.manifest.figures)
    _tell(facts | {"left_out": [str(error) for error in converted.skipped], "warnings": warnings}, as_json)
    if converted.skipped:
        raise typer.Exit(1)


@app.command()
def audition(
    path: Annotated[Path, typer.Argument(help="A sound.", metavar="FILE")],
    out: Out,
    format_name: Format,
    beats: Beats = None,
    bpm: Annotated[float, typer.Option("--bpm", help="Tempo at which the two sounds play.")] = 128.0,
    as_json: Json = False,
) -> None:
    """Convert one sound to an image and back: both sounds, both pictures in one, and how close they are."""
    from technogan.loop import check_bpm
    from technogan.spec import format_named
    from training import audition as hearing

    check_bpm(bpm)
    heard = hearing.audition(path, format_named(format_name), out, beats=beats, bpm=bpm)
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
    as_json: Json = False,
) -> None:
    """Check a dataset's manifest against its files, and its images. Exits with 1 if they do not agree."""
    from training.checking import check as look

    if adopt:
        _adopt(dataset, format_name)
    report = look(dataset)
    for fault in report.faults:
        print(f"fault: {fault}", file=sys.stderr)
    for warning in report.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    if as_json:
        print(json.dumps(report.to_dict(), indent=2))
    else:
        print(f"{dataset}: {report.readable} of {report.images} images of format {report.format} can be read")
    if not report.sound:
        raise typer.Exit(1)


def _adopt(folder: Path, format_name: str | None) -> None:
    from technogan.errors import SettingError
    from technogan.spec import FORMATS, format_named
    from training.checking import adopt

    if format_name is None:
        raise SettingError("format", None, f"given with --adopt: one of {', '.join(FORMATS)}")
    for error in adopt(folder, format_named(format_name))[1]:
        print(f"left out: {error}", file=sys.stderr)


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
