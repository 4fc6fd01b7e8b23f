"""A dataset project: its tracks, their measurements and the user's decisions, in a folder of its own.

    project.json     what this module reads and writes
    curves/          the drift of each track, as `technogan dataset tempo --curve` reports it
    work/            the run folders of the commands
    conformed/  slices/  audition/       the output of the commands
    excluded.txt     rejected slices
    FORMAT/          the dataset

The tracks stay where they are. Everything else is in this folder under relative paths, so that it can be moved.
"""

import json
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any, Literal, Self

from technogan.atomic import explain, write_atomically
from technogan.errors import OutputError, SourceError, SpecError
from technogan.file_names import is_inside, safe_name, unique_name
from technogan.records import migrate, read_json, read_record, require

PROJECT = "project.json"
SCHEMA = 1

Treatment = Literal["conform", "leave", "skip"]
Table = Mapping[str, Any]

# Leaves room for the number of a slice and a suffix.
_LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class Track:
    """A track of the project.

    Attributes:
        path: the sound file.
        name: stem of the output files, unique in the project.
        seconds: length; 0 if unknown.
        sample_rate: Hz.
        channels: number of channels.
        problem: why the track cannot be used; "" if it can.
        tempo: the measurement, as `technogan dataset tempo` reports it.
        shift: beats by which the user moved the first downbeat.
        treatment: whether to conform the track, to leave it as it is or to skip it.
        conformed: the output of `technogan dataset conform` and the key that it was made for.
    """

    path: str
    name: str
    seconds: float = 0.0
    sample_rate: int = 0
    channels: int = 0
    problem: str = ""
    tempo: Table = field(default_factory=dict)
    shift: int = 0
    treatment: Treatment = "conform"
    conformed: Table = field(default_factory=dict)

    def __post_init__(self) -> None:
        require(PurePosixPath(self.name).name == self.name, f"name must be a file name, not {self.name!r}")

    @property
    def is_measured(self) -> bool:
        """True if the tempo is known."""
        return bool(self.tempo)

    @property
    def is_used(self) -> bool:
        """True if the track goes into the dataset."""
        return not self.problem and self.treatment != "skip"

    @property
    def bpm(self) -> float:
        """The measured tempo; 0 if unknown."""
        return float(self.tempo.get("bpm", 0.0))

    @property
    def verdict(self) -> str:
        """The verdict of the measurement: exact, conform or unusable; "" if there is none."""
        return str(self.tempo.get("verdict", ""))

    @property
    def downbeat(self) -> float:
        """The earliest downbeat in seconds, as measured and shifted."""
        if not self.bpm:
            return 0.0
        bar = 240 / self.bpm
        return (float(self.tempo.get("first_downbeat_s", 0.0)) + self.shift * bar / 4) % bar

    def to_grid(self) -> dict[str, Any]:
        """Return the beat grid as the option `--grids` reads it."""
        return {"path": self.path, "bpm": self.bpm, "first_downbeat_s": self.downbeat, "name": self.name}


@dataclass(frozen=True, slots=True)
class DatasetOptions:
    """The decisions that apply to all tracks.

    Attributes:
        bpm: tempo to conform to; 0 until it is chosen.
        keep_pitch: whether conforming keeps the pitch.
        beats: length of a slice.
        every: keep every Nth slice.
        mono: whether slices are mono.
        format: see `technogan dataset convert`.
        level: see `technogan dataset convert`.
    """

    bpm: float = 0.0
    keep_pitch: bool = True
    beats: int = 4
    every: int = 1
    mono: bool = False
    format: str = "bar"
    level: str = "keep"


