"""The dialogs that open and save sessions and loops."""

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from app.controllers.loop_files import LoopFiles
from app.controllers.transfer import Transfer
from app.session.session import Session
from app.session.session_file import SUFFIX

_SESSIONS = f"TechnoGAN session (*{SUFFIX})"


class SessionFiles:
    """Asks for files and hands them to the controllers. window: the parent of the dialogs."""

    def __init__(self, window: QWidget, session: Session, transfer: Transfer, loop_files: LoopFiles) -> None:
        self._window, self._session, self._transfer, self._loop_files = window, session, transfer, loop_files

    def new(self) -> None:
        """Start a new session."""
        self._transfer.new()

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
        name = self._loop_files.suggest_name(index)
        if not name:
            return
        chosen, _ = QFileDialog.getSaveFileName(self._window, "Save loop", str(Path.home() / name), "WAV (*.wav)")
        if chosen:
            self._loop_files.save(index, Path(chosen))

    def save_stems(self, index: int) -> None:
        """Choose a folder and write the stems of a slot's loop to it."""
        chosen = QFileDialog.getExistingDirectory(self._window, "Save stems to a folder", str(Path.home()))
        if chosen:
            self._loop_files.save_stems(index, Path(chosen))
