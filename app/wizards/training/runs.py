"""Training runs: their folders, what their configuration says, and the options of a new one."""

from dataclasses import dataclass
from pathlib import Path

from app.settings.paths import state_dir
from technogan.atomic import explain
from technogan.errors import SourceError, SpecError
from technogan.file_names import safe_name, unique_name
from technogan.network.library import RUN_MODEL
from technogan.records import read_json, read_record, require, require_positive
from technogan.run_folder import RunFolder

CONFIG = "config.json"

_MAX_BYTES = 1 << 20
_LONGEST_NAME = 60
_MOST = 1e6


@dataclass(frozen=True, slots=True)
class TrainingOptions:
    """The options of a new run; "" and 0 leave the choice to `technogan train`.

    Attributes:
        network: name of the network.
        backend: tensorflow or torch.
        precision: float32 or bfloat16.
        batch: images per step.
        minutes: time limit; None to train until the user stops the run.
        checkpoint_minutes: time between two checkpoints.
    """

    network: str = ""
    backend: str = ""
    precision: str = ""
    batch: int = 0
    minutes: float | None = 120.0
    checkpoint_minutes: float = 10.0

    def __post_init__(self) -> None:
        for name in ("batch", "minutes", "checkpoint_minutes"):
            value = getattr(self, name)
            require(value is None or 0 <= value < _MOST, f"{name} must be from 0 to {_MOST:g}, not {value}")
        require_positive("checkpoint_minutes", self.checkpoint_minutes)

    def arguments(self) -> list[str]:
        """Return the arguments of `technogan train`, without the time limit."""
        given = {"--network": self.network, "--backend": self.backend, "--precision": self.precision}
        given |= {"--batch": str(self.batch or ""), "--checkpoint-minutes": f"{self.checkpoint_minutes:g}"}
        return [word for name, value in given.items() if value for word in (name, value)]

    def limit(self) -> list[str]:
        """Return the time limit as arguments of `technogan train`."""
        return [] if self.minutes is None else ["--minutes", f"{self.minutes:g}"]


@dataclass(frozen=True, slots=True)
class TrainingRun:
    """A run as its `config.json` describes it.

    Attributes:
        folder: the run's folder.
        dataset: the folder of its dataset.
        images: number of images in the dataset.
        batch: images per step.
    """

    folder: Path
    dataset: Path
    images: int
    batch: int

    @property
    def name(self) -> str:
        """The name of the run."""
        return self.folder.name

    @property
    def has_model(self) -> bool:
        """True if the run has written a model yet."""
        return (self.folder / RUN_MODEL).is_file()

    @property
    def running(self) -> bool:
        """True if a process is training in the run's folder."""
        return RunFolder(self.folder).is_busy


@dataclass(frozen=True, slots=True)
class _Recipe:
    batch: int


@dataclass(frozen=True, slots=True)
class _Network:
    recipe: _Recipe


@dataclass(frozen=True, slots=True)
class _Config:
    """The part of `config.json` that the wizard needs."""

    dataset: Path
    images: int
    network: _Network


def runs_dir() -> Path:
    """Return the folder of the wizard's runs."""
    return state_dir() / "runs"


def read_run(folder: Path) -> TrainingRun:
    """Read a run's configuration. Raises SourceError if the folder does not contain a run."""
    path = folder / CONFIG
    try:
        config = read_record(_Config, read_json(path, _MAX_BYTES), ignore_unknown=True)
    except FileNotFoundError as error:
        raise SourceError(folder, "does not contain a training run") from error
    except OSError as error:
        raise SourceError(path, explain(error)) from error
    except SpecError as error:
        raise SourceError(path, f"is not the configuration of a run ({error})") from error
    return TrainingRun(folder, config.dataset, config.images, config.network.recipe.batch)


def list_runs(folder: Path | None = None) -> list[TrainingRun]:
    """Return the wizard's runs, newest first; other folders are left out."""
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


def safe_run_name(text: str) -> str:
    """Return a name that can be a folder's and a model's on every system; "" if nothing is left of the text."""
    return safe_name(text, fallback="", replacement="", longest=_LONGEST_NAME)


def free_run_name(name: str, folder: Path | None = None) -> str:
    """Return a name that no run in the folder has: "name", "name 2", "name 3" and so on."""
    home = folder or runs_dir()
    return unique_name(name, lambda each: (home / each).exists(), separator=" ")


def new_run_folder(name: str, folder: Path | None = None) -> Path:
    """Return a new folder for a run of this name."""
    return (folder or runs_dir()) / free_run_name(name, folder)
