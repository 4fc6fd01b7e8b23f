"""Session files: a zip of one JSON and the sounds of the slots as WAV files, so that nothing in it is locked away.

The autosave is the same, unpacked into a folder: sounds are named after what they hold, written once, and only the
small JSON is written again.
"""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from app.session.sound_file import loop_of_samples
from app.session.state import Clip, Live, Morph, Slot, Start, State
from technogan.atomic import explain, write_whole, written_whole
from technogan.errors import OutputError, SeedError, SettingError, SourceError
from technogan.seeds.origin import Origin
from technogan.seeds.seed import Seed
from technogan.sound.loop import Loop

SUFFIX = ".technogan"

_SCHEMA = 1
_JSON = "session.json"
_MAX_JSON_BYTES = 16 << 20
_MAX_SOUND_BYTES = 1 << 28


def write_session(state: State, path: Path) -> None:
    """Write one file, whole or not at all. Raises OutputError."""
    sounds = _sounds(state)
    try:
        with (
            tempfile.TemporaryDirectory() as folder,
            written_whole(path) as file,
            zipfile.ZipFile(file, "w") as archive,
        ):
            archive.writestr(_JSON, _json(state))
            for name, loop in sounds.items():
                sound = Path(folder) / "sound.wav"
                loop.save(sound, subtype="float")
                archive.write(sound, name)
    except OutputError as error:
        raise OutputError(path, error.reason) from error
    except OSError as error:
        raise OutputError(path, explain(error)) from error


def write_folder(state: State, folder: Path) -> None:
    """Bring a folder up to this state; killed at any moment, it holds the one before or this one.

    Raises OutputError.
    """
    sounds = _sounds(state)
    for name, loop in sounds.items():
        if not (folder / name).exists():
            loop.save(folder / name, subtype="float")
    write_whole(folder / _JSON, _json(state).encode())
    for path in folder.glob("sounds/*"):
        if f"sounds/{path.name}" not in sounds:
            path.unlink(missing_ok=True)


def read_session(path: Path) -> State:
    """A session file, or a folder of `write_folder`. Raises SourceError with what is wrong."""
    try:
        if path.is_dir():
            return _state(lambda name, limit: _limited((path / name).open("rb"), limit))
        with zipfile.ZipFile(path) as archive:
            return _state(lambda name, limit: _limited(archive.open(name), limit))
    except FileNotFoundError as error:
        raise SourceError(path, "no such file or folder") from error
    except OSError as error:
        raise SourceError(path, explain(error)) from error
    except zipfile.BadZipFile as error:
        raise SourceError(path, f"is no session file, or a damaged one ({error})") from error
    except (KeyError, TypeError, ValueError, RecursionError, RuntimeError, SeedError, SettingError) as error:
        raise SourceError(path, f"holds a session that makes no sense ({type(error).__name__}: {error})") from error


def set_aside(folder: Path) -> Path | None:
    """Rename a folder out of the way; returns its new name, None where that is not possible."""
    for number in range(1, 100):
        target = folder.with_name(f"{folder.name}-set-aside-{number}")
        if not target.exists():
            try:
                return folder.rename(target)
            except OSError:
                break
    shutil.rmtree(folder, ignore_errors=True)
    return None


def _sounds(state: State) -> dict[str, Loop]:
    clips = (slot.clip for slot in state.slots)
    return {_name(clip.loop): clip.loop for clip in clips if clip is not None}


def _name(loop: Loop) -> str:
    return f"sounds/{hashlib.blake2b(loop.samples.tobytes(), digest_size=12).hexdigest()}.wav"


def _json(state: State) -> str:
    content = {
        "TechnoGAN session": _SCHEMA,
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
        sound = {"sound": _name(loop), "bpm": loop.bpm, "beats": loop.beats, "origin": origin}
        content["clip"] = {"name": slot.clip.name, **sound}
    return content


def _limited(file: Any, limit: int) -> bytes:
    with file:
        data: bytes = file.read(limit + 1)
    if len(data) > limit:
        raise ValueError("a part of it is far too large")
    return data


def _state(read: Callable[[str, int], bytes]) -> State:
    content = json.loads(read(_JSON, _MAX_JSON_BYTES))
    if content["TechnoGAN session"] != _SCHEMA:
        raise ValueError(f"its schema is {content['TechnoGAN session']!r}; this version reads {_SCHEMA}")
    seed = Seed.of(content["seed"])
    return State(
        model=str(content["model"]),
        bpm=float(content["bpm"]),
        seed=seed,
        reference=Seed.of(content["reference"]),
        locked=frozenset(i for i in content["locked"] if isinstance(i, int) and 0 <= i < len(seed)),
        slots=tuple(_slot(each, read) for each in content["slots"]),
        live=Live(**content["live"]),
        morph=_morph(content["morph"], len(content["slots"])),
        start=Start(content["start"]),
    )


def _morph(content: Mapping[str, Any], n_slots: int) -> Morph:
    morph = Morph(**content)
    target = morph.target if morph.target is not None and 0 <= morph.target < n_slots else None
    return replace(morph, a=min(max(morph.a, 0), n_slots - 1), b=min(max(morph.b, 0), n_slots - 1), target=target)


def _slot(content: Mapping[str, Any], read: Callable[[str, int], bytes]) -> Slot:
    slot = Slot(None, bool(content["playing"]), bool(content["muted"]), bool(content["soloed"]), content["level_db"])
    clip = content.get("clip")
    if clip is None:
        return replace(slot, playing=False)
    origin = Origin.from_json(json.dumps(clip["origin"])) if clip["origin"] else None
    loop = _loop(read(str(clip["sound"]), _MAX_SOUND_BYTES), float(clip["bpm"]), int(clip["beats"]), origin)
    return replace(slot, clip=Clip(str(clip["name"]), loop))


def _loop(data: bytes, bpm: float, beats: int, origin: Origin | None) -> Loop:
    import soundfile

    samples, _ = soundfile.read(io.BytesIO(data), dtype="float32")
    return loop_of_samples(samples, bpm=bpm, beats=beats, origin=origin)
