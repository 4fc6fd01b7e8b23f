"""What a client may ask for: one frozen, checked value a command."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

from technogan.errors import SettingError
from technogan.seeds.paths import check_steps
from technogan.seeds.seed import Seed
from technogan.sound.loop import MAX_RATE, MIN_RATE, check_bpm


class Kind(Enum):
    """What a generating command makes; the value is how file names and messages call it."""

    single = "single"
    fade = "fade"
    pingpong = "pingpong"
    walk = "randomfade"


@dataclass(frozen=True, slots=True)
class Command:
    """Anything a client may ask for."""


@dataclass(frozen=True, slots=True)
class IsAlive(Command):
    """Is anybody there?"""


@dataclass(frozen=True, slots=True)
class InitGenerator(Command):
    """Is the network loaded?"""


@dataclass(frozen=True, slots=True)
class SetTargetRate(Command):
    """Write this rate into the headers of files."""

    sample_rate: int

    def __post_init__(self) -> None:
        if not MIN_RATE <= self.sample_rate <= MAX_RATE:
            raise SettingError("sample rate", self.sample_rate, f"from {MIN_RATE} to {MAX_RATE} Hz")


@dataclass(frozen=True, slots=True)
class GetTargetDir(Command):
    """Where do files go?"""


@dataclass(frozen=True, slots=True)
class SetTargetDir(Command):
    """Files go into this folder from now on."""

    directory: str


@dataclass(frozen=True, slots=True)
class Generate(Command):
    """Make a loop and write it to a file.

    seeds: one for a single and for a walk, start and end for the others. clipped: how many values lay beyond the
    sliders. answer: the reply that tells of it, a name in `table.REPLIES`; with "wav_id_img" the picture is made too.
    """

    kind: Kind
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
    """How do things stand?"""


@dataclass(frozen=True, slots=True)
class ListModels(Command):
    """Which models are there?"""


@dataclass(frozen=True, slots=True)
class LoadModel(Command):
    """Play another model from now on."""

    name: str


@dataclass(frozen=True, slots=True)
class SetBpm(Command):
    """Another tempo from now on."""

    bpm: float

    def __post_init__(self) -> None:
        check_bpm(self.bpm)


@dataclass(frozen=True, slots=True)
class Register(Command):
    """Answer this client at another port, or at another host."""

    port: int
    host: str = ""

    def __post_init__(self) -> None:
        if not 1 <= self.port <= 65535:
            raise SettingError("port", self.port, "from 1 to 65535")


@dataclass(frozen=True, slots=True)
class Unregister(Command):
    """Answer this client as any other again."""


@dataclass(frozen=True, slots=True)
class Cancel(Command):
    """Stop what this client asked for under this id."""

    id: int


@dataclass(frozen=True, slots=True)
class Sync(Command):
    """Answer when all is answered that this client asked before."""

    number: int
