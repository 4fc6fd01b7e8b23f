"""The live loop: opens the session's model and renders the seed under the sliders."""

from PySide6.QtCore import QObject, Signal

from app.audio.interface import AnyPlayer
from app.audio.preparation import PreparedLoop
from app.notifications import Notifications
from app.rendering.queue import RenderQueue
from app.session.session import Session
from technogan.errors import RendererLost
from technogan.network.library import DEFAULT_MODEL
from technogan.network.spec import ModelSpec


class LiveLoop(QObject):
    """Keeps the live loop up to date, in the GUI thread.

    Nothing is rendered before `begin`, because the session may bring its own model and seed. Models open at any time.

    Signals: `model_opened` when a model plays; `model_failed` when none can; `first_rendered` with the first loop.
    """

    model_opened = Signal(object)  # ModelSpec
    model_failed = Signal()
    first_rendered = Signal()

    def __init__(self, session: Session, queue: RenderQueue, player: AnyPlayer, notifications: Notifications) -> None:
        super().__init__()
        self._session, self._queue, self._player, self._notifications = session, queue, player, notifications
        self.spec: ModelSpec | None = None
        self._wanted = ""
        self._begun = False
        session.seed_changed.connect(self.render)
        session.model_changed.connect(self.open_model)
        session.opened.connect(self._open_session)
        queue.opened.connect(self._use_opened)
        queue.rendered.connect(self._show)
        queue.failed.connect(self._fail)

    @property
    def model(self) -> str:
        """The name of the model that plays; the session's until one does."""
        return self.spec.name if self.spec is not None else self._session.state.model

    def begin(self) -> None:
        """Start rendering: the session has its model and its seed."""
        self._begun = True
        self._open_session()

    def open_model(self, name: str) -> None:
        """Open a model of the library, unless it is open or being opened."""
        if name != self._wanted:
            self._wanted = name
            self._queue.open(name)

    def reopen_model(self, name: str) -> None:
        """Open a model even if one of this name is open: its file may have changed."""
        self._wanted = ""
        self.open_model(name)

    def render(self, _seed: object = None) -> None:
        """Request the loop of the current seed."""
        if self.spec is not None and self._begun:
            state = self._session.state
            self._queue.request(state.seed, state.bpm, self._player.status.sample_rate)

    def _open_session(self) -> None:
        if self._begun:
            self.open_model(self._session.state.model)
            self._adopt_model()

    def _use_opened(self, requested: str, spec: ModelSpec) -> None:
        if requested == self._wanted:
            self._wanted = spec.name  # the library ignores case
        self.spec = spec
        self._adopt_model()

    def _adopt_model(self) -> None:
        """Give the session its model, once both the session and the wanted model are ready."""
        if self._begun and self.spec is not None and self.spec.name == self._wanted:
            self._report_version(self.spec)
            self._session.set_model(self.spec.name, self.spec.latent_size, self.spec.version)
            self.render()
            self.model_opened.emit(self.spec)

    def _report_version(self, spec: ModelSpec) -> None:
        state = self._session.state
        if state.model == spec.name and state.model_version not in ("", spec.version):
            made = f"This session was made with version {state.model_version} of {spec.name}"
            self._notifications.note(f"{made}; version {spec.version} gives other loops. The slots sound as before")

    def _show(self, prepared: PreparedLoop) -> None:
        is_first = self._session.loop is None
        self._player.add_prepared(prepared)
        self._session.set_loop(prepared.source)
        if is_first:
            self.first_rendered.emit()

    def _fail(self, error: Exception) -> None:
        if isinstance(error, RendererLost) and error.hung and self.spec is not None and self._wanted == self.spec.name:
            self._set_aside(self.spec.name)
            return
        self._notifications.error(error)
        playing = self.spec.name if self.spec is not None else ""
        failed, self._wanted = self._wanted, playing
        if failed == playing:
            return  # a render failed, not a model
        self.model_failed.emit()
        if self._begun and failed == self._session.state.model:
            self._report_replacement(failed, playing or DEFAULT_MODEL)
        if not playing and failed != DEFAULT_MODEL:
            self.open_model(DEFAULT_MODEL)
        self._adopt_model()

    def _report_replacement(self, failed: str, instead: str) -> None:
        if failed != instead:
            how = f"the sliders play {instead} instead, and the slots sound as before"
            self._notifications.warn(f"The model {failed} of this session cannot be opened; {how}")

    def _set_aside(self, name: str) -> None:
        """Render nothing more with a model that does not respond, until it is chosen again."""
        self.spec, self._wanted = None, ""
        self._notifications.warn(f"The model {name} does not respond and is not used. Choose another, or {name} again.")
        self.model_failed.emit()
