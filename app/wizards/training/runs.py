"""Training runs as the window knows them: their folders, and what is chosen for a new one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Self

from app.settings.paths import state_dir
from technogan.atomic import explain
from technogan.errors import SourceError
from technogan.network.library import RUN_MODEL
from technogan.run_folder import RunFolder

CONFIG = "config.json"

_MOST_BYTES = 1 << 20
_UNSAFE = set('/\\:*?"<>|')
_LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Choices:
    """For a new run; "" and 0 leave the choice to the command. minutes: None until it is stopped."""

    network: str = ""
    backend: str = ""
    precision: str = ""
    batch: int = 0
    minutes: float | None = 120.0
    checkpoint_minutes: float = 10.0

    def arguments(self) -> list[str]:
        """For `technogan train`, but for the minutes."""
        given = {"--network": self.network, "--backend": self.backend, "--precision": self.precision}
        given |= {"--batch": str(self.batch or ""), "--checkpoint-minutes": f"{self.checkpoint_minutes:g}"}
        return [word for name, value in given.items() if value for word in (name, value)]

    def limit(self) -> list[str]:
        """The minutes, for `technogan train`."""
        return [] if self.minutes is None else ["--minutes", f"{self.minutes:g}"]

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        """From what a file says; what makes no sense there is at its default."""
        default, kept = cls(), {}
        for field in fields(cls):
            value = values.get(field.name, getattr(default, field.name))
            if _is_like(value, getattr(default, field.name)) or (field.name == "minutes" and value is None):
                kept[field.name] = value
        return cls(**kept)


def _is_like(value: object, default: object) -> bool:
    if isinstance(value, bool) or isinstance(default, str):
        return isinstance(value, str)
    return isinstance(value, (int, float)) and 0 <= value < 1e6


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What a run's `config.json` says. batch: images a step. images: how many the dataset held."""

    folder: Path
    dataset: Path
    images: int
    batch: int

    @property
    def name(self) -> str:
        """What the run is called."""
        return self.folder.name

    @property
    def dreams(self) -> bool:
        """Whether it has made a model yet."""
        return (self.folder / RUN_MODEL).is_file()

    @property
    def running(self) -> bool:
        """Whether a process trains there now."""
        return RunFolder(self.folder).alive


def runs_dir() -> Path:
    """Where the wizard's runs are."""
    return state_dir() / "runs"


def read_run(folder: Path) -> RunFacts:
    """Raises SourceError where there is no run."""
    path = folder / CONFIG
    try:
        with path.open("rb") as file:
            values = json.loads(file.read(_MOST_BYTES))
        return RunFacts(
            folder, Path(values["dataset"]), int(values["images"]), int(values["network"]["recipe"]["batch"])
        )
    except FileNotFoundError as error:
        raise SourceError(folder, "holds no training run") from error
    except OSError as error:
        raise SourceError(path, explain(error)) from error
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise SourceError(path, f"is no run's file ({error})") from error


def known_runs(folder: Path | None = None) -> list[RunFacts]:
    """The wizard's runs, the newest first; what is none is passed over."""
    found = []
    try:
        folders = sorted((folder or runs_dir()).iterdir(), key=lambda path: -path.stat().st_mtime)
    except OSError:
        return []
    for each in folders:
        try:
            found.append(read_run(each))
        except SourceError:
            continue
    return found


def safe_name(text: str) -> str:
    """A name that can be a folder's and a model's on every system; "" where nothing is left."""
    kept = "".join(letter for letter in text if letter not in _UNSAFE and letter.isprintable())
    return kept.strip(" .")[:_LONGEST_NAME].strip(" .")


def new_folder(name: str, folder: Path | None = None) -> Path:
    """For a run of this name: beside those that are there, none of them."""
    folder = folder or runs_dir()
    path, number = folder / name, 2
    while path.exists():
        path, number = folder / f"{name} {number}", number + 1
    return path
