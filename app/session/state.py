"""The state of a session: frozen values without Qt. Only `Session` replaces them."""

from dataclasses import dataclass, field, replace
from enum import Enum

from app.drawing.spectrogram_image import THUMBNAIL_FRAMES, reduce_frames
from technogan.errors import SettingError
from technogan.network.library import DEFAULT_MODEL
from technogan.seeds.paths import MAX_STEPS
from technogan.seeds.seed import LATENT_SIZE, Seed
from technogan.sound.loop import Loop, check_bpm

N_SLOTS = 8
MAX_SLOTS = 16
MIN_LEVEL_DB, MAX_LEVEL_DB = -60.0, 6.0

# A morph in the window makes at most a minute or two of sound, in seconds of rendering.
MAX_MORPH_STEPS = min(64, MAX_STEPS)


class Start(Enum):
    """The time at which a slot starts or stops."""

    now = "now"
    beat = "beat"
    bar = "bar"


@dataclass(frozen=True, slots=True)
class Clip:
    """A loop in a slot, with its name.

    Its magnitude is reduced to what a thumbnail needs, because the undo history may hold many clips.
    """

    name: str
    loop: Loop

    def __post_init__(self) -> None:
        if len(self.loop.magnitude) > THUMBNAIL_FRAMES:
            object.__setattr__(self, "loop", replace(self.loop, magnitude=reduce_frames(self.loop.magnitude)))

    @property
    def seed(self) -> Seed | None:
        """The seed of the loop, the first one of a sequence; None for a sound of other origin."""
        origin = self.loop.origin
        return origin.seeds[0] if origin and origin.seeds else None

    @property
    def steps(self) -> int:
        """The number of seeds in the sequence; 1 for a single loop."""
        origin = self.loop.origin
        return len(origin.seeds) if origin and origin.seeds else 1


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for a clip, and how it plays. level_db: MIN_LEVEL_DB (silent) to MAX_LEVEL_DB."""

    clip: Clip | None = None
    playing: bool = False
    muted: bool = False
    soloed: bool = False
    level_db: float = 0.0

    def __post_init__(self) -> None:
        if not MIN_LEVEL_DB <= self.level_db <= MAX_LEVEL_DB:
            raise SettingError("level", self.level_db, f"from {MIN_LEVEL_DB:g} to {MAX_LEVEL_DB:g} dB")


@dataclass(frozen=True, slots=True)
class Morph:
    """A morph between the seeds of two slots, and the settings of sequences.

    Attributes:
        a: index of the first slot.
        b: index of the second slot.
        position: of the crossfader, from 0 (a) to 1 (b).
        steps: loops in a sequence.
        amount: largest move of each slider in one step of a walk, in slider units.
        spherical: interpolate along the arc between the seeds.
        target: index of the slot that a sequence goes to; None for the first empty one.
    """

    a: int = 0
    b: int = 1
    position: float = 0.0
    steps: int = 8
    amount: float = 16.0
    spherical: bool = False
    target: int | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.position <= 1:
            raise SettingError("position", self.position, "from 0 to 1")
        if not 1 <= self.steps <= MAX_MORPH_STEPS:
            raise SettingError("steps", self.steps, f"from 1 to {MAX_MORPH_STEPS}")
        if not 0 <= self.amount <= 128:
            raise SettingError("amount", self.amount, "from 0 to 128")


@dataclass(frozen=True, slots=True)
class Live:
    """The state of the live loop."""

    on: bool = True
    level_db: float = 0.0

    def __post_init__(self) -> None:
        Slot(level_db=self.level_db)


@dataclass(frozen=True, slots=True)
class SessionState:
    """Everything that a session file holds. reference: the seed that was last kept, loaded or saved."""

    model: str = DEFAULT_MODEL
    bpm: float = 128.0
    seed: Seed = field(default_factory=lambda: Seed((0.0,) * LATENT_SIZE))
    reference: Seed = field(default_factory=lambda: Seed((0.0,) * LATENT_SIZE))
    locked: frozenset[int] = frozenset()
    slots: tuple[Slot, ...] = (Slot(),) * N_SLOTS
    live: Live = Live()
    morph: Morph = Morph()
    start: Start = Start.beat

    def __post_init__(self) -> None:
        check_bpm(self.bpm)
        if not 1 <= len(self.slots) <= MAX_SLOTS:
            raise SettingError("number of slots", len(self.slots), f"from 1 to {MAX_SLOTS}")
        if len(self.reference) != len(self.seed):
            raise SettingError("reference", f"{len(self.reference)} values", f"{len(self.seed)} values, as the seed")
