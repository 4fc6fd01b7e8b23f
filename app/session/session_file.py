"""Session files: a zip archive of one JSON file and the loops of the slots as WAV files.

The autosave has the same content as a folder. Sounds are named by a hash of their samples and written once; only the
small JSON file is written with every change.
"""

import contextlib
import hashlib
import io
import itertools
import shutil
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from app.session.loop_names import clean_name
from app.session.session_content import ClipContent, read_content, write_content
from app.session.session_parts import JSON, SessionParts, open_parts
from app.session.sound_file import check_samples, loop_of_samples
from app.session.state import Clip, SessionState
from technogan.arrays import FloatArray
from technogan.atomic import explain, open_atomically, write_atomically
from technogan.errors import OutputError, SettingError, SourceError, SpecError
from technogan.records import require
from technogan.sound.loop import MAX_BPM, MAX_RATE, MIN_BPM, MIN_RATE, Loop

SUFFIX = ".technogan"

_MAX_JSON_BYTES = 16 << 20
# Samples of a beat: fewest at the lowest rate and the highest tempo, most at the highest rate and the lowest tempo.
_MIN_BEAT_SAMPLES, _MAX_BEAT_SAMPLES = 60 * MIN_RATE / MAX_BPM, 60 * MAX_RATE / MIN_BPM
_SAMPLE_BYTES = 8
_HEADER_BYTES = 2 << 20
# The largest difference between a loop and the sum of its stems, which is rounded.
_STEM_TOLERANCE = 1e-4

_Report = Callable[[str], None]


def write_session(state: SessionState, path: Path) -> None:
    """Write a session file atomically. Raises OutputError."""
    sounds = _sounds_by_name(state)
    try:
        with (
            tempfile.TemporaryDirectory() as folder,
            open_atomically(path) as file,
            zipfile.ZipFile(file, "w") as archive,
        ):
            archive.writestr(JSON, write_content(state, _sound_name))
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
    write_atomically(folder / JSON, write_content(state, _sound_name).encode())
    for path in folder.glob("sounds/*"):
        if f"sounds/{path.name}" not in sounds:
            with contextlib.suppress(OSError):
                path.unlink()


def read_session(path: Path, report: _Report = lambda _message: None, *, partly: bool = False) -> SessionState:
    """Read a session file, or a folder that `write_folder` wrote.

    Args:
        path: the file or folder.
        report: called with a message for each clip whose stems are damaged; such a clip has only its sum.
        partly: leave out clips that cannot be read, and report them too.

    Raises:
        SourceError: the session cannot be read; the message names the key and the value.
    """

    def leave_out(error: SpecError) -> None:
        if not partly:
            raise error
        report(f"{error}; that slot is empty")

    try:
        with open_parts(path) as parts:
            sounds = _Sounds(parts, report)
            return read_content(parts.read(JSON, _MAX_JSON_BYTES), sounds.read_clip, leave_out)
    except OSError as error:
        raise SourceError(path, explain(error)) from error
    except (SettingError, SpecError) as error:
        raise SourceError(path, f"cannot be used as a session: {error}") from error


def same_content(state: SessionState, path: Path) -> bool:
    """Return whether a session file holds exactly this state."""
    try:
        with open_parts(path) as parts:
            return parts.read(JSON, _MAX_JSON_BYTES) == write_content(state, _sound_name).encode()
    except (OSError, SourceError, SpecError):
        return False


def set_aside(folder: Path) -> Path | None:
    """Rename a folder to NAME-set-aside-N; copy it if that fails. Returns the new path; None if both fail."""
    candidates = (folder.with_name(f"{folder.name}-set-aside-{number}") for number in itertools.count(1))
    target = next(path for path in candidates if not path.exists())
    try:
        return folder.rename(target)
    except OSError:  # Windows does not rename a folder that another program has open
        with contextlib.suppress(OSError, shutil.Error):
            return Path(shutil.copytree(folder, target))
    return None


def _sounds_by_name(state: SessionState) -> dict[str, Loop]:
    loops = [slot.clip.loop for slot in state.slots if slot.clip is not None]
    stems = (replace(loop, samples=samples, stems={}) for loop in loops for samples in loop.stems.values())
    return {_sound_name(loop.samples): loop for loop in (*loops, *stems)}


def _sound_name(samples: FloatArray) -> str:
    return f"sounds/{hashlib.blake2b(samples.tobytes(), digest_size=12).hexdigest()}.wav"


class _Sounds:
    """The sounds of an open session; a sound that several clips share is read once."""

    def __init__(self, parts: SessionParts, report: _Report) -> None:
        self._parts, self._report = parts, report
        self._read: dict[str, FloatArray] = {}

    def read_clip(self, content: ClipContent) -> Clip:
        """Read the sounds of a clip. Raises SpecError."""
        samples = self._samples(content.sound, content.beats)
        loop = loop_of_samples(
            samples,
            bpm=content.bpm,
            beats=content.beats,
            origin=content.read_origin(),
            stems=self._stems(content, samples),
        )
        return Clip(content.name, loop)

    def _stems(self, content: ClipContent, samples: FloatArray) -> dict[str, FloatArray]:
        """Return the stems of a clip; none if one of them is missing or damaged."""
        try:
            stems = {name: self._samples(sound, content.beats) for name, sound in content.stems.items()}
            fits = all(stem.shape == samples.shape for stem in stems.values())
            if stems and not (fits and np.allclose(sum(stems.values()), samples, atol=_STEM_TOLERANCE)):
                raise SpecError("they do not add up to the loop")
        except SpecError as error:
            self._report(f"{clean_name(content.name)} is loaded without its stems: {error}")
            return {}
        return stems

    def _samples(self, name: str, beats: int) -> FloatArray:
        if name not in self._read:
            size = _HEADER_BYTES + int(beats * _MAX_BEAT_SAMPLES) * _SAMPLE_BYTES
            self._read[name] = _decode(name, self._parts.read(name, size))
        samples = self._read[name]
        n_samples, fewest, most = len(samples), beats * _MIN_BEAT_SAMPLES, beats * _MAX_BEAT_SAMPLES
        require(fewest <= n_samples <= most, f"{name} has {n_samples} samples, which is not a sound of {beats} beats")
        return samples


def _decode(name: str, data: bytes) -> FloatArray:
    import soundfile

    try:
        with soundfile.SoundFile(io.BytesIO(data)) as file:
            # Other formats may be much longer than their data.
            require(file.format in ("WAV", "WAVEX") and file.channels == 1, f"{name} is not a WAV file of one channel")
            samples = np.asarray(file.read(dtype="float32"), np.float32)
    except (soundfile.SoundFileError, RuntimeError, ValueError, OSError) as error:
        raise SpecError(f"{name} is not a WAV file, or is damaged ({error})") from error
    check_samples(name, samples)
    return samples
