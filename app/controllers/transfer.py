"""Open and save sessions, and copy and paste seeds."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication

from app.controllers.dropped_files import DroppedFiles
from app.notifications import Notifications
from app.session.earlier_sessions import EarlierSessions
from app.session.session import Session
from app.session.session_file import SUFFIX, read_session, write_session
from app.session.state import SessionState, Slot
from app.workers.tasks import TaskQueue
from technogan.errors import SeedError, SourceError
from technogan.files.seed_source import RANDOM, parse_whole_number, read_seed
from technogan.network.spec import ModelSpec
from technogan.seeds.seed import Seed


class Transfer(QObject):
    """Reads and writes sessions in the background; only the GUI thread calls it.

    Attributes:
        spec: the specification of the current model; None before a model is open.
        load_files: loads dropped files; see `DroppedFiles.load`.
    """

    saved = Signal(object)  # Path of a session
    opened = Signal(object)  # Path of a session

    def __init__(
        self, session: Session, tasks: TaskQueue, notifications: Notifications, earlier: EarlierSessions
    ) -> None:
        super().__init__()
        self._session, self._tasks, self._notifications = session, tasks, notifications
        self.earlier = earlier
        self.spec: ModelSpec | None = None
        self.load_files = DroppedFiles(session, tasks, notifications, self.open, lambda: self.spec).load
        self._unwritten: list[Callable[[], None]] = []
        tasks.failed.connect(lambda _what, error: notifications.error(error))

    def close(self) -> None:
        """Write what still waits to be written. Close the task queue first."""
        for write in list(self._unwritten):
            self._notifications.attempt(write)

    # --- sessions

    def save(self, path: Path) -> None:
        """Write the session to this file."""
        path = path if path.suffix else path.with_suffix(SUFFIX)
        state = self._session.state

        def done(_: None) -> None:
            self._session.mark_saved(state, path)
            self._notifications.note(f"Saved {path.name}")
            self.saved.emit(path)

        self._write(f"saving {path.name}", lambda: write_session(state, path), done)

    def open(self, path: Path) -> None:
        """Open the session in this file."""
        self._read(path, path, f"Opened {path.name}")

    def open_earlier(self, path: Path) -> None:
        """Open one of the earlier sessions, as a session without a file."""
        self._read(path, None, f"This is the session of {path.stem}")

    def new(self) -> None:
        """Start a new session with the same model and tempo, and a random seed."""
        note = "New session"
        if self._has_work():
            note += "; undo brings the previous one back, and so does Earlier sessions in the menu"
        self._replace(self._session.make_new(), None, "New session", saved=True)
        self._notifications.note(note)

    def adopt(self, state: SessionState, path: Path | None, *, saved: bool = True, undo_text: str = "") -> None:
        """Replace the session with this state, with as many slots as the window has; see `Session.open`."""
        fitted, lost = with_slots(state, len(self._session.state.slots))
        if lost:
            reason = f"has more loops than there are slots; left out: {', '.join(lost)}"
            self._notifications.error(SourceError(path or Path("session"), reason))
            path, saved = None, False  # saving must not overwrite the file that has them
        self._session.open(fitted, path, saved=saved, undo_text=undo_text)

    def _read(self, path: Path, file: Path | None, note: str) -> None:
        """Open a session. path: where to read it. file: where to save it; None to ask for a file."""
        problems: list[str] = []

        def done(state: SessionState) -> None:
            # Saving must not replace what could not be read.
            target = file if not problems else None
            self._replace(state, target, f"Open {path.stem}", saved=target is not None)
            self._notifications.note(note)
            for problem in problems:
                self._notifications.warn(f"{path.name}: {problem}")
            if file is not None:
                self.opened.emit(file)

        self._tasks.submit(
            f"opening {path.name}",
            lambda _progress, _stop: read_session(path, problems.append, partly=True),
            done,
        )

    def _replace(self, state: SessionState, path: Path | None, undo_text: str, *, saved: bool) -> None:
        """Replace the session, which is kept among the earlier ones if it holds any work."""
        before = self._session.state
        if self._has_work():
            self._write("keeping the previous session", lambda: self.earlier.keep(before), lambda _: None)
        self.adopt(state, path, saved=saved, undo_text=undo_text)

    def _has_work(self) -> bool:
        """Return whether the session has loops or changes that no file holds."""
        session = self._session
        return not session.is_saved or (session.path is None and any(slot.clip for slot in session.state.slots))

    def _write(self, what: str, write: Callable[[], None], done: Callable[[Any], None]) -> None:
        """Write in the background, or when the instrument quits if that is sooner."""
        self._unwritten.append(write)

        def work(_progress: object, _stop: object) -> None:
            try:
                write()
            finally:
                self._unwritten.remove(write)

        self._tasks.submit(what, work, done)

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
        """Move the sliders to the seed in a text, or in the file that it names. Raises SeedError."""
        text = text.strip().strip("[]").strip()
        if not text or len(text) > 100_000:
            raise SeedError("the clipboard does not contain a seed: numbers separated by commas, or one whole number")
        size = len(self._session.state.seed)

        def load(seed: Seed) -> None:
            self._session.load_seed(seed, "Paste seed")

        if "," in text or text == RANDOM or parse_whole_number(text) is not None:
            load(read_seed(text, size))
        else:  # the path of a file
            self._tasks.submit("reading a seed", lambda _progress, _stop: read_seed(text, size), load)


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
