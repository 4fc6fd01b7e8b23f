"""The state of a session: frozen values without Qt. Only `Session` replaces them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Self

from app.drawing.spectrogram_image import THUMBNAIL_FRAMES, reduce_frames
from app.session.loop_names import clean_name
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
    """A loop in a slot, with its name, which is shortened to one line.

    Its magnitude is reduced to what a thumbnail needs, because the undo history may hold many clips.
    """

    name: str
    loop: Loop

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", clean_name(self.name))
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


def _check_level(level_db: float) -> None:
    if not MIN_LEVEL_DB <= level_db <= MAX_LEVEL_DB:
        raise SettingError("level", level_db, f"from {MIN_LEVEL_DB:g} to {MAX_LEVEL_DB:g} dB")


@dataclass(frozen=True, slots=True)
class Stem:
    """How one stem plays. level_db: MIN_LEVEL_DB (silent) to MAX_LEVEL_DB."""

    on: bool = True
    level_db: float = 0.0

    def __post_init__(self) -> None:
        _check_level(self.level_db)


@dataclass(frozen=True, slots=True)
class StemMix:
    """How the stems of a slot or of the live loop play, by name; a stem that is not listed is on at 0 dB.

    The names may be those of another model: they are kept until a loop has such stems again.

    Attributes:
        stems: stems that are off or at another level.
        solo: the only stem of a loop that plays, even if it is off; None for all that are on.
    """

    stems: Mapping[str, Stem] = field(default_factory=dict)
    solo: str | None = None

    def stem(self, name: str) -> Stem:
        """Return how a stem plays, apart from the solo."""
        return self.stems.get(name, Stem())

    def heard(self, names: Sequence[str]) -> tuple[str, ...]:
        """Return those of a loop's stems that play."""
        return tuple(name for name in names if (name == self.solo if self.solo in names else self.stem(name).on))

    def toggled(self, name: str, names: Sequence[str]) -> Self:
        """Switch a stem of a loop on or off, as it is heard: a solo ends, and the stems that were silent become off.

        Toggling the soloed stem itself only ends the solo.
        """
        if self.solo == name:
            return replace(self, solo=None)
        if self.solo not in names:
            return self._with({name: replace(self.stem(name), on=not self.stem(name).on)})
        heard = (self.solo, name)
        return replace(self._with({each: replace(self.stem(each), on=each in heard) for each in names}), solo=None)

    def with_solo_toggled(self, name: str) -> Self:
        """Solo a stem instead of any other, or end its solo."""
        return replace(self, solo=None if self.solo == name else name)

    def with_level(self, name: str, level_db: float) -> Self:
        """Set the level of a stem."""
        return self._with({name: replace(self.stem(name), level_db=level_db)})

    def _with(self, stems: Mapping[str, Stem]) -> Self:
        return replace(self, stems={name: stem for name, stem in {**self.stems, **stems}.items() if stem != Stem()})


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for a clip, and how it plays. level_db: MIN_LEVEL_DB (silent) to MAX_LEVEL_DB."""

    clip: Clip | None = None
    playing: bool = False
    muted: bool = False
    soloed: bool = False
    level_db: float = 0.0
    stems: StemMix = StemMix()

    def __post_init__(self) -> None:
        _check_level(self.level_db)


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
    stems: StemMix = StemMix()

    def __post_init__(self) -> None:
        _check_level(self.level_db)


@dataclass(frozen=True, slots=True)
class SessionState:
    """Everything that a session file holds.

    Attributes:
        model: the name of the model.
        model_version: its version; "" if it is not known.
        reference: the seed that was last kept, loaded or saved.
    """

    model: str = DEFAULT_MODEL
    model_version: str = ""
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
