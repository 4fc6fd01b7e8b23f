"""The folder of a training run, and the run's settings.

    config.json      TrainConfig
    events.jsonl, control, lock      see `technogan.run_folder`
    checkpoints/     NUMBER.npz, the newest two, from which the run resumes
    averages/        NUMBER.npz, the moving average's weights of every checkpoint, in 16 bits
    encoder/         checkpoints of the encoder, if one was trained
    model.onnx       the newest model, with model.encoder.onnx if an encoder was trained for it
    previews/        NUMBER.png and NUMBER.wav, always of the same seeds
    tensorboard/     the metrics as TensorBoard event files

NUMBER is the number of images that the networks had seen.
"""

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal, Self

from technogan.atomic import explain, write_atomically
from technogan.errors import OutputError, SettingError, SourceError, SpecError
from technogan.records import migrate, parse_json, read_file, read_record
from technogan.run_folder import RunFolder
from training.dataset.images import Damaged
from training.evaluation.metrics import CHECKPOINT_IMAGES, MIN_IMAGES
from training.networks.backend import Backend
from training.networks.definition import NetworkDefinition

SCHEMA = 1
CONFIG = "config.json"

Precision = Literal["float32", "bfloat16"]


@dataclass(frozen=True, slots=True)
class TrainConfig:
    """The settings of a run.

    dataset: a folder. images: number of images in it. source, licence: of the images, for the model's metadata.
    precision: "bfloat16" is mixed precision. random_seed: of weights, order, latents and speckle. deterministic: use
    operations that always sum in the same order, which is slower. devices: to use at once; 0 for all.
    checkpoint_minutes: time between two checkpoints. glance: images that are generated and evaluated at each; 0 for
    none. damaged: whether unreadable pictures are refused or skipped. parent: folder of the run from which the initial
    weights were taken; "" for none.
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
    glance: int = CHECKPOINT_IMAGES
    damaged: Damaged = "refuse"
    parent: str = ""

    def __post_init__(self) -> None:
        if self.random_seed < 0:
            raise SettingError("seed", self.random_seed, "0 or more")
        if not 0 < self.checkpoint_minutes < float("inf"):
            raise SettingError("checkpoint-minutes", self.checkpoint_minutes, "more than 0")
        if self.glance and self.glance < MIN_IMAGES:
            raise SettingError("glance", self.glance, f"0, or {MIN_IMAGES} or more")

    def to_json(self) -> str:
        """Return indented JSON, which `from_json` reads."""
        values = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return json.dumps({"schema": SCHEMA} | values | {"network": self.network.to_dict()}, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Read settings from JSON. Raises SpecError or SettingError if they are not valid."""
        values = migrate(parse_json(text), SCHEMA, key="schema")
        return read_record(cls, values, {NetworkDefinition: _read_network})


def _read_network(value: object) -> NetworkDefinition:
    if not isinstance(value, Mapping):
        raise SpecError(f"network must be a table, not {value!r}")
    return NetworkDefinition.from_dict(value)


@dataclass(frozen=True, slots=True)
class Run(RunFolder):
    """The folder of a training run."""

    config: TrainConfig

    BUSY: ClassVar[str] = "another process is training here; --attach shows and controls it"

    @classmethod
    def create(cls, folder: Path, config: TrainConfig) -> Self:
        """Create a run. Raises OutputError if the folder already has one or cannot be written."""
        if (folder / CONFIG).exists():
            raise OutputError(folder, "already contains a run; --resume continues it")
        write_atomically(folder / CONFIG, config.to_json().encode())
        return cls(folder, config)

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open the run in a folder. Raises SourceError if there is none or its settings are not valid."""
        path = folder / CONFIG
        try:
            return cls(folder, TrainConfig.from_json(read_file(path)))
        except FileNotFoundError as error:
            raise SourceError(folder, f"does not contain a training run: there is no {CONFIG}") from error
        except OSError as error:
            raise SourceError(path, explain(error)) from error
        except (SpecError, SettingError) as error:
            raise SourceError(path, str(error)) from error

    def with_settings(self, **settings: Any) -> Self:
        """Change settings of the run in its folder, and return the run with them. Raises OutputError."""
        config = dataclasses.replace(self.config, **settings)
        if config != self.config:
            write_atomically(self.folder / CONFIG, config.to_json().encode())
        return dataclasses.replace(self, config=config)
