"""Write, read and check session.json: everything in a session apart from its sounds.

Sessions come from strangers: every value is checked, and messages name its key.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, TypeVar

from app.session.session_parts import is_sound_name
from app.session.state import MAX_SLOTS, Clip, Live, Morph, SessionState, Slot, Start, StemMix
from technogan.arrays import FloatArray
from technogan.errors import SeedError, SettingError, SpecError
from technogan.file_names import LONGEST_NAME
from technogan.formats import MAX_STEMS, require_stems
from technogan.network.spec import MAX_LATENT_SIZE, require_model_name
from technogan.records import Migration, Table, migrate, parse_json, read_record, require
from technogan.seeds.origin import Origin
from technogan.seeds.paths import MAX_STEPS
from technogan.seeds.seed import Seed
from technogan.sound.loop import BEATS_PER_BAR, MAX_BPM, MIN_BPM

# The version of session files and its JSON key, which identifies them. Older versions get a migration in _MIGRATIONS.
_VERSION = 3
_VERSION_KEY = "TechnoGAN session"
# Version 2 adds stems and version 3 the version of the model; all of them may be missing.
_MIGRATIONS: dict[int, Migration] = {1: lambda values: values, 2: lambda values: values}
# The longest sequence that a program can request over OSC.
_MAX_BEATS = MAX_STEPS * BEATS_PER_BAR

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ClipContent:
    """A clip. sound, stems: names of parts of the session."""

    name: str
    sound: str
    bpm: float
    beats: int
    origin: Mapping[str, Any] | None = None
    stems: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _require_range("bpm", self.bpm, MIN_BPM, MAX_BPM)
        _require_range("beats", self.beats, 1, _MAX_BEATS)
        require(len(self.stems) <= MAX_STEMS, f"stems has {len(self.stems)} sounds; it must have {MAX_STEMS} at most")
        require(all(len(name) <= LONGEST_NAME for name in self.stems), "stems has a name that is too long")
        require_stems(tuple(self.stems))
        for key, sound in (("sound", self.sound), *((f"stems.{name}", sound) for name, sound in self.stems.items())):
            require(is_sound_name(sound), f"{key} is {sound[:60]!r}; it must be the name of a WAV file in sounds/")

    def read_origin(self) -> Origin | None:
        """Return the seeds of the clip; None if they are unknown. Raises SpecError."""
        if not self.origin:
            return None
        try:
            return Origin.from_json(json.dumps(self.origin))
        except SeedError as error:
            raise SpecError(f"origin: {error}") from error


@dataclass(frozen=True, slots=True)
class _SlotContent:
    playing: bool
    muted: bool
    soloed: bool
    level_db: float
    stems: StemMix = field(default_factory=StemMix)
    clip: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class _Content:
    """The table of session.json, apart from its version; its inner tables are read one by one."""

    model: str
    bpm: float
    start: Start
    seed: tuple[float, ...]
    reference: tuple[float, ...]
    locked: tuple[int, ...]
    live: Mapping[str, Any]
    morph: Mapping[str, Any]
    slots: tuple[Mapping[str, Any], ...]
    model_version: str = ""

    def __post_init__(self) -> None:
        require_model_name(self.model)
        require(len(self.model) <= LONGEST_NAME, f"model is a name of more than {LONGEST_NAME} characters")
        _require_range("bpm", self.bpm, MIN_BPM, MAX_BPM)
        _require_range("number of values in seed", len(self.seed), 1, MAX_LATENT_SIZE)
        _require_range("number of slots", len(self.slots), 1, MAX_SLOTS)


def write_content(state: SessionState, sound_name: Callable[[FloatArray], str]) -> str:
    """Return the text of session.json. sound_name: returns the name of the part that holds these samples."""
    content = {
        _VERSION_KEY: _VERSION,
        "model": state.model,
        "model_version": state.model_version,
        "bpm": state.bpm,
        "start": state.start.value,
        "seed": state.seed.values,
        "reference": state.reference.values,
        "locked": sorted(state.locked),
        "live": asdict(state.live),
        "morph": asdict(state.morph),
        "slots": [_slot_table(slot, sound_name) for slot in state.slots],
    }
    return json.dumps(content)


def read_content(
    data: bytes, read_clip: Callable[[ClipContent], Clip], leave_out: Callable[[SpecError], None]
) -> SessionState:
    """Read session.json.

    Args:
        data: the content of the file.
        read_clip: reads the sounds of a clip. Raises SpecError.
        leave_out: called with the error of a clip that cannot be read. It may raise the error; otherwise the slot of
            the clip becomes empty.

    Raises:
        SpecError: the file cannot be read, or a value in it is invalid.
    """
    content = read_record(_Content, migrate(parse_json(data), _VERSION, _MIGRATIONS, key=_VERSION_KEY))
    seed = _keyed("seed", lambda: Seed(content.seed))
    reference = _keyed("reference", lambda: Seed(content.reference, len(seed)))
    live = _keyed("live", lambda: read_record(Live, content.live))
    morph = _keyed("morph", lambda: read_record(Morph, content.morph))
    return SessionState(
        model=content.model,
        model_version=content.model_version,
        bpm=content.bpm,
        seed=seed,
        reference=reference,
        locked=frozenset(i for i in content.locked if 0 <= i < len(seed)),
        slots=tuple(_read_slot(f"slots[{i}]", slot, read_clip, leave_out) for i, slot in enumerate(content.slots)),
        live=live,
        morph=_fit_morph(morph, len(content.slots)),
        start=content.start,
    )


def _slot_table(slot: Slot, sound_name: Callable[[FloatArray], str]) -> dict[str, Any]:
    table: dict[str, Any] = {
        "playing": slot.playing,
        "muted": slot.muted,
        "soloed": slot.soloed,
        "level_db": slot.level_db,
        "stems": asdict(slot.stems),
    }
    if slot.clip is not None:
        loop = slot.clip.loop
        origin = json.loads(loop.origin.to_json()) if loop.origin else None
        sound = {"sound": sound_name(loop.samples), "bpm": loop.bpm, "beats": loop.beats, "origin": origin}
        stems = {name: sound_name(samples) for name, samples in loop.stems.items()}
        table["clip"] = {"name": slot.clip.name, **sound, "stems": stems}
    return table


def _read_slot(
    key: str, table: Table, read_clip: Callable[[ClipContent], Clip], leave_out: Callable[[SpecError], None]
) -> Slot:
    content = _keyed(key, lambda: read_record(_SlotContent, table))
    slot = _keyed(key, lambda: Slot(None, False, content.muted, content.soloed, content.level_db, content.stems))
    clip = content.clip
    if clip is None:
        return slot
    try:
        filled = _keyed(f"{key}.clip", lambda: read_clip(read_record(ClipContent, clip)))
    except SpecError as error:
        leave_out(error)
        return slot
    return replace(slot, clip=filled, playing=content.playing)


def _fit_morph(morph: Morph, n_slots: int) -> Morph:
    target = morph.target if morph.target is not None and 0 <= morph.target < n_slots else None
    return replace(morph, a=min(max(morph.a, 0), n_slots - 1), b=min(max(morph.b, 0), n_slots - 1), target=target)


def _keyed(key: str, read: Callable[[], T]) -> T:
    """Call `read`, and put the key in front of the message of its errors. Raises SpecError."""
    try:
        return read()
    except (SeedError, SettingError, SpecError) as error:
        raise SpecError(f"{key}: {error}") from error


def _require_range(name: str, value: float, lowest: float, highest: float) -> None:
    require(lowest <= value <= highest, f"{name} is {value:g}; it must be from {lowest:g} to {highest:g}")
