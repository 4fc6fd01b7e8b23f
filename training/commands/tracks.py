"""technogan dataset tempo, conform and slice: what is done to tracks before there are images."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from training.commands.report import Report, RunOption, reporting

if TYPE_CHECKING:
    from training.tempo import Tempo
    from training.tracks.grids import KnownGrid

Facts = dict[str, Any]
# work(path, name, report): name is what is made of the track is called by.
Work = Callable[[Path, str, Report], Facts]

Tracks = Annotated[
    list[Path], typer.Argument(help="WAV, FLAC, MP3, OGG, AIFF, a folder of them, or an M3U8 list.", metavar="TRACK")
]
Out = Annotated[Path, typer.Option("--out", "-o", help="A folder.")]
Json = Annotated[bool, typer.Option("--json", help="As JSON.")]
Lowest = Annotated[float, typer.Option("--min-bpm", help="The least tempo that the tracks can have.")]
Highest = Annotated[float, typer.Option("--max-bpm", help="The highest.")]
Bpm = Annotated[float, typer.Option("--bpm", help="The exact tempo.")]
Grids = Annotated[
    Path | None, typer.Option("--grids", help="What `tempo --json` said of the tracks, perhaps corrected.")
]


def register(app: typer.Typer) -> None:
    """Mount these commands on an application."""
    for command in (tempo, conform, slice_):
        app.command(command.__name__.strip("_"))(command)


def tempo(
    tracks: Tracks,
    lowest: Lowest = 110.0,
    highest: Highest = 180.0,
    pictures: Annotated[Path | None, typer.Option("--pictures", help="A folder for a picture of each drift.")] = None,
    curve: Annotated[bool, typer.Option("--curve", help="With --json: the drift at every beat, too.")] = False,
    run: RunOption = None,
    as_json: Json = False,
) -> None:
    """Find tempo, beat grid, first downbeat and drift of tracks. Exits with 1 if any of them could not be read."""
    from training.tempo import analyse
    from training.tracks.drift_picture import draw_drift

    def measure(path: Path, name: str, _: Report) -> Facts:
        found = analyse(path, lowest=lowest, highest=highest)
        if not as_json:
            print(f"{path}: {_sentence(found)}", flush=True)
        if pictures is not None:
            draw_drift(pictures / f"{name}-drift.png", found)
        return found.to_dict() | ({"curve": found.curve()} if curve else {})

    _each(tracks, measure, run, "tempo", as_json)


def conform(
    tracks: Tracks,
    bpm: Bpm,
    out: Out,
    method: Annotated[str, typer.Option("--method", help="stretch keeps the pitch, resample does not.")] = "stretch",
    lowest: Lowest = 110.0,
    highest: Highest = 180.0,
    grids: Grids = None,
    run: RunOption = None,
    as_json: Json = False,
) -> None:
    """Bring tracks to an exact tempo, and measure them again. A track that is exact already is copied bit by bit.

    Exits with 1 if any track has no steady beat or could not be read; the rest is conformed.
    """
    from training.tracks import conform as conforming

    chosen = conforming.method_named(method)
    known = _known(grids)

    def bring(path: Path, name: str, _: Report) -> Facts:
        grid = known.get(path.resolve())
        least, most = grid.range if grid else (lowest, highest)
        downbeat = grid.first_downbeat if grid else None
        done = conforming.conform(
            path,
            bpm,
            out,
            name=_own_name(grid, name),
            method=chosen,
            lowest=least,
            highest=most,
            first_downbeat=downbeat,
        )
        if not as_json:
            print(f"{done.path}: {'copied, was' if done.copied else 'now'} {_sentence(done.after)}", flush=True)
        return done.to_dict()

    _each(tracks, bring, run, "conform", as_json)


def slice_(
    tracks: Tracks,
    bpm: Bpm,
    out: Out,
    beats: Annotated[int, typer.Option("--beats", help="In a slice.")] = 4,
    every: Annotated[int, typer.Option("--every", help="Keep only every so-manieth slice.")] = 1,
    offset: Annotated[
        float | None, typer.Option("--offset", help="Seconds where the first begins; the first downbeat if not given.")
    ] = None,
    mono: Annotated[bool, typer.Option("--mono", help="Mix the channels to one.")] = False,
    crossfade: Annotated[
        float, typer.Option("--crossfade", help="Milliseconds by which a slice's end fades into its beginning.")
    ] = 0.0,
    grids: Grids = None,
    run: RunOption = None,
    as_json: Json = False,
) -> None:
    """Cut tracks of exact tempo into slices of equal length, a folder for each track.

    Exits with 1 if any track could not be sliced, or is not exact at that tempo.
    """
    from training.tracks import slicing

    cut = slicing.Cut(bpm, beats, every, offset, mono, crossfade)
    known = _known(grids)

    def carve(path: Path, name: str, report: Report) -> Facts:
        grid = known.get(path.resolve())
        own = dataclasses.replace(cut, bpm=grid.bpm, offset=grid.first_downbeat) if grid else cut
        done = slicing.slice_track(path, own, out, name=_own_name(grid, name))
        for warning in done.warnings:
            report.warn(warning)
        if not as_json:
            print(f"{done.folder}: {len(done.paths)} slices from {done.offset:.3f} s on", flush=True)
        return done.to_dict()

    sliced = _each(tracks, carve, run, "slice", as_json)
    if any(done["warnings"] for done in sliced):
        raise typer.Exit(1)


def _known(grids: Path | None) -> Mapping[Path, KnownGrid]:
    from training.tracks.grids import read_grids

    return {} if grids is None else read_grids(grids)


def _own_name(grid: KnownGrid | None, name: str) -> str:
    return grid.name if grid and grid.name else name


def _named(tracks: Sequence[Path]) -> tuple[list[Path], dict[Path, str]]:
    """The files named, and those in folders and playlists that were named, and a different name for what is made of
    each.

    Raises SourceError where there is none.
    """
    from technogan.errors import SourceError
    from training.tracks.slicing import distinct_names

    paths = list(dict.fromkeys(path for named in tracks for path in _found(named)))
    if not paths:
        raise SourceError(tracks[0], "no tracks in it")
    return paths, dict(zip(paths, distinct_names(paths), strict=True))


def _found(path: Path) -> list[Path]:
    from training.sound_files import SUFFIXES, read_playlist

    if path.is_dir():
        return sorted(p for p in path.iterdir() if p.suffix.lower() in SUFFIXES and not p.name.startswith("."))
    return read_playlist(path) if path.suffix.lower() == ".m3u8" else [path]


def _each(tracks: Sequence[Path], work: Work, run: Path | None, command: str, as_json: bool) -> list[Facts]:
    """work(path, name, report) for each track, and what it says printed and told. What fails is told by name, and then
    the command ends with 1.
    """
    from technogan.errors import SourceError

    results: list[Facts] = []
    with reporting(run, command) as report:
        paths, names = _named(tracks)
        with report.progress("tracks", len(paths)) as done:
            for i, path in enumerate(paths):
                try:
                    results.append(work(path, names[path], report))
                    report.item(results[-1])
                except SourceError as error:
                    report.skip(error)
                done(i + 1)
        report.result(results)
    if as_json:
        print(json.dumps(results, indent=2))
    if len(results) < len(paths):
        raise typer.Exit(1)
    return results


def _sentence(found: Tempo) -> str:
    drift = found.drift
    verdict = {"exact": "exact", "conform": "conform it", "unusable": "unusable"}[found.verdict]
    return (
        f"{found.grid.bpm:.3f} BPM, first downbeat at {max(found.grid.start, 0):.3f} s, {verdict}: "
        f"95 % of its beats within {drift.p95:.1f} ms, worst {drift.worst:.1f}, trend {drift.trend:+.3f} BPM a minute"
    )
