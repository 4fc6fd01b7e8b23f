"""Open, save, drop, paste and drag out sessions, sounds and seeds."""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication

from app.notifications import Notifications
from app.session.loop_names import name_of
from app.session.session import Session
from app.session.session_file import SUFFIX, read_session, write_session
from app.session.sound_file import read_sound
from app.session.state import Clip, SessionState, Slot
from app.workers.tasks import TaskQueue
from technogan.engine import loop_of_images
from technogan.errors import SeedError, SourceError, TechnoganError
from technogan.file_names import safe_name, unique_name
from technogan.files.png import read_images
from technogan.files.seed_source import read_origin, read_seed, read_seed_file
from technogan.files.sound_reader import ALL_SUFFIXES
from technogan.network.spec import ModelSpec
from technogan.seeds.origin import Origin
from technogan.seeds.seed import Seed
from technogan.sound.loop import Loop
from technogan.sound.wav import choose_subtype

_MAX_DROPPED = 16
_LONGEST_NAME = 60


class Transfer(QObject):
    """Reads and writes files in the background; only the GUI thread calls it.

    Attributes:
        spec: the specification of the current model; None before a model is open.
    """

    saved = Signal(object)  # Path of a session
    opened = Signal(object)  # Path of a session

    def __init__(
        self, session: Session, tasks: TaskQueue, notifications: Notifications, rate: Callable[[], int]
    ) -> None:
        super().__init__()
        self._session, self._tasks, self._rate = session, tasks, rate
        self._notifications = notifications
        self.spec: ModelSpec | None = None
        # Other programs may use dragged-out files, so they stay until the instrument quits.
        self._folder = tempfile.TemporaryDirectory(prefix="technogan-", ignore_cleanup_errors=True)
        tasks.failed.connect(lambda _what, error: notifications.error(error))

    def close(self) -> None:
        """Delete the files that were dragged out."""
        self._folder.cleanup()

    # --- sessions

    def save(self, path: Path) -> None:
        """Write the session to this file."""
        path = path if path.suffix else path.with_suffix(SUFFIX)
        state = self._session.state

        def done(_: None) -> None:
            self._session.mark_saved(state, path)
            self._notifications.note(f"Saved {path.name}")
            self.saved.emit(path)

        self._tasks.submit(f"saving {path.name}", lambda _progress, _stop: write_session(state, path), done)

    def open(self, path: Path) -> None:
        """Open the session in this file."""
        problems: list[str] = []

        def done(state: SessionState) -> None:
            self.adopt(state, path)
            self._notifications.note(f"Opened {path.name}")
            for problem in problems:
                self._notifications.warn(problem)
            self.opened.emit(path)

        self._tasks.submit(f"opening {path.name}", lambda _progress, _stop: read_session(path, problems.append), done)

    def adopt(self, state: SessionState, path: Path | None, *, saved: bool = True) -> None:
        """Replace the session with this state, with as many slots as the window has."""
        fitted, lost = with_slots(state, len(self._session.state.slots))
        if lost:
            self._notifications.error(
                SourceError(
                    path or Path("session"), f"has more loops than there are slots; left out: {', '.join(lost)}"
                )
            )
        self._session.open(fitted, path, saved=saved)

    # --- dropped files

    def load_files(self, paths: Sequence[str], slot: int | None = None) -> None:
        """Load dropped files.

        Args:
            paths: the files.
            slot: index of the slot for the first file; the others go to the slots after it. None if the files were
                dropped elsewhere in the window.
        """
        for i, text in enumerate(paths[:_MAX_DROPPED]):
            path = Path(text)
            try:
                self._load_file(path, None if slot is None else min(slot + i, len(self._session.state.slots) - 1))
            except TechnoganError as error:
                self._notifications.error(error)

    def _load_file(self, path: Path, slot: int | None) -> None:
        suffix = path.suffix.casefold()
        if suffix == SUFFIX or path.is_dir():
            self.open(path)
        elif suffix == ".json":
            self._load_seed(path, read_seed_file(path, len(self._session.state.seed)))
        elif suffix in (*ALL_SUFFIXES, ".png"):
            self._load_sound(path, slot)
        elif suffix == ".onnx":
            raise SourceError(path, "is a model; install it with 'technogan models install', then select it at the top")
        else:
            raise SourceError(
                path, f"cannot be dropped here; sounds, PNG pictures, JSON seeds and {SUFFIX} sessions can"
            )

    def _load_sound(self, path: Path, slot: int | None) -> None:
        origin = read_origin(path) if path.suffix.casefold() in (".wav", ".png") else None
        if slot is None and origin is not None:
            self._load_seed(path, origin.seeds[0])
            return
        target = slot if slot is not None else self._session.first_empty()
        if target is None:
            raise SourceError(path, "cannot be loaded, because no slot is empty; drop it onto the slot to replace")
        bpm, spec = self._session.state.bpm, self.spec

        def done(found: tuple[Loop, str]) -> None:
            loop, note = found
            self._session.fill(target, Clip(_clip_name(path, loop.origin), loop))
            if note:
                self._notifications.note(note)

        read = read_sound if path.suffix.casefold() != ".png" else _picture_reader(spec, origin)
        self._tasks.submit(f"reading {path.name}", lambda _progress, _stop: read(path, bpm), done)

    def _load_seed(self, path: Path, seed: Seed) -> None:
        self._session.load_seed(seed)
        self._notifications.note(f"Loaded the seed of {path.name}")

    # --- seeds as text

    def seed_text(self) -> str:
        """Return the slider values as text."""
        return ",".join(f"{value:g}" for value in self._session.state.seed.values)

    def copy_seed(self) -> None:
        """Copy the slider values to the clipboard."""
        QGuiApplication.clipboard().setText(self.seed_text())
        self._notifications.note("Seed copied as text")

    def paste_copied_seed(self) -> None:
        """Move the sliders to the seed on the clipboard; report text that is not a seed."""
        self._notifications.attempt(self.paste_seed, QGuiApplication.clipboard().text())

    def paste_seed(self, text: str) -> None:
        """Move the sliders to the seed in a text. Raises SeedError or SourceError."""
        text = text.strip().strip("[]").strip()
        if not text or len(text) > 100_000:
            raise SeedError("the clipboard does not contain a seed: numbers separated by commas, or one whole number")
        self._session.load_seed(read_seed(text, len(self._session.state.seed)), "Paste seed")

    # --- saved and dragged-out sounds

    def write_slot(self, index: int, path: Path) -> None:
        """Write the loop of a slot to this WAV file."""
        clip = self._session.state.slots[index].clip
        if clip is None:
            return
        path = path if path.suffix else path.with_suffix(".wav")
        loop, rate = at_tempo(clip.loop, self._session.state.bpm), self._rate()

        def work(_progress: object, _stop: object) -> int:
            return loop.resampled(rate).save(path)

        self._tasks.submit(f"saving {path.name}", work, lambda _clipped: self._notifications.note(f"Saved {path.name}"))

    def write_stems(self, index: int, folder: Path) -> None:
        """Write each stem of a slot's loop to a WAV file of its own in this folder."""
        clip = self._session.state.slots[index].clip
        if clip is None or not clip.loop.stems:
            return
        bpm, rate = self._session.state.bpm, self._rate()

        def done(paths: list[Path]) -> None:
            self._notifications.note(f"Saved {', '.join(path.name for path in paths)}")

        self._tasks.submit(
            f"saving the stems of {clip.name}",
            lambda _progress, _stop: save_stems(clip, bpm, rate, folder, overwrite=False),
            done,
        )

    def write_temporary_files(self, index: int, *, by_stem: bool = False) -> list[Path]:
        """Write the loop of a slot to a WAV file that stays until the instrument quits; or each of its stems, if any.

        Returns the paths; none for an empty slot. Raises OutputError.
        """
        clip = self._session.state.slots[index].clip
        if clip is None:
            return []
        bpm, rate, folder = self._session.state.bpm, self._rate(), Path(self._folder.name)
        if by_stem and clip.loop.stems:
            return save_stems(clip, bpm, rate, folder, overwrite=True)
        path = folder / f"{file_name_of(clip, bpm)}.wav"
        at_tempo(clip.loop, bpm).resampled(rate).save(path)
        return [path]


