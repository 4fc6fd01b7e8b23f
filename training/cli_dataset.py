"""technogan dataset: synth, convert, check. Results on standard output, progress on standard error."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(help="From sounds to images that a network can learn.", no_args_is_help=True)

Format = Annotated[str, typer.Option("--format", "-f", help="bar, half, beat or half-cq.")]
Out = Annotated[Path, typer.Option("--out", "-o", help="A folder.")]
Jobs = Annotated[int | None, typer.Option("--jobs", "-j", help="Processes; all cores if not given.")]
Json = Annotated[bool, typer.Option("--json", help="As JSON.")]


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
    with _progress("bars", bars) as done:
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
    jobs: Jobs = None,
    as_json: Json = False,
) -> None:
    """Convert sounds to images and a manifest. Exits with 1 if any sound had to be left out; the rest is converted.

    Each sound must hold a whole number of the format's loops, sample by sample. Longer ones are cut as columns of their
    image. A stopped run goes on when started again, and only new or changed sounds are converted.
    """
    from technogan.spec import format_named
    from training import folder as sounds

    with _progress("sounds") as done:
        converted = sounds.convert(folder, format_named(format_name), out, jobs=jobs, progress=done)
    for error in converted.skipped:
        print(f"left out: {error}", file=sys.stderr)
    facts = _facts(out, converted.manifest.images, converted.manifest.figures)
    _tell(facts | {"left_out": [str(error) for error in converted.skipped]}, as_json)
    if converted.skipped:
        raise typer.Exit(1)


@app.command()
def check(
    dataset: Annotated[Path, typer.Argument(help="A folder with a dataset.json.", metavar="DATASET")],
    as_json: Json = False,
) -> None:
    """Check a dataset's manifest against its files, and its images. Exits with 1 if they do not agree."""
    from training.checking import check as look

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


@contextmanager
def _progress(what: str, total: int | None = None) -> Iterator[Callable[..., None]]:
    """A bar on standard error where that is a terminal, and what to do after Ctrl-C."""
    started = time.monotonic()
    state = {"first": 0, "done": 0, "total": total or 0}
    with _bar(what) as show:

        def progress(done: int, all_of_them: int | None = None) -> None:
            state["first"] = state["first"] or done
            state.update(done=done, total=all_of_them or state["total"])
            show(done, state["total"])

        try:
            yield progress
        except KeyboardInterrupt:
            print(f"stopped after {state['done']} {what}; the same command goes on from there", file=sys.stderr)
            raise
    made = state["done"] - state["first"] + 1 if state["done"] else 0
    seconds = max(time.monotonic() - started, 1e-3)
    print(f"{made} {what} in {seconds:.1f} s, {made / seconds:.1f} a second", file=sys.stderr)


@contextmanager
def _bar(what: str) -> Iterator[Callable[[int, int], None]]:
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
