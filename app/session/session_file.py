"""Session files: a zip archive of one JSON file and the loops of the slots as WAV files.

The autosave has the same content as a folder. Sounds are named by a hash of their samples and written once; only the
small JSON file is written with every change.
"""

import hashlib
import io
import json
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from app.session.sound_file import loop_of_samples
from app.session.state import Clip, Live, Morph, SessionState, Slot, Start
from technogan.arrays import FloatArray
from technogan.atomic import explain, open_atomically, write_atomically
from technogan.errors import OutputError, SeedError, SettingError, SourceError, SpecError
from technogan.records import Migration, migrate, parse_json, read_record
from technogan.seeds.origin import Origin
from technogan.seeds.seed import Seed
from technogan.sound.loop import Loop

SUFFIX = ".technogan"

# The version of session files and its JSON key, which identifies them. Older versions get a migration in _MIGRATIONS.
_VERSION = 1
_VERSION_KEY = "TechnoGAN session"
_MIGRATIONS: dict[int, Migration] = {}
_JSON = "session.json"
_MAX_JSON_BYTES = 16 << 20
_MAX_SOUND_BYTES = 1 << 28


@dataclass(frozen=True, slots=True)
class _ClipContent:
    name: str
    sound: str
    bpm: float
    beats: int
    origin: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class _SlotContent:
    playing: bool
    muted: bool
    soloed: bool
    level_db: float
    clip: _ClipContent | None = None


@dataclass(frozen=True, slots=True)
class _Content:
    """The contents of session.json, apart from its version."""

    model: str
    bpm: float
    start: Start
    seed: tuple[float, ...]
    reference: tuple[float, ...]
    locked: tuple[int, ...]
    live: Live
    morph: Morph
    slots: tuple[_SlotContent, ...]


def write_session(state: SessionState, path: Path) -> None:
    """Write a session file atomically. Raises OutputError."""
    sounds = _sounds_by_name(state)
    try:
        with (
            tempfile.TemporaryDirectory() as folder,
            open_atomically(path) as file,
            zipfile.ZipFile(file, "w") as archive,
        ):
            archive.writestr(_JSON, _to_json(state))
            for name, loop in sounds.items():
                sound = Path(folder) / "sound.wav"
                loop.save(sound, subtype="float")
                archive.write(sound, name)
    except OutputError as error:
        raise OutputError(path, error.reason) from error
    except OSError as error:
        raise OutputError(path, explain(error)) from error


def write_folder(state: SessionState, folder: Path) -> None:
    """Write a state to a folder; if the process is killed, the folder holds the previous state or this one.

    Raises OutputError.
    """
    sounds = _sounds_by_name(state)
    for name, loop in sounds.items():
        if not (folder / name).exists():
            loop.save(folder / name, subtype="float")
    write_atomically(folder / _JSON, _to_json(state).encode())
    for path in folder.glob("sounds/*"):
        if f"sounds/{path.name}" not in sounds:
            path.unlink(missing_ok=True)


def read_session(path: Path) -> SessionState:
    """Read a session file, or a folder that `write_folder` wrote. Raises SourceError."""
    try:
        if path.is_dir():
            return _parse_state(lambda name, limit: _read_limited((path / name).open("rb"), limit))
        with zipfile.ZipFile(path) as archive:
            return _parse_state(lambda name, limit: _read_limited(archive.open(name), limit))
    except (FileNotFoundError, KeyError) as error:
        raise SourceError(
            path, "part of the session is missing" if path.exists() else "no such file or folder"
        ) from error
    except OSError as error:
        raise SourceError(path, explain(error)) from error
    except zipfile.BadZipFile as error:
        raise SourceError(path, f"is not a session file, or is damaged ({error})") from error
    except (ValueError, RuntimeError, SeedError, SettingError, SpecError) as error:
        raise SourceError(path, f"cannot be used as a session: {error}") from error


def set_aside(folder: Path) -> Path | None:
    """Rename a folder to NAME-set-aside-N. Returns its new path; None if it had to be deleted."""
    for number in range(1, 100):
        target = folder.with_name(f"{folder.name}-set-aside-{number}")
        if not target.exists():
            try:
                return folder.rename(target)
            except OSError:
                break
    shutil.rmtree(folder, ignore_errors=True)
    return None


def _sounds_by_name(state: SessionState) -> dict[str, Loop]:
    clips = (slot.clip for slot in state.slots)
    return {_sound_name(clip.loop): clip.loop for clip in clips if clip is not None}


def _sound_name(loop: Loop) -> str:
    return f"sounds/{hashlib.blake2b(loop.samples.tobytes(), digest_size=12).hexdigest()}.wav"


def _to_json(state: SessionState) -> str:
    content = {
        _VERSION_KEY: _VERSION,
        "model": state.model,
        "bpm": state.bpm,
        "start": state.start.value,
        "seed": state.seed.values,
        "reference": state.reference.values,
        "locked": sorted(state.locked),
        "live": asdict(state.live),
        "morph": asdict(state.morph),
        "slots": [_slot_content(slot) for slot in state.slots],
    }
    return json.dumps(content)


def _slot_content(slot: Slot) -> dict[str, Any]:
    content: dict[str, Any] = {
        "playing": slot.playing,
        "muted": slot.muted,
        "soloed": slot.soloed,
        "level_db": slot.level_db,
    }
    if slot.clip is not None:
        loop = slot.clip.loop
        origin = json.loads(loop.origin.to_json()) if loop.origin else None
        sound = {"sound": _sound_name(loop), "bpm": loop.bpm, "beats": loop.beats, "origin": origin}
        content["clip"] = {"name": slot.clip.name, **sound}
    return content


def _read_limited(file: Any, limit: int) -> bytes:
    with file:
        data: bytes = file.read(limit + 1)
    if len(data) > limit:
        raise ValueError(f"part of it is larger than {limit >> 20} MB")
    return data


def _parse_state(read: Callable[[str, int], bytes]) -> SessionState:
    values = migrate(parse_json(read(_JSON, _MAX_JSON_BYTES)), _VERSION, _MIGRATIONS, key=_VERSION_KEY)
    content = read_record(_Content, values)
    seed = Seed.of(content.seed)
    return SessionState(
        model=content.model,
        bpm=content.bpm,
        seed=seed,
        reference=Seed.of(content.reference),
        locked=frozenset(i for i in content.locked if 0 <= i < len(seed)),
        slots=tuple(_parse_slot(slot, read) for slot in content.slots),
        live=content.live,
        morph=_fit_morph(content.morph, len(content.slots)),
        start=content.start,
    )


def _fit_morph(morph: Morph, n_slots: int) -> Morph:
    target = morph.target if morph.target is not None and 0 <= morph.target < n_slots else None
    return replace(morph, a=min(max(morph.a, 0), n_slots - 1), b=min(max(morph.b, 0), n_slots - 1), target=target)


def _parse_slot(content: _SlotContent, read: Callable[[str, int], bytes]) -> Slot:
    clip = content.clip
    slot = Slot(None, content.playing and clip is not None, content.muted, content.soloed, content.level_db)
    if clip is None:
        return slot
    origin = Origin.from_json(json.dumps(clip.origin)) if clip.origin else None
    samples = _decode_samples(read(clip.sound, _MAX_SOUND_BYTES))
    loop = loop_of_samples(samples, bpm=clip.bpm, beats=clip.beats, origin=origin)
    return replace(slot, clip=Clip(clip.name, loop))


def _decode_samples(data: bytes) -> FloatArray:
    import soundfile

    samples, _ = soundfile.read(io.BytesIO(data), dtype="float32")
    return np.asarray(samples, np.float32)
