"""A run's folder: everything that training leaves there, and how others watch and steer it.

    config.json      TrainConfig
    events.jsonl     what happens, one JSON object a line, appended
    control          one word, written whole by anyone; the run reads it, deletes it and obeys
    lock             locked by the process that trains; its number stands in the "started" event
    checkpoints/     NUMBER.npz, all there is to go on from; the newest two
    averages/        NUMBER.npz, the moving average's weights in 16 bits, all of them
    encoder/         checkpoints of the encoder, where one was trained
    model.onnx       what it dreams now; model.encoder.onnx beside it where its encoder was trained
    previews/        NUMBER.png and NUMBER.wav, always the same seeds
    tensorboard/     the figures once more

NUMBER is how many images the networks had seen.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self, get_args

from technogan.errors import OutputError, SettingError, SourceError, SpecError
from technogan.files import explain, write_whole
from training.dataset import Damaged
from training.metrics import FEWEST, GLANCE
from training.networks.backend import Backend
from training.networks.definition import NetworkDefinition
from training.networks.table import from_table

SCHEMA = 1
CONFIG, EVENTS, CONTROL, LOCK = "config.json", "events.jsonl", "control", "lock"

Command = Literal["pause", "resume", "save", "stop"]
Precision = Literal["float32", "bfloat16"]


@dataclass(frozen=True, slots=True)
class TrainConfig:
    """The choices of a run.

    dataset: a folder. images: how many it holds. source, licence: what they are of, and on what terms. random_seed: of
    weights, order, latents and speckle. deterministic: operations that always add up in the same order, at a price.
    devices: how many at once; 0 for all there are. checkpoint_minutes: between two. glance: images that are dreamt and
    judged at each; 0 for none. damaged: what becomes of pictures that cannot be read. parent: the folder of a run that
    this one began with.
    """

    network: NetworkDefinition
    dataset: str
    images: int
    source: str = "images"
    licence: str = "unknown"
    backend: Backend = "tensorflow"
    precision: Precision = "float32"
    random_seed: int = 0
    deterministic: bool = False
    devices: int = 0
    checkpoint_minutes: float = 10.0
    glance: int = GLANCE
    damaged: Damaged = "refuse"
    parent: str = ""

    def __post_init__(self) -> None:
        if self.random_seed < 0:
            raise SettingError("seed", self.random_seed, "0 or more")
        if not 0 < self.checkpoint_minutes < float("inf"):
            raise SettingError("checkpoint-minutes", self.checkpoint_minutes, "more than 0")
        if self.glance and self.glance < FEWEST:
            raise SettingError("glance", self.glance, f"0 or {FEWEST} and more")

    def to_json(self) -> str:
        """Readable JSON; the inverse of `from_json`."""
        values = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return json.dumps({"schema": SCHEMA} | values | {"network": self.network.to_dict()}, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Raises SpecError where it makes no sense."""
        try:
            values = json.loads(text)
        except ValueError as error:
            raise SpecError(f"it is no JSON ({error})") from error
        if not isinstance(values, dict) or values.pop("schema", None) != SCHEMA:
            raise SpecError(f"it is of another schema than {SCHEMA}")
        return from_table(cls, values, {NetworkDefinition: _read_network})


def _read_network(value: object) -> NetworkDefinition:
    if not isinstance(value, Mapping):
        raise SpecError(f"network must be a table, not {value!r}")
    return NetworkDefinition.from_dict(value)


@dataclass(frozen=True, slots=True)
class Run:
    """A folder that holds a run."""

    folder: Path
    config: TrainConfig

    @classmethod
    def create(cls, folder: Path, config: TrainConfig) -> Self:
        """Begin a run. Raises OutputError where there is one already or the folder cannot be written."""
        if (folder / CONFIG).exists():
            raise OutputError(folder, "a run is there already; --resume goes on with it")
        write_whole(folder / CONFIG, config.to_json().encode())
        return cls(folder, config)

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Raises SourceError where there is no run."""
        path = folder / CONFIG
        try:
            return cls(folder, TrainConfig.from_json(path.read_text(encoding="utf-8")))
        except FileNotFoundError as error:
            raise SourceError(folder, f"holds no training run: there is no {CONFIG}") from error
        except OSError as error:
            raise SourceError(path, explain(error)) from error
        except (SpecError, SettingError, UnicodeDecodeError) as error:
            raise SourceError(path, str(error)) from error

    def changed(self, **choices: Any) -> Self:
        """The same run with other choices from now on. Raises OutputError."""
        config = dataclasses.replace(self.config, **choices)
        if config != self.config:
            write_whole(self.folder / CONFIG, config.to_json().encode())
        return dataclasses.replace(self, config=config)

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the lock. Raises OutputError where another process holds it."""
        from filelock import FileLock, Timeout

        try:
            with FileLock(self.folder / LOCK, timeout=0):
                yield
        except Timeout as error:
            raise OutputError(self.folder, "another process trains here; --attach watches and steers it") from error

    @property
    def alive(self) -> bool:
        """Whether a process trains here now."""
        from filelock import FileLock, Timeout

        try:
            with FileLock(self.folder / LOCK, timeout=0):
                return False
        except Timeout:
            return True

    def tell(self, event: str, **facts: Any) -> dict[str, Any]:
        """Append an event. A disk that is full must not end the run: then nobody is told."""
        line = {"time": round(time.time(), 3), "event": event} | facts
        with contextlib.suppress(OSError), (self.folder / EVENTS).open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        return line

    def events(self) -> list[dict[str, Any]]:
        """All events so far, oldest first; a line that a crash cut short is left out. Raises SourceError."""
        path, found = self.folder / EVENTS, []
        try:
            lines = path.read_bytes().split(b"\n")
        except FileNotFoundError:
            return []
        except OSError as error:
            raise SourceError(path, explain(error)) from error
        for line in lines:
            with contextlib.suppress(ValueError):
                event = json.loads(line)
                if isinstance(event, dict):
                    found.append(event)
        return found

    def command(self, word: Command) -> None:
        """Ask whoever trains here for something. Raises OutputError."""
        write_whole(self.folder / CONTROL, word.encode())

    def taken_command(self) -> Command | None:
        """What was asked for since the last time, once."""
        path = self.folder / CONTROL
        try:
            word = path.read_text(encoding="utf-8").strip()
            path.unlink()
        except (OSError, UnicodeDecodeError):
            return None
        return next((command for command in get_args(Command) if command == word), None)
