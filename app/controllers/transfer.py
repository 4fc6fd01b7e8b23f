"""Files in and out: sessions, sounds and seeds; dropped, opened, saved, dragged out."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.notifications import Notices
from app.session.loop_names import name_of
from app.session.session import Session
from app.session.session_file import SUFFIX, read_session, write_session
from app.session.sound_file import SUFFIXES, read_sound
from app.session.state import Clip, Slot, State
from app.workers.tasks import Background
from technogan.engine import loop_of_images
from technogan.errors import SeedError, SourceError, TechnoganError
from technogan.files.png import read_frames
from technogan.files.seed_source import origin_of_file, read_seed, seed_of_file
from technogan.network.spec import ModelSpec
from technogan.seeds.origin import Origin
from technogan.seeds.seed import Seed
from technogan.sound.loop import Loop

_MAX_DROPPED = 16
_UNSAFE = set('/\\:*?"<>|')


class Exchange(QObject):
    """In the GUI thread; files are read and written in the background."""

    saved = Signal(object)  # Path of a session
    opened = Signal(object)  # Path of a session

    def __init__(self, session: Session, background: Background, notices: Notices, rate: Callable[[], int]) -> None:
        super().__init__()
        self._session, self._background, self._notices, self._rate = session, background, notices, rate
        self.spec: ModelSpec | None = None
        # What was dragged out is somebody's file: it stays until the instrument ends.
        self._folder = tempfile.TemporaryDirectory(prefix="technogan-", ignore_cleanup_errors=True)
        background.failed.connect(lambda _what, error: notices.error(error))

    def close(self) -> None:
        """Delete what was dragged out."""
        self._folder.cleanup()

    # --- sessions

    def save(self, path: Path) -> None:
        """Write the session to this file."""
        path = path if path.suffix else path.with_suffix(SUFFIX)
        state = self._session.state

        def done(_: None) -> None:
            self._session.mark_saved(state, path)
            self._notices.note(f"Saved {path.name}")
            self.saved.emit(path)

        self._background.submit(f"saving {path.name}", lambda _progress, _stop: write_session(state, path), done)

    def open(self, path: Path) -> None:
        """Go over to the session in this file."""

        def done(state: State) -> None:
            self.adopt(state, path)
            self._notices.note(f"Opened {path.name}")
            self.opened.emit(path)

        self._background.submit(f"opening {path.name}", lambda _progress, _stop: read_session(path), done)

    def adopt(self, state: State, path: Path | None, *, saved: bool = True) -> None:
        """Go over to this state, with as many slots as the window has."""
        fitted, lost = with_slots(state, len(self._session.state.slots))
        if lost:
            self._notices.error(
                SourceError(
                    path or Path("session"), f"holds more loops than there are slots; left out: {', '.join(lost)}"
                )
            )
        self._session.open(fitted, path, saved=saved)

    # --- dropped

    def take(self, paths: Sequence[str], slot: int | None = None) -> None:
        """Files that were dropped: onto a slot, and those that follow it, or anywhere (None)."""
        for i, text in enumerate(paths[:_MAX_DROPPED]):
            path = Path(text)
            try:
                self._take(path, None if slot is None else min(slot + i, len(self._session.state.slots) - 1))
            except TechnoganError as error:
                self._notices.error(error)

    def _take(self, path: Path, slot: int | None) -> None:
        suffix = path.suffix.casefold()
        if suffix == SUFFIX or path.is_dir():
            self.open(path)
        elif suffix == ".json":
            self._take_seed(path, seed_of_file(path, len(self._session.state.seed)))
        elif suffix in (*SUFFIXES, ".png"):
            self._take_sound(path, slot)
        elif suffix == ".onnx":
            raise SourceError(
                path, "is a model; bring it in with 'technogan models install', then choose it at the top"
            )
        else:
            raise SourceError(path, f"is none of what can be dropped here: sound, PNG, JSON seed or {SUFFIX} session")

    def _take_sound(self, path: Path, slot: int | None) -> None:
        origin = origin_of_file(path) if path.suffix.casefold() in (".wav", ".png") else None
        if slot is None and origin is not None:
            self._take_seed(path, origin.seeds[0])
            return
        target = slot if slot is not None else self._session.first_empty()
        if target is None:
            raise SourceError(path, "finds no empty slot; drop it onto the slot that it may replace")
        bpm, spec = self._session.state.bpm, self.spec

        def done(found: tuple[Loop, str]) -> None:
            loop, note = found
            self._session.fill(target, Clip(_clip_name(path, loop.origin), loop))
            if note:
                self._notices.note(note)

        read = read_sound if path.suffix.casefold() != ".png" else _picture_reader(spec, origin)
        self._background.submit(f"reading {path.name}", lambda _progress, _stop: read(path, bpm), done)

    def _take_seed(self, path: Path, seed: Seed) -> None:
        self._session.load_seed(seed)
        self._notices.note(f"Sliders as in {path.name}")

    # --- seeds as text

    def seed_text(self) -> str:
        """The sliders, for the clipboard."""
        return ",".join(f"{value:g}" for value in self._session.state.seed.values)

    def paste_seed(self, text: str) -> None:
        """Sliders from the clipboard. Raises SeedError or SourceError."""
        text = text.strip().strip("[]").strip()
        if not text or len(text) > 100_000:
            raise SeedError("the clipboard holds no seed: numbers with commas between them, or a whole number")
        self._session.load_seed(read_seed(text, len(self._session.state.seed)), "Paste seed")

    # --- sounds out

    def write_slot(self, index: int, path: Path) -> None:
        """Write a slot's loop to this WAV file."""
        clip = self._session.state.slots[index].clip
        if clip is None:
            return
        path = path if path.suffix else path.with_suffix(".wav")
        loop, rate = at_tempo(clip.loop, self._session.state.bpm), self._rate()

        def work(_progress: object, _stop: object) -> int:
            return loop.resampled(rate).save(path)

        self._background.submit(f"saving {path.name}", work, lambda _clipped: self._notices.note(f"Saved {path.name}"))

    def file_of_slot(self, index: int) -> Path | None:
        """A finished WAV file of a slot's loop that stays until the instrument ends; None for an empty slot.

        Raises OutputError.
        """
        clip = self._session.state.slots[index].clip
        if clip is None:
            return None
        bpm = self._session.state.bpm
        name = "".join("_" if letter in _UNSAFE or not letter.isprintable() else letter for letter in clip.name)[:60]
        path = Path(self._folder.name) / f"{name} {bpm:g} bpm.wav"
        at_tempo(clip.loop, bpm).resampled(self._rate()).save(path)
        return path


def at_tempo(loop: Loop, bpm: float) -> Loop:
    """The same samples, faster or slower."""
    origin = replace(loop.origin, bpm=bpm) if loop.origin else None
    return replace(loop, bpm=bpm, sample_rate=len(loop.samples) * bpm / (60 * loop.beats), origin=origin)


def with_slots(state: State, n_slots: int) -> tuple[State, list[str]]:
    """A state with another number of slots: clips move up into empty ones; returns the names of those left out."""
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
            raise SourceError(path, "can be read once a model is there")
        images = read_frames(path, spec.format)
        return loop_of_images(images, spec.format, bpm=bpm, origin=origin), ""

    return read
