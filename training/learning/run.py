"""A run's folder: everything that training leaves there, and how others watch and steer it.

    config.json      TrainConfig
    events.jsonl, control, lock      see `training.run_folder`
    checkpoints/     NUMBER.npz, all there is to go on from; the newest two
    averages/        NUMBER.npz, the moving average's weights in 16 bits, all of them
    encoder/         checkpoints of the encoder, where one was trained
    model.onnx       what it dreams now; model.encoder.onnx beside it where its encoder was trained
    previews/        NUMBER.png and NUMBER.wav, always the same seeds
    tensorboard/     the figures once more

NUMBER is how many images the networks had seen.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal, Self

from technogan.atomic import explain, write_whole
from technogan.errors import OutputError, SettingError, SourceError, SpecError
from technogan.records import migrate, parse_json, read_record
from technogan.run_folder import RunFolder
from training.dataset.images import Damaged
from training.evaluation.metrics import FEWEST, GLANCE
from training.networks.backend import Backend
from training.networks.definition import NetworkDefinition

SCHEMA = 1
CONFIG = "config.json"

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
        """Read the choices of a run. Raises SpecError if they cannot be used."""
        values = migrate(parse_json(text), SCHEMA, key="schema")
        return read_record(cls, values, {NetworkDefinition: _read_network})


def _read_network(value: object) -> NetworkDefinition:
    if not isinstance(value, Mapping):
        raise SpecError(f"network must be a table, not {value!r}")
    return NetworkDefinition.from_dict(value)


@dataclass(frozen=True, slots=True)
class Run(RunFolder):
    """A folder that holds a run."""

    config: TrainConfig

    BUSY: ClassVar[str] = "another process trains here; --attach watches and steers it"

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
