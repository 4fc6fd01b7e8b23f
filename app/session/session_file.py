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
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from app.session.sound_file import loop_of_samples
from app.session.state import Clip, Live, Morph, SessionState, Slot, Start, StemMix
from technogan.arrays import FloatArray
from technogan.atomic import explain, open_atomically, write_atomically
from technogan.errors import OutputError, SeedError, SettingError, SourceError, SpecError
from technogan.records import Migration, migrate, parse_json, read_record
from technogan.seeds.origin import Origin
from technogan.seeds.seed import Seed
from technogan.sound.loop import Loop

SUFFIX = ".technogan"

# The version of session files and its JSON key, which identifies them. Older versions get a migration in _MIGRATIONS.
_VERSION = 2
_VERSION_KEY = "TechnoGAN session"
# Version 2 adds stems, which may be missing.
_MIGRATIONS: dict[int, Migration] = {1: lambda values: values}
_JSON = "session.json"
_MAX_JSON_BYTES = 16 << 20
_MAX_SOUND_BYTES = 1 << 28
# The largest difference between a loop and the sum of its stems, which is rounded.
_STEM_TOLERANCE = 1e-4

# Returns the content of a part by its name, unless it is larger than a number of bytes.
_Read = Callable[[str, int], bytes]
_Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class _ClipContent:
    name: str
    sound: str
    bpm: float
    beats: int
    origin: Mapping[str, Any] | None = None
    stems: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _SlotContent:
    playing: bool
    muted: bool
    soloed: bool
    level_db: float
    stems: StemMix = field(default_factory=StemMix)
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


def read_session(path: Path, report: _Report = lambda _message: None) -> SessionState:
    """Read a session file, or a folder that `write_folder` wrote.

    Args:
        path: the file or folder.
        report: called with a message for each clip whose stems are damaged; such a clip has only its sum.

    Raises:
        SourceError: the session cannot be read.
    """
    try:
        if path.is_dir():
            return _parse_state(lambda name, limit: _read_limited((path / name).open("rb"), limit), report)
        with zipfile.ZipFile(path) as archive:
            return _parse_state(lambda name, limit: _read_limited(archive.open(name), limit), report)
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
    loops = [slot.clip.loop for slot in state.slots if slot.clip is not None]
    stems = (replace(loop, samples=samples, stems={}) for loop in loops for samples in loop.stems.values())
    return {_sound_name(loop.samples): loop for loop in (*loops, *stems)}


def _sound_name(samples: FloatArray) -> str:
    return f"sounds/{hashlib.blake2b(samples.tobytes(), digest_size=12).hexdigest()}.wav"


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
        "stems": asdict(slot.stems),
    }
    if slot.clip is not None:
        loop = slot.clip.loop
        origin = json.loads(loop.origin.to_json()) if loop.origin else None
        sound = {"sound": _sound_name(loop.samples), "bpm": loop.bpm, "beats": loop.beats, "origin": origin}
        stems = {name: _sound_name(samples) for name, samples in loop.stems.items()}
        content["clip"] = {"name": slot.clip.name, **sound, "stems": stems}
    return content


def _read_limited(file: Any, limit: int) -> bytes:
    with file:
        data: bytes = file.read(limit + 1)
    if len(data) > limit:
        raise ValueError(f"part of it is larger than {limit >> 20} MB")
    return data


def _parse_state(read: _Read, report: _Report) -> SessionState:
    values = migrate(parse_json(read(_JSON, _MAX_JSON_BYTES)), _VERSION, _MIGRATIONS, key=_VERSION_KEY)
    content = read_record(_Content, values)
    seed = Seed.of(content.seed)
    return SessionState(
        model=content.model,
        bpm=content.bpm,
        seed=seed,
        reference=Seed.of(content.reference),
        locked=frozenset(i for i in content.locked if 0 <= i < len(seed)),
        slots=tuple(_parse_slot(slot, read, report) for slot in content.slots),
        live=content.live,
        morph=_fit_morph(content.morph, len(content.slots)),
        start=content.start,
    )


def _fit_morph(morph: Morph, n_slots: int) -> Morph:
    target = morph.target if morph.target is not None and 0 <= morph.target < n_slots else None
    return replace(morph, a=min(max(morph.a, 0), n_slots - 1), b=min(max(morph.b, 0), n_slots - 1), target=target)


def _parse_slot(content: _SlotContent, read: _Read, report: _Report) -> Slot:
    clip, playing = content.clip, content.playing and content.clip is not None
    slot = Slot(None, playing, content.muted, content.soloed, content.level_db, content.stems)
    if clip is None:
        return slot
    origin = Origin.from_json(json.dumps(clip.origin)) if clip.origin else None
    samples = _decode_samples(read(clip.sound, _MAX_SOUND_BYTES))
    stems = _read_stems(clip, samples, read, report)
    loop = loop_of_samples(samples, bpm=clip.bpm, beats=clip.beats, origin=origin, stems=stems)
    return replace(slot, clip=Clip(clip.name, loop))


def _read_stems(clip: _ClipContent, samples: FloatArray, read: _Read, report: _Report) -> dict[str, FloatArray]:
    """Return the stems of a clip; none if one of them is missing or damaged."""
    try:
        stems = {name: _decode_samples(read(sound, _MAX_SOUND_BYTES)) for name, sound in clip.stems.items()}
        fits = all(stem.shape == samples.shape for stem in stems.values())
        if stems and not (fits and np.allclose(sum(stems.values()), samples, atol=_STEM_TOLERANCE)):
            raise ValueError("they do not add up to the loop")
    except (KeyError, OSError, ValueError, RuntimeError, zipfile.BadZipFile) as error:
        reason = "part of the session is missing" if isinstance(error, (KeyError, FileNotFoundError)) else str(error)
        report(f"{clip.name} is loaded without its stems: {reason}")
        return {}
    return stems


def _decode_samples(data: bytes) -> FloatArray:
    import soundfile

    samples, _ = soundfile.read(io.BytesIO(data), dtype="float32")
    return np.asarray(samples, np.float32)
