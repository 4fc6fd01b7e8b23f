"""The map of the instrument: every object is made here, and knows of the others what is said here.

Threads: the GUI's own; technogan-render (the live loop); technogan-sequences, -files, -autosave, -workshop (in the
background); the player's two (`app.audio.remote_player`); the OSC bridge's two (`technogan.osc`). Sound is mixed in a
process of its own (`app.audio.player`). Loops are made in others, one for each of the live loop, sequences and OSC
(`app.rendering.process`).
"""

from __future__ import annotations

import gc
from functools import partial
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication

from app.audio.player import PlayerStatus
from app.audio.preparation import PreparedLoop
from app.audio.recorder import Recording
from app.audio.remote_player import RemotePlayer
from app.controllers.autosave import Keeper
from app.controllers.osc import OscHost
from app.controllers.playback import Sound
from app.controllers.preview import Audition
from app.controllers.sequences import Sequences
from app.controllers.transfer import Exchange
from app.notifications import Notices
from app.osc.bridge import OscBridge
from app.rendering.process import RenderProcess
from app.rendering.queue import RenderQueue
from app.rendering.remote_engine import OpenEngine, RemoteEngine
from app.session.recovery import Recovered, Recovery
from app.session.session import Session
from app.session.state import Slot, State
from app.settings.preferences import Preferences
from app.settings.settings import Settings
from app.widgets.main_window import MainWindow
from app.widgets.message_bar import Message
from app.widgets.osc_panel import OscPanel
from app.widgets.style import palette, style_sheet
from app.widgets.tokens import THEMES
from app.window.bindings import Wiring
from app.window.first_run import Welcome
from app.window.frame_clock import FrameClock
from app.window.help import Papers
from app.window.menus import Menus
from app.window.tool_windows import Workshop
from app.workers.tasks import Background
from technogan.network.library import DEFAULT_MODEL
from technogan.network.spec import ModelSpec
from technogan.seeds.seed import Seed

_LOG_EVERY_MS = 250


