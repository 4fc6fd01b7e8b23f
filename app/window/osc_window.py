"""The window of the OSC bridge: its switch, its ports and the last messages."""

from PySide6.QtCore import QObject, QTimer

from app.controllers.osc import OscController
from app.notifications import Notifications
from app.osc.bridge import OscBridge
from app.settings.preferences import Preferences
from app.widgets.main_window import MainWindow
from app.widgets.osc_panel import OscPanel
from app.widgets.tokens import THEMES

_REFRESH_MS = 250


class OscWindow(QObject):
    """Shows the state of the bridge in its own window and in the transport, in the GUI thread."""

    def __init__(
        self,
        window: MainWindow,
        bridge: OscBridge,
        osc: OscController,
        preferences: Preferences,
        notifications: Notifications,
    ) -> None:
        super().__init__()
        self._window, self._bridge, self._osc, self._preferences = window, bridge, osc, preferences
        self.panel = OscPanel(THEMES[preferences.now.theme], window)
        self._refresh = QTimer(self, interval=_REFRESH_MS)
        self._refresh.timeout.connect(self._show_messages)
        osc.status_changed.connect(self._show_status)
        self.panel.on.clicked.connect(lambda on: preferences.set(osc=on))
        self.panel.ports_edited.connect(
            lambda port, reply: notifications.attempt(preferences.set, osc_port=port, osc_reply_port=reply)
        )

    def show(self) -> None:
        """Open the window, or raise it."""
        self._show_status(self._bridge.running, self._osc.status)
        self.panel.show()
        self.panel.raise_()
        self._refresh.start()

    def close(self) -> None:
        """Close the window."""
        self._refresh.stop()
        self.panel.close()

    def _show_status(self, on: bool, status: str) -> None:
        now = self._preferences.now
        self._window.transport.osc.set_on(on, f"OSC: {status}")
        self.panel.show_state(now.osc, now.osc_port, now.osc_reply_port, status)

    def _show_messages(self) -> None:
        if self.panel.isVisible():
            self.panel.show_lines(list(self._bridge.lines))
        else:
            self._refresh.stop()
