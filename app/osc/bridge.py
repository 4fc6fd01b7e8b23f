"""The OSC service hosted in the window: its threads do the work, and what they do is told to the GUI thread."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.rendering.remote_engine import OpenEngine, RemoteEngine
from technogan.osc.commands import Generate, LoadModel, SetBpm
from technogan.osc.jobs import Job, Request
from technogan.osc.maker import Renderer
from technogan.osc.protocol import Reply
from technogan.osc.server import Server
from technogan.osc.service import Listener, Service, in_library
from technogan.sound.loop import Loop

_LINES = 200
_LINE_LENGTH = 160
_CLIENT = "window"


@dataclass(frozen=True, slots=True)
class Made:
    """A loop that a client asked for. id: the client's number for it; kind: single, fade, pingpong or walk."""

    id: int
    kind: str
    loop: Loop


class OscBridge(QObject):
    """In the GUI thread. `lines` and `count` grow with every message; whoever shows them polls."""

    made = Signal(object)  # Made
    model_loaded = Signal(str, int)  # name, latent size
    bpm_set = Signal(float)
    stopped = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.lines: deque[str] = deque(maxlen=_LINES)
        self.count = 0
        self._service: Service | None = None
        self._server: Server | None = None
        self._bpm: float | None = None
        self._model = ""

    @property
    def running(self) -> bool:
        """Whether it listens."""
        return self._server is not None

    @property
    def directory(self) -> Path | None:
        """Where files go."""
        return self._service.settings.directory if self._service else None

    def start(self, engine: RemoteEngine, open_engine: OpenEngine, *, port: int, reply_port: int, bpm: float) -> None:
        """Listen. engine: the bridge's own from now on. open_engine: opens another model.

        Raises PortError, OutputError or SettingError.
        """
        self.stop()
        service = Service(
            engine, open_model=lambda name: open_engine(in_library(name).spec.name), listeners=[_Ear(self)]
        )
        server = Server(service, port=port, reply_port=reply_port)
        server.start()
        service.start()
        self._service, self._server = service, server
        self._model, self._bpm = engine.spec.name, None
        self.set_bpm(bpm)

    def stop(self) -> None:
        """Answer what waits, and close the port."""
        if self._service is not None and self._server is not None:
            self._service.stop()
            self._server.stop()
            self._service = self._server = None
            self.stopped.emit()

    def set_bpm(self, bpm: float) -> None:
        """The window's tempo is the clients' too."""
        if self._service is not None and bpm != self._bpm:
            self._bpm = bpm
            self._service.submit(Request(SetBpm(bpm), _CLIENT, _ignore, "set_bpm"))

    def set_model(self, name: str) -> None:
        """The window's model is the clients' too."""
        if self._service is not None and name != self._model:
            self._model = name
            self._service.submit(Request(LoadModel(name), _CLIENT, _ignore, "load_model"))

    def heard(self, line: str) -> None:
        """From any thread: a message came or went."""
        self.lines.append(line[:_LINE_LENGTH])
        self.count += 1

    def noticed_settings(self) -> None:
        """From any thread: a client may have changed the tempo."""
        service = self._service
        if service is not None and service.settings.bpm not in (None, self._bpm):
            self._bpm = service.settings.bpm
            self.bpm_set.emit(self._bpm)

    def noticed_model(self, engine: Renderer) -> None:
        """From the service's worker: another model plays."""
        if engine.spec.name != self._model:
            self._model = engine.spec.name
            self.model_loaded.emit(engine.spec.name, engine.spec.latent_size)


class _Ear(Listener):
    """Called from the service's threads; emits signals and appends to a deque, both of which any thread may."""

    def __init__(self, bridge: OscBridge) -> None:
        self._bridge = bridge

    def received(self, sender: str, message: object) -> None:
        self._bridge.heard(f"←  {sender}  {message}")

    def sent(self, receiver: str, message: object) -> None:
        self._bridge.heard(f"→  {receiver}  {message}")
        self._bridge.noticed_settings()

    def dropped(self, sender: str, reason: str) -> None:
        self._bridge.heard(f"!  {sender}  {reason}")

    def job_finished(self, job: Job, reply: Reply, loop: Loop | None) -> None:
        command = job.request.command
        if loop is not None and isinstance(command, Generate):
            self._bridge.made.emit(Made(command.id, command.kind.name, loop))

    def model_loaded(self, engine: Renderer) -> None:
        self._bridge.noticed_model(engine)


def _ignore(_reply: Reply) -> None:
    """The window needs no answer: it hears of everything as a listener."""
