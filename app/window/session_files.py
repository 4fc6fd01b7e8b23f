"""The dialogs that open and save sessions and loops."""

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from app.controllers.transfer import Transfer
from app.session.session import Session
from app.session.session_file import SUFFIX
from app.session.state import SessionState

_SESSIONS = f"TechnoGAN session (*{SUFFIX})"


class SessionFiles:
    """Asks for files and hands them to the transfer. window: the parent of the dialogs."""

    def __init__(self, window: QWidget, session: Session, transfer: Transfer) -> None:
        self._window, self._session, self._transfer = window, session, transfer

    def new(self) -> None:
        """Start a new session with the same model and tempo, and a random seed."""
        state = self._session.state
        fresh = SessionState(model=state.model, bpm=state.bpm)
        if len(state.seed) == len(fresh.seed):
            self._transfer.adopt(fresh, None)
        self._session.randomise()

    def open(self) -> None:
        """Choose a session file and open it."""
        chosen, _ = QFileDialog.getOpenFileName(self._window, "Open session", str(Path.home()), _SESSIONS)
        if chosen:
            self._transfer.open(Path(chosen))

    def save(self) -> None:
        """Save to the file that the session came from; choose one if there is none."""
        path = self._session.path
        if path is None:
            self.save_as()
        else:
            self._transfer.save(path)

    def save_as(self) -> None:
        """Choose a file and save to it."""
        start = str(self._session.path or Path.home() / f"session{SUFFIX}")
        chosen, _ = QFileDialog.getSaveFileName(self._window, "Save session", start, _SESSIONS)
        if chosen:
            self._transfer.save(Path(chosen))

    def save_loop(self, index: int) -> None:
        """Choose a WAV file and write the loop of a slot to it."""
        clip = self._session.state.slots[index].clip
        if clip is None:
            return
        start = str(Path.home() / f"{clip.name} {self._session.state.bpm:g} bpm.wav")
        chosen, _ = QFileDialog.getSaveFileName(self._window, "Save loop", start, "WAV (*.wav)")
        if chosen:
            self._transfer.write_slot(index, Path(chosen))

    def save_stems(self, index: int) -> None:
        """Choose a folder and write the stems of a slot's loop to it."""
        chosen = QFileDialog.getExistingDirectory(self._window, "Save stems to a folder", str(Path.home()))
        if chosen:
            self._transfer.write_stems(index, Path(chosen))