def file_name_of(clip: Clip, bpm: float, stem: str = "") -> str:
    """Return the name of a clip's WAV file without its suffix; `stem` if it holds only that stem."""
    name = safe_name(clip.name, fallback="loop", longest=_LONGEST_NAME)
    part = f" {safe_name(stem, fallback='stem', longest=_LONGEST_NAME)}" if stem else ""
    return f"{name}{part} {bpm:g} bpm"


def save_stems(clip: Clip, bpm: float, rate: int, folder: Path, *, overwrite: bool) -> list[Path]:
    """Write each stem of a clip to a WAV file in a folder, and return their paths. Raises OutputError.

    They keep their levels within the loop, so that together they sound like it. Unless `overwrite`, files of the same
    name stay, and the new ones get a number.
    """
    loop, paths = at_tempo(clip.loop, bpm).resampled(rate), []
    for stem, samples in loop.stems.items():
        name = file_name_of(clip, bpm, stem)
        if not overwrite:
            name = unique_name(name, lambda name: (folder / f"{name}.wav").exists())
        paths.append(folder / f"{name}.wav")
        loop.stem(stem).save(paths[-1], subtype=choose_subtype(samples))
    return paths


def at_tempo(loop: Loop, bpm: float) -> Loop:
    """Return a loop with the same samples at another tempo."""
    origin = replace(loop.origin, bpm=bpm) if loop.origin else None
    return replace(loop, bpm=bpm, sample_rate=len(loop.samples) * bpm / (60 * loop.beats), origin=origin)


def with_slots(state: SessionState, n_slots: int) -> tuple[SessionState, list[str]]:
    """Return a state with another number of slots, and the names of clips that do not fit.

    Clips beyond the last slot move to empty ones.
    """
    slots, rest = list(state.slots[:n_slots]), [slot for slot in state.slots[n_slots:] if slot.clip is not None]
    slots += [Slot()] * (n_slots - len(slots))
    for i, slot in enumerate(slots):
        if slot.clip is None and rest:
            slots[i] = rest.pop(0)
    morph = replace(state.morph, a=min(state.morph.a, n_slots - 1), b=min(state.morph.b, n_slots - 1))
    if morph.target is not None and morph.target >= n_slots:
        morph = replace(morph, target=None)
    return replace(state, slots=tuple(slots), morph=morph), [slot.clip.name for slot in rest if slot.clip]


def _clip_name(path: Path, origin: Origin | None) -> str:
    return name_of(origin.seeds[0]) if origin and len(origin.seeds) == 1 else path.stem[:40]


def _picture_reader(spec: ModelSpec | None, origin: Origin | None) -> Callable[[Path, float], tuple[Loop, str]]:
    def read(path: Path, bpm: float) -> tuple[Loop, str]:
        if spec is None:
            raise SourceError(path, "needs an open model; wait until one is open")
        images = read_images(path, spec.format)
        return loop_of_images(images, spec.format, bpm=bpm, origin=origin), ""

    return read