@dataclass(frozen=True, slots=True)
class Project:
    """A dataset project; methods named `with...` return a changed copy.

    Attributes:
        folder: where it is.
        tracks: the tracks, in the order in which they were added.
        options: the decisions that apply to all tracks.
        rejected: paths of rejected slices below `slices`, with slashes.
        done: the cache key of the latest result of each command, by the command's name.
        pending: commands that were started and have not been seen to end.
    """

    folder: Path
    tracks: tuple[Track, ...] = ()
    options: DatasetOptions = DatasetOptions()
    rejected: frozenset[str] = frozenset()
    done: Mapping[str, Any] = field(default_factory=dict)
    pending: frozenset[str] = frozenset()

    # --- paths

    def path(self, *parts: str) -> Path:
        """Return a path inside the project."""
        return self.folder.joinpath(*parts)

    @property
    def dataset(self) -> Path:
        """The folder of the dataset: one for each format and level."""
        options = self.options
        return self.path(options.format if options.level == "keep" else f"{options.format}-{options.level}")

    def listed_names(self) -> Iterator[str]:
        """Yield the names of files and folders below the project, apart from those of tracks, which are no paths."""
        yield from (self.options.format, self.options.level, *self.rejected)
        yield from (str(track.conformed["file"]) for track in self.tracks if "file" in track.conformed)

    # --- changes

    def with_tracks(self, found: Iterable[Track]) -> Self:
        """Add tracks under unique names. Known tracks keep what is known about them."""
        known = {track.path: track for track in self.tracks}
        taken = {track.name.casefold() for track in self.tracks}
        for track in found:
            if track.path in known:
                before = known[track.path]
                known[track.path] = replace(before, problem=track.problem, seconds=track.seconds or before.seconds)
                continue
            name = unique_name(track.name, lambda name: name.casefold() in taken)
            taken.add(name.casefold())
            known[track.path] = replace(track, name=name)
        return replace(self, tracks=tuple(known.values()))

    def without_tracks(self, paths: Iterable[str]) -> Self:
        """Remove tracks. The files made of them stay on disk until the next cut."""
        removed = set(paths)
        return replace(self, tracks=tuple(track for track in self.tracks if track.path not in removed))

    def with_track(self, path: str, **changes: Any) -> Self:
        """Change the fields of a track."""
        return replace(self, tracks=tuple(replace(t, **changes) if t.path == path else t for t in self.tracks))

    def with_options(self, **changes: Any) -> Self:
        """Change options."""
        return replace(self, options=replace(self.options, **changes))

    def with_result(self, command: str, key: Any) -> Self:
        """Record that a command has finished, with the cache key of its result."""
        return replace(self, done={**self.done, command: key}, pending=self.pending - {command})

    def with_pending(self, command: str) -> Self:
        """Record that a command was started."""
        return replace(self, pending=self.pending | {command})

    def without_pending(self, command: str) -> Self:
        """Record that a command has ended without a result."""
        return replace(self, pending=self.pending - {command})

    def without_rejections(self) -> Self:
        """Forget the rejected slices, before other slices are cut."""
        return replace(self, rejected=frozenset())

    # --- remaining work

    def find_track(self, path: str) -> Track | None:
        """Return the track of a sound file, if the project has it."""
        return next((track for track in self.tracks if track.path == path), None)

    def treated_as(self, *treatments: Treatment) -> tuple[Track, ...]:
        """Return the usable tracks with one of these treatments."""
        return tuple(t for t in self.tracks if not t.problem and t.treatment in treatments)

    def unmeasured(self) -> tuple[Track, ...]:
        """Return the tracks in use whose tempo is unknown."""
        return tuple(track for track in self.tracks if track.is_used and not track.is_measured)

    def unconformed(self) -> tuple[Track, ...]:
        """Return the tracks that still have to be conformed to the current tempo and grid."""
        return tuple(track for track in self.treated_as("conform") if not self._is_conformed(track))

    def _is_conformed(self, track: Track) -> bool:
        made = track.conformed
        return bool(made) and made.get("asked") == self.conform_key(track) and self.path(str(made["file"])).is_file()

    def conform_key(self, track: Track) -> list[Any]:
        """Return what the conformed version of a track depends on."""
        return [self.options.bpm, self.options.keep_pitch, track.bpm, round(track.downbeat, 5)]

    def sources(self) -> list[dict[str, Any]]:
        """Return the grids of the files to cut, as the option `--grids` reads them."""
        grids = [track.to_grid() for track in self.treated_as("leave")]
        for track in self.treated_as("conform"):
            if self._is_conformed(track):
                file, downbeat = track.conformed["file"], track.conformed["first_downbeat_s"]
                grid = {"path": str(self.path(str(file))), "bpm": self.options.bpm, "first_downbeat_s": downbeat}
                grids.append(grid | {"name": track.name})
        return grids

    # --- results

    def cut_key(self) -> list[Any]:
        """Return what the slices depend on."""
        grids = [[grid["name"], grid["bpm"], round(grid["first_downbeat_s"], 5)] for grid in self.sources()]
        options = self.options
        return [grids, options.beats, options.every, options.mono]

    def convert_key(self) -> list[Any]:
        """Return what the images depend on."""
        return [self.cut_key(), sorted(self.rejected), self.options.format, self.options.level]

    @property
    def is_cut(self) -> bool:
        """True if the slices on disk match the options."""
        return self.done.get("slice") == self.cut_key() and self.path("slices").is_dir()

    @property
    def is_converted(self) -> bool:
        """True if the dataset on disk matches the options."""
        return self.done.get("convert") == self.convert_key() and (self.dataset / "dataset.json").is_file()

    # --- files

    def save(self) -> None:
        """Write project.json. Raises OutputError."""
        values = asdict(self) | {"schema": SCHEMA, "rejected": sorted(self.rejected), "pending": sorted(self.pending)}
        values["choices"] = values.pop("options")
        del values["folder"]
        write_atomically(self.path(PROJECT), (json.dumps(values, indent=1, ensure_ascii=False) + "\n").encode())

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Read a project. Raises SourceError if the folder is missing or does not hold a valid project."""
        path = folder / PROJECT
        if not folder.is_dir():
            raise SourceError(folder, "the folder no longer exists")
        try:
            values = migrate(read_json(path), SCHEMA, key="schema")
            values |= {"folder": str(folder), "options": values.pop("choices", {})}
            project = read_record(cls, values, ignore_unknown=True)
            for name in project.listed_names():
                require(is_inside(name), f"it names {name!r}, which is not inside of its folder")
            return project
        except FileNotFoundError as error:
            raise SourceError(folder, "does not contain a dataset project") from error
        except OSError as error:
            raise SourceError(path, explain(error)) from error
        except SpecError as error:
            raise SourceError(path, f"is not a valid project: {error}") from error

    def delete_folder(self, name: str) -> None:
        """Delete a folder of the project before a command fills it again. Raises OutputError."""
        try:
            shutil.rmtree(self.path(name))
        except FileNotFoundError:
            return
        except OSError as error:
            raise OutputError(self.path(name), explain(error)) from error


def make_track_name(path: Path) -> str:
    """Return the stem of the output files of a sound file."""
    return safe_name(path.stem, fallback="track", longest=_LONGEST_NAME)


def write_lines(path: Path, lines: Sequence[str]) -> None:
    """Write a playlist or another list for a command. Raises OutputError."""
    # Names that are not UTF-8 are written as the bytes that they have on disk.
    write_atomically(path, "".join(f"{line}\n" for line in lines).encode(errors="surrogateescape"))


def write_json(path: Path, values: Any) -> None:
    """Write a JSON file for a command. Raises OutputError."""
    write_atomically(path, json.dumps(values, ensure_ascii=False).encode())