class Instrument(QObject):
    """The whole instrument. folder: for settings and autosave. safe: begin without what is saved there."""

    def __init__(self, folder: Path, *, safe: bool = False, open_engine: OpenEngine | None = None) -> None:
        super().__init__()
        self._renderers = {name: RenderProcess() for name in ("live", "sequences", "osc")}
        engines = {name: open_engine or partial(open_named, process) for name, process in self._renderers.items()}
        if open_engine is None:
            self._renderers["live"].start()
        self.notices = Notices()
        self.folder = folder
        self.preferences = Preferences(folder / "settings.json", self.notices, safe=safe)
        settings = self.preferences.now
        self._safe = safe
        self._recovery = Recovery(folder)
        self.session = Session(State(slots=(Slot(),) * settings.slots))
        self.player = RemotePlayer(n_voices=settings.slots + 2, bpm=self.session.state.bpm, device=settings.device)
        self.sound = Sound(self.session, self.player)
        self.queue = RenderQueue(engines["live"])
        self._backgrounds = {name: Background(name) for name in ("sequences", "files", "autosave")}
        files = self._backgrounds["files"]
        self.exchange = Exchange(self.session, files, self.notices, lambda: self.player.status.sample_rate)
        self.sequences = Sequences(self.session, engines["sequences"], self._backgrounds["sequences"])
        self.bridge = OscBridge()
        self.osc = OscHost(self.session, self.bridge, self.preferences, engines["osc"], files, self.notices)
        self.window = MainWindow(THEMES[settings.theme], settings.slots)
        self.osc_panel = OscPanel(THEMES[settings.theme], self.window)
        parts = (self.window, self.session, self.sound, self.sequences, self.exchange, self.notices)
        self.wiring = Wiring(*parts)
        audition = Audition(self.sound, self.player, settings.slots + 1)
        self.workshop = Workshop(audition, self.notices, lambda: THEMES[self.preferences.now.theme], self._use_model)
        self.welcome = Welcome(self.window, self.session, self.sound, lambda: THEMES[self.preferences.now.theme])
        self.papers = Papers(self.window, files, lambda: THEMES[self.preferences.now.theme])
        self.clock = FrameClock(self.session, self.player, self.sound, self.bridge, self.window)
        self.menus = Menus(self)
        self._keeper: Keeper | None = None
        self._model = self._wanted = ""
        self._begun = False
        self._applied = settings
        self._monitor = QTimer(self, interval=_LOG_EVERY_MS)
        self._connect()
        self._show_settings(settings)

    # --- life

    def start(self) -> None:
        """Show the window; then bring back what was there, open the model, begin to sound."""
        self.window.restore(self.preferences.now.geometry)
        self.window.loop.spectrogram.set_hint("opening the model")
        self.window.show()
        self.window.seed.bars.setFocus()
        # Most likely it is the one; if not, another follows.
        self._open_model(self.session.state.model)
        self.player.start()
        self.clock.start()
        safe = self._safe
        self._backgrounds["files"].submit(
            "the last session", lambda _progress, _stop: self._recovery.begin(safe=safe), self._begin
        )

    def close(self) -> None:
        """Save everything, and end every thread."""
        self.clock.stop()
        self._monitor.stop()
        self.preferences.set(geometry=self.window.geometry_text())
        self.preferences.save()
        self.osc_panel.close()
        self.welcome.close()
        self.workshop.close()
        self.bridge.stop()
        for background in self._backgrounds.values():
            background.close()
        self.queue.close()
        for process in self._renderers.values():
            process.close()
        if self._keeper is not None:
            self._keeper.close()
        self.player.close()
        self.exchange.close()

    def _begin(self, recovered: Recovered) -> None:
        if self.preferences.problem:
            self.notices.note(self.preferences.problem)
        if recovered.note:
            (self._warn if recovered.serious else self.notices.note)(recovered.note)
        if recovered.state is not None:
            self.exchange.adopt(recovered.state, None, saved=False)
        else:
            self.session.load_seed(Seed.random(np.random.default_rng(), len(self.session.state.seed)))
            self.session.undo_stack.clear()
        self._keeper = Keeper(self.session, self._recovery, self._backgrounds["autosave"], self.notices)
        self._begun = True
        self._open_model(self.session.state.model)
        self._take_up_model()

    # --- who hears of what

    def _connect(self) -> None:
        session, window, transport = self.session, self.window, self.window.transport
        self.notices.noted.connect(lambda text: window.messages.show_message(Message(text)))
        self.notices.failed.connect(lambda text, details: window.messages.show_message(Message(text, details, True)))
        session.seed_changed.connect(self._ask)
        session.bpm_changed.connect(self._show_title)
        session.model_changed.connect(self._open_model)
        session.file_changed.connect(self._show_title)
        session.opened.connect(self._opened)
        self.queue.opened.connect(self._model_opened)
        self.queue.rendered.connect(self._rendered)
        self.queue.failed.connect(self._render_failed)
        self.queue.busy_changed.connect(window.loop.set_busy)
        self._connect_sequences()
        transport.model_chosen.connect(self._open_model)
        transport.master_edited.connect(lambda level: self.preferences.set(master_db=level))
        transport.output_chosen.connect(self._choose_output)
        transport.record.clicked.connect(self.menus.record)
        transport.osc.clicked.connect(self.show_osc_panel)
        window.loop.axis.clicked.connect(self.menus.toggle_axis)
        window.loop.map.clicked.connect(self.menus.next_map)
        window.seed.mutation_changed.connect(lambda amount: self.preferences.set(mutation=amount))
        window.closing.connect(self.close)
        self.preferences.changed.connect(self._show_settings)
        self.clock.status_changed.connect(self._show_status)
        self.clock.problem.connect(self.notices.error)
        self.clock.recording_ended.connect(self._recorded)
        self._connect_osc()
        self.exchange.saved.connect(self.preferences.add_recent)
        self.exchange.opened.connect(self.preferences.add_recent)

    def _connect_sequences(self) -> None:
        panel, background = self.window.morph, self._backgrounds["sequences"]
        background.started.connect(lambda what: panel.show_progress(0.0, what))
        background.progressed.connect(lambda done: panel.show_progress(done, "rendering"))
        background.idle.connect(lambda: panel.show_progress(None))
        background.failed.connect(lambda what, error: self.notices.error(error, what))
        panel.cancel_asked.connect(background.cancel)

    def _connect_osc(self) -> None:
        self.osc.status_changed.connect(self._show_osc)
        self.osc_panel.on_toggled.connect(lambda on: self.preferences.set(osc=on))
        self.osc_panel.ports_edited.connect(
            lambda port, reply: self.wiring.attempt(self.preferences.set, osc_port=port, osc_reply_port=reply)
        )
        self._monitor.timeout.connect(self._show_messages)

    # --- model and loop

    def _ask(self, _seed: object = None) -> None:
        if self._model and self._begun:
            state = self.session.state
            self.queue.request(state.seed, state.bpm, self.player.status.sample_rate)

    def _open_model(self, name: str) -> None:
        if name != self._wanted:
            self._wanted = name
            self.queue.open(name)

    def _use_model(self, name: str) -> None:
        """A model of the library, perhaps under a name that plays already."""
        self._wanted = ""
        self._open_model(name)

    def _model_opened(self, asked: str, spec: ModelSpec) -> None:
        if asked == self._wanted:
            self._wanted = spec.name  # names are found whatever their case
        self._model = spec.name
        self.exchange.spec = spec
        self._take_up_model()

    def _take_up_model(self) -> None:
        """Once both are there, the model that is wanted and the session."""
        spec = self.exchange.spec
        if self._begun and spec is not None and spec.name == self._wanted:
            self.session.set_model(spec.name, spec.latent_size)
            self._show_models()
            self._ask()

    def _rendered(self, prepared: PreparedLoop) -> None:
        first = self.session.loop is None
        self.player.know(prepared)
        self.session.set_loop(prepared.source)
        if first:
            # What the start has made stays for good: looking through it for garbage would hold up a frame.
            gc.freeze()
            # What can wait until there is something to hear.
            self._show_models()
            self.osc.restart()
            self.workshop.look_for_runs()

    def _render_failed(self, error: Exception) -> None:
        self.notices.error(error)
        failed, self._wanted = self._wanted, self._model
        if failed != self._wanted:  # it was the model, and the one before plays on, or the one that is always there
            self.window.loop.spectrogram.set_hint("no model")
            self._show_models()
            if not self._model and failed != DEFAULT_MODEL:
                self._open_model(DEFAULT_MODEL)

    def _opened(self) -> None:
        """Another session: its model first, if that is another one."""
        if self._begun:
            self._open_model(self.session.state.model)
            self._take_up_model()

    # --- what is shown

    def _show_models(self) -> None:
        from technogan.network.library import listing

        found = listing()
        names = [bundle.spec.name for bundle in found.bundles]
        self.window.transport.show_models(names, self._model or self.session.state.model)

    def _show_title(self, _changed: object = None) -> None:
        path = self.session.path
        self.window.setWindowTitle(f"{path.stem} - TechnoGAN" if path else "TechnoGAN")

    def _show_status(self, status: PlayerStatus) -> None:
        transport = self.window.transport
        transport.show_outputs([device.title for device in self.player.devices()], self.preferences.now.device)
        transport.output.setToolTip(str(status))
        if status.device is None:
            self._warn(f"No sound: {status.problem}. It plays as soon as there is one.")
        elif self.window.messages.shown is not None and self.window.messages.shown.text.startswith("No sound"):
            self.window.messages.close_message()

    def _choose_output(self, title: str | None) -> None:
        self.preferences.set(device=title)
        self.player.use(title)

    def _show_settings(self, settings: Settings) -> None:
        window, before = self.window, self._applied
        self._applied = settings
        if settings.theme != before.theme or not window.isVisible():
            self._apply_theme(settings)
        window.loop.set_look(settings.colour_map, logarithmic=settings.logarithmic)
        window.loop.spectrum.setVisible(settings.analyser)
        self.clock.analysing = settings.analyser
        window.transport.show_master(settings.master_db)
        self.sound.set_master(settings.master_db)
        window.seed.amount.setValue(round(settings.mutation))
        if (settings.osc, settings.osc_port, settings.osc_reply_port) != (
            before.osc,
            before.osc_port,
            before.osc_reply_port,
        ):
            self.osc.restart()

    def _apply_theme(self, settings: Settings) -> None:
        tokens = THEMES[settings.theme]
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.setPalette(palette(tokens))
        application.setStyleSheet(style_sheet(tokens))
        self.window.restyle(tokens)
        self.workshop.restyle()

    def _show_osc(self, on: bool, status: str) -> None:
        now = self.preferences.now
        self.window.transport.osc.set_on(on, f"OSC: {status}")
        self.osc_panel.show_state(now.osc, now.osc_port, now.osc_reply_port, status)

    def show_osc_panel(self) -> None:
        """The OSC bridge's own window."""
        self._show_osc(self.bridge.running, self.osc.status)
        self.osc_panel.show()
        self.osc_panel.raise_()
        self._monitor.start()

    def _show_messages(self) -> None:
        if self.osc_panel.isVisible():
            self.osc_panel.show_lines(list(self.bridge.lines))
        else:
            self._monitor.stop()

    def _recorded(self, recording: Recording) -> None:
        if recording.error is not None:
            self.notices.error(recording.error, "The recording ended")
        else:
            self.notices.note(f"Recorded {recording.seconds:.0f} s into {recording.path}")

    def _warn(self, text: str) -> None:
        self.notices.failed.emit(text, text)


def open_named(process: RenderProcess, name: str) -> RemoteEngine:
    """An engine in this process, with a model of the library. Raises TechnoganError."""
    from technogan.network.library import find

    return RemoteEngine(find(name), process)
