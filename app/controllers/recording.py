"""Recording of the master output."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path

from PySide6.QtCore import QStandardPaths

from app.audio.interface import AnyPlayer
from app.audio.recorder import Recording
from app.notifications import Notifications
from app.workers.tasks import TaskQueue


class RecordingController:
    """Starts and stops recordings in the background, and reports where they are saved."""

    def __init__(self, player: AnyPlayer, tasks: TaskQueue, notifications: Notifications) -> None:
        self._player, self._tasks, self._notifications = player, tasks, notifications
        self._starting = False
        tasks.failed.connect(lambda _what, error: notifications.error(error))

    def toggle(self) -> None:
        """Start a recording, or stop the one that is running or starting."""
        recording = self._player.recording
        if self._starting or (recording is not None and recording.running):
            # After the start, if that has not happened yet.
            self._run(self._player.stop_recording)
            return
        self._starting = True
        path = recordings_dir() / f"TechnoGAN {datetime.now():%Y-%m-%d %H-%M-%S}.wav"
        self._run(partial(self._player.record, path), ended=self._end_start)

    def report(self, recording: Recording) -> None:
        """Report a recording that has ended."""
        if recording.error is not None:
            self._notifications.error(recording.error, "The recording stopped")
        else:
            self._notifications.note(f"Recorded {recording.seconds:.0f} s to {recording.path}")

    def _run(self, call: Callable[[], None], *, ended: Callable[[], None] = lambda: None) -> None:
        self._tasks.submit("recording", lambda _progress, _stop: call(), lambda _: None, ended=ended)

    def _end_start(self) -> None:
        self._starting = False


def recordings_dir() -> Path:
    """Return the folder for recordings. It may not exist yet."""
    music = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.MusicLocation)
    return Path(music or Path.home()) / "TechnoGAN"
