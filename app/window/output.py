"""Shows which sound output plays, and lets the performer choose another."""

from PySide6.QtCore import QObject

from app.audio.interface import AnyPlayer
from app.audio.messages import PlayerStatus
from app.notifications import Notifications
from app.settings.preferences import Preferences
from app.widgets.main_window import MainWindow

_NO_SOUND = "No sound"


class Output(QObject):
    """The output menu of the transport, in the GUI thread."""

    def __init__(
        self, window: MainWindow, player: AnyPlayer, preferences: Preferences, notifications: Notifications
    ) -> None:
        super().__init__()
        self._window, self._player, self._preferences = window, player, preferences
        self._notifications = notifications
        window.transport.output_chosen.connect(self._choose)

    def show_status(self, status: PlayerStatus) -> None:
        """Show the devices and the one that plays; warn if there is none."""
        transport, messages = self._window.transport, self._window.messages
        transport.show_outputs([device.title for device in self._player.devices()], self._preferences.now.device)
        transport.output.setToolTip(str(status))
        if status.device is None:
            self._notifications.warn(f"{_NO_SOUND}: {status.problem}. Playback starts as soon as an output appears.")
        elif messages.shown is not None and messages.shown.text.startswith(_NO_SOUND):
            messages.close_message()

    def _choose(self, title: str | None) -> None:
        self._preferences.set(device=title)
        self._player.use_device(title)
