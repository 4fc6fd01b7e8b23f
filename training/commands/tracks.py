"""The commands of `technogan dataset` for tracks: tempo, conform and slice."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from technogan.commands.options import Json, refuse_stdout
from training.commands.report import Report, RunOption, open_report

if TYPE_CHECKING:
    from training.tempo import Tempo
    from training.tracks.grids import KnownGrid

Result = dict[str, Any]
# work(path, name, report) processes a track; name: stem of the output files.
Work = Callable[[Path, str, Report], Result]

Tracks = Annotated[
    list[Path],
    typer.Argument(
        help="Sound files (WAV, FLAC, MP3, OGG, AIFF), folders of them, or M3U, M3U8 or PLS playlists.", metavar="TRACK"
    ),
]
Out = Annotated[Path, typer.Option("--out", "-o", callback=refuse_stdout, help="Output folder.")]
Lowest = Annotated[float, typer.Option("--min-bpm", help="Lowest possible tempo of the tracks.")]
Highest = Annotated[float, typer.Option("--max-bpm", help="Highest possible tempo of the tracks.")]
Bpm = Annotated[float, typer.Option("--bpm", help="Exact tempo.")]
Grids = Annotated[
    Path | None, typer.Option("--grids", help="File with the output of `tempo --json`, which you can correct.")
]

_VERDICTS = {
    "exact": "exact",
    "conform": "conform it",
    "unclear": "but it may be at {rival:.1f} BPM: search another range (--min-bpm, --max-bpm)",
    "unusable": "unusable",
}


def register(app: typer.Typer) -> None:
    """Add these commands to an application."""
    for command in (tempo, conform, slice_):
        app.command(command.__name__.strip("_"))(command)


def tempo(
    tracks: Tracks,
    lowest: Lowest = 90.0,
    highest: Highest = 180.0,
    pictures: Annotated[
        Path | None, typer.Option("--pictures", help="Folder for a picture of the drift of each track.")
    ] = None,
    curve: Annotated[bool, typer.Option("--curve", help="Add the drift at every beat to the JSON.")] = False,
    run: RunOption = None,
    as_json: Json = False,
) -> None:
    """Measure tempo, first downbeat and drift of tracks. The exit status is 1 if a track could not be read."""
    from training.tempo import analyse
    from training.tracks.drift_picture import draw_drift

    def measure(path: Path, name: str, _: Report) -> Result:
        found = analyse(path, lowest=lowest, highest=highest)
        if not as_json:
            print(f"{path}: {_describe(found)}", flush=True)
        if pictures is not None:
            draw_drift(pictures / f"{name}-drift.png", found)
        return found.to_dict() | ({"curve": found.curve()} if curve else {})

    _process_tracks(tracks, measure, run, "tempo", as_json)


def conform(
    tracks: Tracks,
    bpm: Bpm,
    out: Out,
    method: Annotated[str, typer.Option("--method", help="stretch keeps the pitch, resample does not.")] = "stretch",
    lowest: Lowest = 90.0,
    highest: Highest = 180.0,
    grids: Grids = None,
    run: RunOption = None,
    as_json: Json = False,
) -> None:
    """Conform tracks to an exact tempo and measure them again. A track that is exact already is copied.

    The exit status is 1 if a track has no steady beat or could not be read.
    """
    from training.tracks.conform import conform_track, find_method

    chosen = find_method(method)
    known = _read_grids(grids)

    def conform_one(path: Path, name: str, _: Report) -> Result:
        grid = known.get(path.resolve())
        least, most = grid.range if grid else (lowest, highest)
        conformed = conform_track(
            path,
            bpm,
            out,
            name=(grid and grid.name) or name,
            method=chosen,
            lowest=least,
            highest=most,
            first_downbeat=grid.first_downbeat if grid else None,
        )
        if not as_json:
            verb = "copied, was" if conformed.copied else "now"
            print(f"{conformed.path}: {verb} {_describe(conformed.after)}", flush=True)
        return conformed.to_dict()

    _process_tracks(tracks, conform_one, run, "conform", as_json)


def slice_(
    tracks: Tracks,
    bpm: Bpm,
    out: Out,
    beats: Annotated[int, typer.Option("--beats", help="Beats in a slice.")] = 4,
    every: Annotated[int, typer.Option("--every", help="Keep every Nth slice.")] = 1,
    offset: Annotated[
        float | None, typer.Option("--offset", help="Start of the first slice in s; by default the first downbeat.")
    ] = None,
    mono: Annotated[bool, typer.Option("--mono", help="Mix the channels to one.")] = False,
    crossfade: Annotated[
        float, typer.Option("--crossfade", help="Crossfade from the end of a slice to its start, in ms.")
    ] = 0.0,
    grids: Grids = None,
    run: RunOption = None,
    as_json: Json = False,
) -> None:
    """Cut tracks of exact tempo into slices of equal length, in one folder per track.

    The exit status is 1 if a track could not be sliced, or its tempo is not exact.
    """
    from training.tracks.slicing import Cut, slice_track

    cut = Cut(bpm, beats, every, offset, mono, crossfade)
    known = _read_grids(grids)

    def slice_one(path: Path, name: str, report: Report) -> Result:
        grid = known.get(path.resolve())
        own = dataclasses.replace(cut, bpm=grid.bpm, offset=grid.first_downbeat) if grid else cut
        sliced = slice_track(path, own, out, name=(grid and grid.name) or name)
        for warning in sliced.warnings:
            report.warn(warning)
        if not as_json:
            print(f"{sliced.folder}: {len(sliced.paths)} slices from {sliced.offset:.3f} s on", flush=True)
        return sliced.to_dict()

    results = _process_tracks(tracks, slice_one, run, "slice", as_json)
    if any(result["warnings"] for result in results):
        raise typer.Exit(1)


def _read_grids(grids: Path | None) -> Mapping[Path, KnownGrid]:
    from training.tracks.grids import read_grids

    return {} if grids is None else read_grids(grids)


def _find_tracks(tracks: Sequence[Path]) -> dict[Path, str]:
    """Return the given files and the files of given folders and playlists, each with a distinct output stem.

    Raises SourceError if there are none.
    """
    from technogan.errors import SourceError
    from technogan.files.sound_paths import list_sounds
    from training.tracks.slicing import distinct_names

    paths = list(dict.fromkeys(path for given in tracks for path in list_sounds(given)))
    if not paths:
        raise SourceError(tracks[0], "contains no tracks")
    return dict(zip(paths, distinct_names(paths), strict=True))


def _process_tracks(tracks: Sequence[Path], work: Work, run: Path | None, command: str, as_json: bool) -> list[Result]:
    """Call work(path, name, report) for each track and report the results; failures are reported by file."""
    from technogan.errors import SourceError

    results: list[Result] = []
    with open_report(run, command) as report:
        names = _find_tracks(tracks)
        with report.progress("tracks", len(names)) as progress:
            for i, (path, name) in enumerate(names.items()):
                try:
                    results.append(work(path, name, report))
                    report.add_item(results[-1])
                except SourceError as error:
                    report.skip(error)
                progress(i + 1, len(names))
        report.write_result(results)
    if as_json:
        print(json.dumps(results, indent=2))
    if len(results) < len(names):
        raise typer.Exit(1)
    return results


def _describe(found: Tempo) -> str:
    drift = found.drift
    verdict = _VERDICTS[found.verdict].format(rival=found.rival_bpm)
    return (
        f"{found.grid.bpm:.3f} BPM, first downbeat at {max(found.grid.start, 0):.3f} s, {verdict}: "
        f"95 % of its beats within {drift.p95:.1f} ms, worst {drift.worst:.1f}, trend {drift.trend:+.3f} BPM per minute"
    )
