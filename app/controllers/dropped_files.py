"""Load files that were dropped: sounds and pictures into slots, seeds into the sliders, sessions."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from app.notifications import Notifications
from app.session.loop_names import name_of
from app.session.session import Session
from app.session.session_file import SUFFIX
from app.session.session_parts import JSON
from app.session.sound_file import read_sound
from app.session.state import Clip
from app.workers.tasks import TaskQueue
from technogan.engine import loop_of_images
from technogan.errors import SeedError, SettingError, SourceError
from technogan.files.png import read_images
from technogan.files.seed_source import read_origin, read_seed_file
from technogan.files.sound_reader import ALL_SUFFIXES
from technogan.network.spec import ModelSpec
from technogan.seeds.origin import Origin
from technogan.seeds.seed import Seed
from technogan.sound.loop import Loop

MAX_DROPPED = 16
_PICTURE = ".png"
_WITH_ORIGIN = (".wav", _PICTURE)
_SOUNDS = (*ALL_SUFFIXES, _PICTURE)


class DroppedFiles:
    """Reads dropped files in the background; only the GUI thread calls it.

    Args:
        session: gets the loops and seeds.
        tasks: where files are read.
        notifications: for messages.
        open_session: opens a session file or folder.
        spec: returns the specification of the current model; None before a model is open.
    """

    def __init__(
        self,
        session: Session,
        tasks: TaskQueue,
        notifications: Notifications,
        open_session: Callable[[Path], None],
        spec: Callable[[], ModelSpec | None],
    ) -> None:
        self._session, self._tasks, self._notifications = session, tasks, notifications
        self._open_session, self._spec = open_session, spec

    def load(self, paths: Sequence[str], slot: int | None = None) -> None:
        """Load dropped files. Every slot is reserved at once, so that each loop lands where it was dropped.

        Args:
            paths: the files; "" for a link that is not a file.
            slot: index of the slot for the first sound; the others go to the empty slots after it. None if the files
                were dropped elsewhere in the window: then a single file with a seed moves the sliders.
        """
        files = [Path(text) for text in paths if text]
        if len(files) < len(paths):
            self._notifications.warn("A link cannot be dropped here: save what it leads to as a file, and drop that")
        if len(files) > MAX_DROPPED:
            taken = f"only the first {MAX_DROPPED} are loaded; drop the others after them"
            self._notifications.warn(f"{len(files)} files were dropped; {taken}")
        files = files[:MAX_DROPPED]
        to_slots = slot is not None or len(files) > 1
        self._load_into_slots([path for path in files if to_slots and _suffix(path) in _SOUNDS], slot)
        for path in files:
            if not (to_slots and _suffix(path) in _SOUNDS):
                self._notifications.attempt(self._load_elsewhere, path)

    def _load_into_slots(self, paths: Sequence[Path], slot: int | None) -> None:
        target, after, homeless = slot, -1, []
        for path in paths:
            index = target if target is not None else self._session.first_empty(after)
            if index is None:
                homeless.append(path.name)
                continue
            target, after = None, index
            self._notifications.attempt(self._load_sound, path, index)
        if homeless:
            how = "clear slots, or drop single files onto the slots to replace"
            self._notifications.warn(f"No slot is empty for {', '.join(homeless)}; {how}")

    def _load_elsewhere(self, path: Path) -> None:
        """Load a file that was not dropped onto a slot, or is not a sound. Raises SourceError."""
        suffix, size = _suffix(path), len(self._session.state.seed)
        if suffix == SUFFIX:
            self._open_session(path)
        elif suffix == ".json":
            self._read(path, lambda: read_seed_file(path, size), lambda seed: self._load_seed(path, seed, None))
        elif suffix in _WITH_ORIGIN:
            self._read(path, lambda: read_origin(path), lambda origin: self._load_single(path, origin))
        elif suffix in _SOUNDS:
            self._load_single(path, None)
        elif suffix == ".onnx":
            raise SourceError(path, "is a model; install it with 'technogan models install', then select it at the top")
        else:
            self._read(path, lambda: _require_session_folder(path), lambda _: self._open_session(path))

    def _load_single(self, path: Path, origin: Origin | None) -> None:
        """Move the sliders to the seed of a single file; load a file without one into the first empty slot."""
        if origin is not None:
            self._load_seed(path, origin.seeds[0], origin)
        else:
            self._load_into_slots([path], None)

    def _load_sound(self, path: Path, index: int) -> None:
        try:
            reserved = self._session.reserve(index, path.name)
        except SettingError as error:
            raise SourceError(path, f"cannot be loaded: {error}") from error
        bpm, spec = self._session.state.bpm, self._spec()

        def done(found: tuple[Clip, str]) -> None:
            clip, note = found
            for text in (self._session.land(reserved, clip), note):
                if text:
                    self._notifications.note(text)

        self._read(path, lambda: _read_clip(path, bpm, spec), done, ended=lambda: self._session.release(reserved))

    def _load_seed(self, path: Path, seed: Seed, origin: Origin | None) -> None:
        try:
            self._session.load_seed(seed)
        except SeedError as error:
            raise SourceError(path, str(error)) from error
        spec = self._spec()
        difference = origin.describe_difference(spec.name, spec.version) if origin and spec else ""
        self._notifications.note(f"Loaded the seed of {path.name}{difference and f'; {difference}'}")

    def _read(
        self,
        path: Path,
        read: Callable[[], Any],
        done: Callable[[Any], None],
        *,
        ended: Callable[[], object] = lambda: None,
    ) -> None:
        def work(_progress: object, _stop: object) -> Any:
            if path.exists() and not (path.is_file() or path.is_dir()):  # opening a pipe would wait for a writer
                raise SourceError(path, "is not a file")
            return read()

        self._tasks.submit(f"reading {path.name}", work, done, ended=ended)


def _suffix(path: Path) -> str:
    return path.suffix.casefold()


def _require_session_folder(path: Path) -> None:
    """Raise SourceError unless a path is the folder of a session."""
    if not path.is_dir():
        known = f"sounds, PNG pictures, JSON seeds and {SUFFIX} sessions can"
        raise SourceError(path, f"cannot be dropped here; {known}" if path.exists() else "no such file or folder")
    if not (path / JSON).exists():
        raise SourceError(path, "is a folder; drop the sounds in it instead")


def _read_clip(path: Path, bpm: float, spec: ModelSpec | None) -> tuple[Clip, str]:
    """Return the loop of a sound or a picture as a clip, and a message for the musician ("" for none)."""
    if _suffix(path) == _PICTURE:
        loop, note = _read_picture(path, bpm, spec), ""
    else:
        loop, note = read_sound(path, bpm)
    origin = loop.origin
    name = name_of(origin.seeds[0]) if origin and len(origin.seeds) == 1 else path.stem[:40]
    return Clip(name, loop), note


def _read_picture(path: Path, bpm: float, spec: ModelSpec | None) -> Loop:
    if spec is None:
        raise SourceError(path, "needs an open model; wait until one is open")
    return loop_of_images(read_images(path, spec.format), spec.format, bpm=bpm, origin=read_origin(path))
