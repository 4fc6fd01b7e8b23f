"""The OSC bridge of the window: starts and stops it, and puts the loops of clients into slots."""

from PySide6.QtCore import QObject, Signal

from app.notifications import Notifications
from app.osc.bridge import GeneratedLoop, OscBridge
from app.rendering.remote_engine import OpenEngine, WindowEngine
from app.session.loop_names import name_of
from app.session.session import Session
from app.session.state import Clip
from app.settings.preferences import Preferences
from app.settings.settings import Settings
from app.workers.tasks import TaskQueue
from technogan.errors import TechnoganError
from technogan.osc.ports import LOOPBACK


class OscController(QObject):
    """Runs the bridge, in the GUI thread. A loop with the id n goes to slot n; other loops are only written to files.

    `status_changed` carries whether the bridge is listening, and a status text.
    """

    status_changed = Signal(bool, str)

    def __init__(
        self,
        session: Session,
        bridge: OscBridge,
        preferences: Preferences,
        open_engine: OpenEngine,
        tasks: TaskQueue,
        notifications: Notifications,
    ) -> None:
        super().__init__()
        self._session, self._bridge, self._preferences = session, bridge, preferences
        self._open_engine, self._tasks, self._notifications = open_engine, tasks, notifications
        self._applied = _osc_settings(preferences.now)
        self.status = "off"
        bridge.generated.connect(self._fill_slot)
        bridge.bpm_set.connect(session.set_bpm)
        bridge.model_loaded.connect(session.set_model)
        session.bpm_changed.connect(bridge.set_bpm)
        session.model_changed.connect(bridge.set_model)

    def apply(self, settings: Settings) -> None:
        """Restart the bridge if its settings have changed."""
        before, self._applied = self._applied, _osc_settings(settings)
        if before != self._applied:
            self.restart()

    def restart(self) -> None:
        """Start the bridge with the ports of the settings, or stop it if it is switched off."""
        self._bridge.stop()
        if not self._preferences.now.osc:
            self._set_status(False, "off")
            return
        model = self._session.state.model
        self._set_status(False, "starting")
        self._tasks.submit("OSC", lambda _progress, _stop: self._open_engine(model), self._start)

    def _start(self, engine: WindowEngine) -> None:
        now = self._preferences.now
        if not now.osc:
            return
        try:
            bpm = self._session.state.bpm
            self._bridge.start(engine, self._open_engine, port=now.osc_port, reply_port=now.osc_reply_port, bpm=bpm)
        except TechnoganError as error:
            self._set_status(False, str(error))
            self._notifications.error(error, "OSC is off")
            return
        self._bridge.set_model(self._session.state.model)
        ports = f"{LOOPBACK}:{now.osc_port}, replying to port {now.osc_reply_port}"
        self._set_status(True, f"listening on {ports}; files go to {self._bridge.directory}")

    def _fill_slot(self, generated: GeneratedLoop) -> None:
        if 1 <= generated.id <= len(self._session.state.slots):
            origin = generated.loop.origin
            name = name_of(origin.seeds[0]) if origin else "OSC"
            self._session.fill(
                generated.id - 1,
                Clip(name if generated.kind == "single" else f"{name} {generated.kind}", generated.loop),
            )

    def _set_status(self, on: bool, status: str) -> None:
        self.status = status
        self.status_changed.emit(on, status)


def _osc_settings(settings: Settings) -> tuple[bool, int, int]:
    return settings.osc, settings.osc_port, settings.osc_reply_port
