"""The OSC service inside the window. Its threads do the work; signals report it to the GUI thread."""

from collections import deque
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.rendering.remote_engine import OpenEngine, WindowEngine
from technogan.network.library import find_installed_model
from technogan.osc.commands import Generate, LoadModel, SetBpm
from technogan.osc.jobs import OscJob, OscRequest
from technogan.osc.loop_writer import Renderer
from technogan.osc.protocol import Reply
from technogan.osc.server import Server
from technogan.osc.service import Listener, Service
from technogan.sound.loop import Loop

_LINES = 200
_LINE_LENGTH = 160
_CLIENT = "window"


@dataclass(frozen=True, slots=True)
class GeneratedLoop:
    """A loop that a client requested. id: the client's number for it; kind: single, fade, pingpong or walk."""

    id: int
    kind: str
    loop: Loop


class OscBridge(QObject):
    """Runs the OSC service. The GUI thread calls its methods.

    `lines` and `count` grow with every message, in any thread; views poll them. The signals are emitted in the
    service's threads.
    """

    generated = Signal(object)  # GeneratedLoop
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
        """True while the service listens."""
        return self._server is not None

    @property
    def directory(self) -> Path | None:
        """The folder that files are written to."""
        return self._service.settings.directory if self._service else None

    def start(self, engine: WindowEngine, open_engine: OpenEngine, *, port: int, reply_port: int, bpm: float) -> None:
        """Start listening.

        Args:
            engine: the first engine; only the service may use it from now on.
            open_engine: opens another model.
            port: the UDP port to listen on.
            reply_port: the UDP port of clients that have not registered.
            bpm: the tempo.

        Raises:
            PortError: the port is in use.
            OutputError: the folder for files cannot be created.
            SettingError: a port or the tempo is out of range.
        """
        self.stop()
        service = Service(
            engine,
            open_model=lambda name: open_engine(find_installed_model(name).spec.name),
            listeners=[_BridgeListener(self)],
        )
        server = Server(service, port=port, reply_port=reply_port)
        server.start()
        service.start()
        self._service, self._server = service, server
        self._model, self._bpm = engine.spec.name, None
        self.set_bpm(bpm)

    def stop(self) -> None:
        """Reply to the waiting requests, and close the port."""
        if self._service is not None and self._server is not None:
            self._service.stop()
            self._server.stop()
            self._service = self._server = None
            self.stopped.emit()

    def set_bpm(self, bpm: float) -> None:
        """Set the tempo of the service to the window's."""
        if self._service is not None and bpm != self._bpm:
            self._bpm = bpm
            self._service.submit(OscRequest(SetBpm(bpm), _CLIENT, _ignore, "set_bpm"))

    def set_model(self, name: str) -> None:
        """Set the model of the service to the window's."""
        if self._service is not None and name != self._model:
            self._model = name
            self._service.submit(OscRequest(LoadModel(name), _CLIENT, _ignore, "load_model"))

    def log_message(self, line: str) -> None:
        """Log a message that was received or sent. Any thread may call it."""
        self.lines.append(line[:_LINE_LENGTH])
        self.count += 1

    def report_tempo(self) -> None:
        """Emit `bpm_set` if a client changed the tempo. Any thread may call it."""
        service = self._service
        if service is not None and service.settings.bpm not in (None, self._bpm):
            self._bpm = service.settings.bpm
            self.bpm_set.emit(self._bpm)

    def report_model(self, engine: Renderer) -> None:
        """Emit `model_loaded` if a client loaded another model. The service's worker calls it."""
        if engine.spec.name != self._model:
            self._model = engine.spec.name
            self.model_loaded.emit(engine.spec.name, engine.spec.latent_size)


class _BridgeListener(Listener):
    """Called in the service's threads. It emits signals and appends to a deque, which any thread may do."""

    def __init__(self, bridge: OscBridge) -> None:
        self._bridge = bridge

    def received(self, sender: str, message: object) -> None:
        self._bridge.log_message(f"←  {sender}  {message}")

    def sent(self, receiver: str, message: object) -> None:
        self._bridge.log_message(f"→  {receiver}  {message}")
        self._bridge.report_tempo()

    def dropped(self, sender: str, reason: str) -> None:
        self._bridge.log_message(f"!  {sender}  {reason}")

    def job_finished(self, job: OscJob, reply: Reply, loop: Loop | None) -> None:
        command = job.request.command
        if loop is not None and isinstance(command, Generate):
            self._bridge.generated.emit(GeneratedLoop(command.id, command.kind.name, loop))

    def model_loaded(self, engine: Renderer) -> None:
        self._bridge.report_model(engine)


def _ignore(_reply: Reply) -> None:
    """Ignore the reply to a command from the window: the listener reports its effects."""
