"""The bridge in the window: on and off, and what clients do shows on the screen."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.notifications import Notices
from app.osc.bridge import Made, OscBridge
from app.rendering.remote_engine import OpenEngine, RemoteEngine
from app.session.loop_names import name_of
from app.session.session import Session
from app.session.state import Clip
from app.settings.preferences import Preferences
from app.workers.tasks import Background
from technogan.errors import TechnoganError


class OscHost(QObject):
    """In the GUI thread. An id is the number of the slot that its loop goes to; others only get their files."""

    status_changed = Signal(bool, str)

    def __init__(
        self,
        session: Session,
        bridge: OscBridge,
        preferences: Preferences,
        open_engine: OpenEngine,
        background: Background,
        notices: Notices,
    ) -> None:
        super().__init__()
        self._session, self._bridge, self._preferences = session, bridge, preferences
        self._open_engine, self._background, self._notices = open_engine, background, notices
        self.status = "off"
        bridge.made.connect(self._made)
        bridge.bpm_set.connect(session.set_bpm)
        bridge.model_loaded.connect(session.set_model)
        session.bpm_changed.connect(bridge.set_bpm)
        session.model_changed.connect(bridge.set_model)

    def restart(self) -> None:
        """Begin anew with the ports that the settings name, or end."""
        self._bridge.stop()
        if not self._preferences.now.osc:
            self._say(False, "off")
            return
        model = self._session.state.model
        self._say(False, "starting")
        self._background.submit("OSC", lambda _progress, _stop: self._open_engine(model), self._start)

    def _start(self, engine: RemoteEngine) -> None:
        now = self._preferences.now
        if not now.osc:
            return
        try:
            bpm = self._session.state.bpm
            self._bridge.start(engine, self._open_engine, port=now.osc_port, reply_port=now.osc_reply_port, bpm=bpm)
        except TechnoganError as error:
            self._say(False, str(error))
            self._notices.error(error, "OSC is off")
            return
        self._bridge.set_model(self._session.state.model)
        ports = f"127.0.0.1:{now.osc_port}, answering to port {now.osc_reply_port}"
        self._say(True, f"listening on {ports}; files go to {self._bridge.directory}")

    def _made(self, made: Made) -> None:
        if 1 <= made.id <= len(self._session.state.slots):
            origin = made.loop.origin
            name = name_of(origin.seeds[0]) if origin else "OSC"
            self._session.fill(made.id - 1, Clip(name if made.kind == "single" else f"{name} {made.kind}", made.loop))

    def _say(self, on: bool, status: str) -> None:
        self.status = status
        self.status_changed.emit(on, status)
