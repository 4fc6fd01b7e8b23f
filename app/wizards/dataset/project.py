"""A dataset on its way: its tracks, what is known of them and what was decided, in a folder of its own.

    project.json     what stands below
    curves/          the drift of each track, as `technogan dataset tempo --curve` told it
    work/            the run folders of the commands
    conformed/  slices/  audition/       what the commands made
    excluded.txt     slices that were rejected
    FORMAT/          the dataset

Everything but the tracks themselves lies in it, by relative paths, so that it can be moved.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path, PurePosixPath
from typing import Any, Literal, Self, get_args

from technogan.atomic import explain, write_whole
from technogan.errors import OutputError, SourceError

PROJECT = "project.json"
SCHEMA = 1

Treatment = Literal["conform", "leave", "skip"]
Facts = Mapping[str, Any]

_LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class Track:
    """A song. name: of what is made of it, different for each. seconds: 0 if not known. problem: why it is of no use.

    tempo: as measured, see `technogan dataset tempo`. shift: beats by which the first downbeat was moved by hand.
    treatment: what is done with it. conformed, cut: what the commands said they made of it.
    """

    path: str
    name: str
    seconds: float = 0.0
    sample_rate: int = 0
    channels: int = 0
    problem: str = ""
    tempo: Facts = field(default_factory=dict)
    shift: int = 0
    treatment: Treatment = "conform"
    conformed: Facts = field(default_factory=dict)
    cut: Facts = field(default_factory=dict)

    @property
    def measured(self) -> bool:
        """Whether its tempo is known."""
        return bool(self.tempo)

    @property
    def used(self) -> bool:
        """Whether anything is made of it."""
        return not self.problem and self.treatment != "skip"

    @property
    def bpm(self) -> float:
        """As measured; 0 if it was not."""
        return float(self.tempo.get("bpm", 0.0))

    @property
    def verdict(self) -> str:
        """exact, conform or unusable; "" if it was not measured."""
        return str(self.tempo.get("verdict", ""))

    @property
    def downbeat(self) -> float:
        """Where its first bar begins, s: where it was found, moved by hand, as early as possible."""
        if not self.bpm:
            return 0.0
        bar = 240 / self.bpm
        return (float(self.tempo.get("first_downbeat_s", 0.0)) + self.shift * bar / 4) % bar

    def grid(self) -> dict[str, Any]:
        """For `--grids`."""
        return {"path": self.path, "bpm": self.bpm, "first_downbeat_s": self.downbeat, "name": self.name}


@dataclass(frozen=True, slots=True)
class Choices:
    """What was decided for all tracks. bpm: to conform to; 0 until there is one. beats: in a slice. every: so-manieth
    slice that is kept. format, level: see `technogan dataset convert`.
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
    """folder: its own. rejected: slices, by their path below `slices`, with slashes. done: what the results of finished
    commands depend on, by their name. pending: commands that were started and have not been seen to end.
    """

    folder: Path
    tracks: tuple[Track, ...] = ()
    choices: Choices = Choices()
    rejected: frozenset[str] = frozenset()
    done: Mapping[str, Any] = field(default_factory=dict)
    pending: frozenset[str] = frozenset()

    # --- places

    def place(self, *parts: str) -> Path:
        """A file or folder of the project."""
        return self.folder.joinpath(*parts)

    @property
    def dataset(self) -> Path:
        """Where the dataset is, or will be: one for each format and level."""
        choices = self.choices
        return self.place(choices.format if choices.level == "keep" else f"{choices.format}-{choices.level}")

    # --- changes

    def with_tracks(self, found: Iterable[Track]) -> Self:
        """With more tracks; those that are there already stay as they are, names are made different."""
        known = {track.path: track for track in self.tracks}
        taken = {track.name.casefold() for track in self.tracks}
        for track in found:
            if track.path in known:
                before = known[track.path]
                known[track.path] = replace(before, problem=track.problem, seconds=track.seconds or before.seconds)
                continue
            name = _distinct(track.name, taken)
            taken.add(name.casefold())
            known[track.path] = replace(track, name=name)
        return replace(self, tracks=tuple(known.values()))

    def without(self, paths: Iterable[str]) -> Self:
        """Without some tracks; what was made of them stays on the disk until the next cut."""
        gone = set(paths)
        return replace(self, tracks=tuple(track for track in self.tracks if track.path not in gone))

    def changed(self, path: str, **facts: Any) -> Self:
        """With other facts of a track."""
        return replace(self, tracks=tuple(replace(t, **facts) if t.path == path else t for t in self.tracks))

    def named(self, name: str, **facts: Any) -> Self:
        """The same, by the name of what is made of it."""
        return replace(self, tracks=tuple(replace(t, **facts) if t.name == name else t for t in self.tracks))

    def chosen(self, **choices: Any) -> Self:
        """With other choices."""
        return replace(self, choices=replace(self.choices, **choices))

    def finished(self, command: str, key: Any) -> Self:
        """After a command has ended well. key: what its result depends on."""
        return replace(self, done={**self.done, command: key}, pending=self.pending - {command})

    def began(self, command: str) -> Self:
        """While a command is at work."""
        return replace(self, pending=self.pending | {command})

    def halted(self, command: str) -> Self:
        """After a command has ended otherwise."""
        return replace(self, pending=self.pending - {command})

    def without_rejections(self) -> Self:
        """Before other slices are cut."""
        return replace(self, rejected=frozenset())

    # --- what is to be done

    def of(self, *treatments: Treatment) -> tuple[Track, ...]:
        """The tracks that are treated so, and can be."""
        return tuple(t for t in self.tracks if not t.problem and t.treatment in treatments)

    def unmeasured(self) -> tuple[Track, ...]:
        """The tracks whose tempo is not known."""
        return tuple(track for track in self.tracks if track.used and not track.measured)

    def unconformed(self) -> tuple[Track, ...]:
        """The tracks that have to be conformed, and were not, or to another tempo or from another grid."""
        return tuple(track for track in self.of("conform") if not self._is_conformed(track))

    def _is_conformed(self, track: Track) -> bool:
        made = track.conformed
        return bool(made) and made.get("asked") == self.asked(track) and self.place(str(made["file"])).is_file()

    def asked(self, track: Track) -> list[Any]:
        """What a track is conformed to, and from which grid."""
        return [self.choices.bpm, self.choices.keep_pitch, track.bpm, round(track.downbeat, 5)]

    def sources(self) -> list[dict[str, Any]]:
        """What is cut, as `--grids` wants it: conformed tracks, and those that are left as they are."""
        grids = [track.grid() for track in self.of("leave")]
        for track in self.of("conform"):
            if self._is_conformed(track):
                file, place = track.conformed["file"], track.conformed["first_downbeat_s"]
                made = {"path": str(self.place(str(file))), "bpm": self.choices.bpm, "first_downbeat_s": place}
                grids.append(made | {"name": track.name})
        return grids

    # --- what is finished

    def cut_key(self) -> list[Any]:
        """What slices depend on."""
        grids = [[grid["name"], grid["bpm"], round(grid["first_downbeat_s"], 5)] for grid in self.sources()]
        choices = self.choices
        return [grids, choices.beats, choices.every, choices.mono]

    def convert_key(self) -> list[Any]:
        """What the pictures depend on."""
        return [self.cut_key(), sorted(self.rejected), self.choices.format, self.choices.level]

    @property
    def is_cut(self) -> bool:
        """Whether the slices are those that the choices ask for."""
        return self.done.get("slice") == self.cut_key() and self.place("slices").is_dir()

    @property
    def is_converted(self) -> bool:
        """Whether the dataset is."""
        return self.done.get("convert") == self.convert_key() and (self.dataset / "dataset.json").is_file()

    # --- on disk

    def save(self) -> None:
        """Write project.json. Raises OutputError."""
        facts = asdict(self) | {"schema": SCHEMA, "rejected": sorted(self.rejected), "pending": sorted(self.pending)}
        del facts["folder"]
        write_whole(self.place(PROJECT), (json.dumps(facts, indent=1, ensure_ascii=False) + "\n").encode())

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Raises SourceError for a folder that is not there, or holds no project."""
        path = folder / PROJECT
        if not folder.is_dir():
            raise SourceError(folder, "is not there any more")
        try:
            facts = json.loads(path.read_text(encoding="utf-8"))
            return cls._of(folder, facts)
        except FileNotFoundError as error:
            raise SourceError(folder, "holds no dataset project") from error
        except OSError as error:
            raise SourceError(path, explain(error)) from error
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise SourceError(path, f"is damaged ({error})") from error

    @classmethod
    def _of(cls, folder: Path, facts: Facts) -> Self:
        if facts["schema"] != SCHEMA:
            raise ValueError(f"it is of another schema than {SCHEMA}")
        tracks = tuple(Track(**_known(Track, track)) for track in facts["tracks"])
        for track in tracks:
            if track.treatment not in get_args(Treatment) or PurePosixPath(track.name).name != track.name:
                raise ValueError(f"what it says of {track.path} makes no sense")
        choices = Choices(**_known(Choices, facts["choices"]))
        return cls(folder, tracks, choices, frozenset(facts["rejected"]), facts["done"], frozenset(facts["pending"]))

    def clear(self, part: str) -> None:
        """Delete what a command made in one folder of the project, before it is made anew. Raises OutputError."""
        try:
            shutil.rmtree(self.place(part))
        except FileNotFoundError:
            return
        except OSError as error:
            raise OutputError(self.place(part), explain(error)) from error


def safe_name(text: str) -> str:
    """A name for files, short enough for any system with a number and a suffix behind it."""
    kept = "".join("_" if c in '<>:"/\\|?*' or ord(c) < 32 else c for c in text)
    return kept.encode()[:_LONGEST_NAME].decode(errors="ignore").strip(" .") or "track"


def write_list(path: Path, lines: Sequence[str]) -> None:
    """Write a playlist, or another list, for a command. Raises OutputError."""
    write_whole(path, "".join(f"{line}\n" for line in lines).encode())


def write_json(path: Path, values: Any) -> None:
    """Write a file for a command. Raises OutputError."""
    write_whole(path, json.dumps(values, ensure_ascii=False).encode())


def _distinct(name: str, taken: set[str]) -> str:
    wanted, number = name, 1
    while wanted.casefold() in taken:
        number += 1
        wanted = f"{name}-{number}"
    return wanted


def _known(kind: type, facts: Facts) -> dict[str, Any]:
    """What this version knows of what was written."""
    names = {f.name for f in fields(kind)}
    return {name: value for name, value in facts.items() if name in names}
