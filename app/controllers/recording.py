"""Recording of the master output."""

from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QStandardPaths

from app.audio.interface import AnyPlayer
from app.audio.recorder import Recording
from app.notifications import Notifications


class RecordingController:
    """Starts and stops recordings, and reports where they are saved."""

    def __init__(self, player: AnyPlayer, notifications: Notifications) -> None:
        self._player, self._notifications = player, notifications

    def toggle(self) -> None:
        """Start a recording, or stop the running one."""
        recording = self._player.recording
        if recording is not None and recording.running:
            self._player.stop_recording()
            return
        path = recordings_dir() / f"TechnoGAN {datetime.now():%Y-%m-%d %H-%M-%S}.wav"
        self._notifications.attempt(self._player.record, path)

    def report(self, recording: Recording) -> None:
        """Report a recording that has ended."""
        if recording.error is not None:
            self._notifications.error(recording.error, "The recording stopped")
        else:
            self._notifications.note(f"Recorded {recording.seconds:.0f} s to {recording.path}")


def recordings_dir() -> Path:
    """Return the folder for recordings. It may not exist yet."""
    music = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.MusicLocation)
    return Path(music or Path.home()) / "TechnoGAN"
