"""The commands of clients as frozen values that check themselves."""

import math
from dataclasses import dataclass
from enum import Enum

from technogan.errors import SettingError
from technogan.seeds.paths import check_steps
from technogan.seeds.seed import Seed
from technogan.sound.loop import MAX_RATE, MIN_RATE, check_bpm


class LoopKind(Enum):
    """The kinds of loops. The values appear in file names and messages."""

    single = "single"
    fade = "fade"
    pingpong = "pingpong"
    walk = "randomfade"


@dataclass(frozen=True, slots=True)
class Command:
    """Base class of all commands."""


@dataclass(frozen=True, slots=True)
class IsAlive(Command):
    """Check that the service is running."""


@dataclass(frozen=True, slots=True)
class InitGenerator(Command):
    """Check that the network is loaded."""


@dataclass(frozen=True, slots=True)
class SetTargetRate(Command):
    """Set the sample rate in the headers of files."""

    sample_rate: int

    def __post_init__(self) -> None:
        if not MIN_RATE <= self.sample_rate <= MAX_RATE:
            raise SettingError("sample rate", self.sample_rate, f"from {MIN_RATE} to {MAX_RATE} Hz")


@dataclass(frozen=True, slots=True)
class GetTargetDir(Command):
    """Ask for the folder of files."""


@dataclass(frozen=True, slots=True)
class SetTargetDir(Command):
    """Set the folder of files."""

    directory: str


@dataclass(frozen=True, slots=True)
class Generate(Command):
    """Generate a loop and write it to a file.

    answer: the name of the reply in `table.REPLIES`; "wav_id_img" also writes the picture, and "stems_id" writes the
    stems instead of the loop. seeds: one for a single loop
    and for a walk, otherwise start and end. morph: slider units per step of a walk. clipped: the number of values that
    were outside the range of the sliders.
    """

    kind: LoopKind
    answer: str
    seeds: tuple[Seed, ...]
    id: int = 0
    steps: int = 1
    morph: float = 0.0
    clipped: int = 0

    def __post_init__(self) -> None:
        check_steps(self.steps)
        if not (math.isfinite(self.morph) and self.morph >= 0):
            raise SettingError("morph", self.morph, "a number of slider units, 0 or more")


@dataclass(frozen=True, slots=True)
class Status(Command):
    """Ask for the state of the service."""


@dataclass(frozen=True, slots=True)
class ListModels(Command):
    """Ask for the names of the models."""


@dataclass(frozen=True, slots=True)
class LoadModel(Command):
    """Load another model."""

    name: str


@dataclass(frozen=True, slots=True)
class SetBpm(Command):
    """Set the tempo of files."""

    bpm: float

    def __post_init__(self) -> None:
        check_bpm(self.bpm)


@dataclass(frozen=True, slots=True)
class Register(Command):
    """Send this client's replies to another port or host."""

    port: int
    host: str = ""

    def __post_init__(self) -> None:
        if not 1 <= self.port <= 65535:
            raise SettingError("port", self.port, "from 1 to 65535")


@dataclass(frozen=True, slots=True)
class Unregister(Command):
    """End this client's registration."""


@dataclass(frozen=True, slots=True)
class Cancel(Command):
    """Cancel this client's jobs with this id."""

    id: int


@dataclass(frozen=True, slots=True)
class Sync(Command):
    """Reply once all earlier commands of this client are answered."""

    number: int
