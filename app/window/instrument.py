"""The instrument: makes every object, connects them, starts and ends them.

Threads: the GUI's own; one for live rendering (`RenderQueue`); one each for sequences, files, recording, autosave and
tool windows (`TaskQueue`); two of the player and two of the OSC bridge. Processes: one mixes and plays the sound, one
renders for each of the live loop, sequences and OSC.
"""

import gc
import time
from functools import partial
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject

from app.audio.remote_player import RemotePlayer
from app.controllers.autosave import Autosave
from app.controllers.live_loop import LiveLoop
from app.controllers.loop_files import LoopFiles
from app.controllers.osc import OscController
from app.controllers.playback import Playback
from app.controllers.preview import Preview
from app.controllers.recording import RecordingController
from app.controllers.sequences import Sequences
from app.controllers.slots import SlotController
from app.controllers.stems import StemController
from app.controllers.tempo import TempoController
from app.controllers.transfer import Transfer
from app.controllers.view import ViewController
from app.notifications import Notifications
from app.osc.bridge import OscBridge
from app.rendering.process import RenderProcess
from app.rendering.queue import RenderQueue
from app.rendering.remote_engine import OpenEngine, RemoteEngine
from app.session.recovery import RecoveredSession, Recovery
from app.session.session import Session
from app.session.state import SessionState, Slot
from app.settings.preferences import Preferences
from app.settings.settings import Settings
from app.widgets.main_window import MainWindow
from app.widgets.message_bar import StatusMessage
from app.widgets.tokens import THEMES, Tokens
from app.window.actions import build_registry
from app.window.appearance import Appearance
from app.window.bindings import Bindings
from app.window.digit_keys import DigitKeys
from app.window.first_run import FirstRun
from app.window.frame_clock import FrameClock
from app.window.help import HelpWindows
from app.window.menus import Menus
from app.window.osc_window import OscWindow
from app.window.output import Output
from app.window.parts import Parts
from app.window.session_files import SessionFiles
from app.window.tool_windows import ToolWindows
from app.workers.tasks import TaskQueue
from app.workers.thread import CLOSE_S
from technogan.seeds.seed import Seed


class Instrument(QObject):
    """The whole instrument.

    Args:
        folder: where settings and autosave are.
        safe: start without what is saved there.
        open_engine: opens engines in place of the render processes, for tests.
    """

    def __init__(self, folder: Path, *, safe: bool = False, open_engine: OpenEngine | None = None) -> None:
        super().__init__()
        self._safe, self._closed = safe, False
        self._renderers = {name: RenderProcess() for name in ("live", "sequences", "osc")}
        engines = {name: open_engine or partial(open_named, process) for name, process in self._renderers.items()}
        if open_engine is None:
            self._renderers["live"].warm_up()
        self._tasks = {name: TaskQueue(name) for name in ("sequences", "files", "recording", "autosave")}
        files = self._tasks["files"]

        self.notifications = Notifications()
        self.preferences = Preferences(folder / "settings.json", self.notifications, safe=safe)
        self._recovery = Recovery(folder)
        settings = self.preferences.now
        self.session = Session(SessionState(slots=(Slot(),) * settings.slots))
        self.player = RemotePlayer(n_voices=settings.slots + 2, bpm=self.session.state.bpm, device=settings.device)
        self.queue = RenderQueue(engines["live"], interrupt=self._renderers["live"].interrupt)
        self.bridge = OscBridge()

        self.playback = Playback(self.session, self.player)
        self.live_loop = LiveLoop(self.session, self.queue, self.player, self.notifications)
        self.transfer = Transfer(self.session, files, self.notifications, self._recovery.earlier)
        self.loop_files = LoopFiles(self.session, files, self.notifications, self.player)
        self.sequences = Sequences(self.session, engines["sequences"], self._tasks["sequences"], self.notifications)
        self.osc = OscController(self.session, self.bridge, self.preferences, engines["osc"], files, self.notifications)
        self.slots = SlotController(self.session, self.playback, self.notifications)
        self.recording = RecordingController(self.player, self._tasks["recording"], self.notifications)
        self._autosave: Autosave | None = None

        self.window = MainWindow(THEMES[settings.theme], settings.slots)
        preview = Preview(self.playback, self.player, settings.slots + 1)
        self.tool_windows = ToolWindows(preview, self.notifications, self._tokens, self.live_loop.reopen_model)
        self.first_run = FirstRun(self.window, self.session, self.playback, self._tokens)
        self.help = HelpWindows(self.window, files, self.preferences, self.bridge, folder)
        self.osc_window = OscWindow(self.window, self.bridge, self.osc, self.preferences, self.notifications)
        self.output = Output(self.window, self.player, self.preferences, self.notifications)
        self.clock = FrameClock(self.session, self.player, self.playback, self.bridge, self.window)
        parts = Parts(
            window=self.window,
            session=self.session,
            playback=self.playback,
            sequences=self.sequences,
            transfer=self.transfer,
            loop_files=self.loop_files,
            slots=self.slots,
            stems=StemController(self.session),
            tempo=TempoController(self.session, self.notifications),
            recording=self.recording,
            view=ViewController(self.preferences),
            preferences=self.preferences,
            files=SessionFiles(self.window, self.session, self.transfer, self.loop_files),
            osc=self.osc_window,
            tools=self.tool_windows,
            first_run=self.first_run,
            help=self.help,
            notifications=self.notifications,
        )
        self.registry = build_registry(parts)
        self.menus = Menus(self.window, self.registry, self.preferences, self.transfer)
        self.bindings = Bindings(parts, self.menus, self._tasks["sequences"])
        self.appearance = Appearance(self.window, self.preferences, self.tool_windows.restyle)
        self._connect()
        self._apply(settings)

    def start(self) -> None:
        """Show the window, then recover the session, open the model and start the sound."""
        self.window.restore(self.preferences.now.geometry)
        self.window.loop.spectrogram.set_hint("Opening the model")
        self.window.show()
        DigitKeys(self.window).start()
        self.window.seed.bars.setFocus()
        # The session to recover most likely uses the default model; another follows if not.
        self.live_loop.open_model(self.session.state.model)
        self.player.start()
        self.clock.start()
        safe = self._safe
        self._tasks["files"].submit(
            "the last session", lambda _progress, _stop: self._recovery.begin(safe=safe), self._begin
        )

    def close(self) -> None:
        """Save everything and end every process and thread, whatever they are doing."""
        if self._closed:
            return
        self._closed = True
        deadline = time.monotonic() + CLOSE_S
        self.clock.stop()
        # Processes first: threads that wait for their answers then go on at once.
        self.player.begin_close()
        for process in self._renderers.values():
            process.close()
        self.preferences.set(geometry=self.window.geometry_text())
        self.preferences.save()
        self.osc_window.close()
        self.first_run.close()
        self.tool_windows.close()
        self.bridge.stop()
        for tasks in self._tasks.values():
            tasks.close(deadline - time.monotonic())
        self.queue.close(deadline - time.monotonic())
        if self._autosave is not None:
            self._autosave.close()
        else:
            self._recovery.end()
        self.player.close()
        self.transfer.close()
        self.loop_files.close()

    def _connect(self) -> None:
        window, messages = self.window, self.window.messages
        self.notifications.noted.connect(lambda text: messages.show_message(StatusMessage(text)))
        self.notifications.failed.connect(
            lambda text, details: messages.show_message(StatusMessage(text, details, error=True))
        )
        window.closing.connect(self.close)
        # Settings that are saved once tell the next start that it is not the first.
        self.first_run.closed.connect(self.preferences.save)
        window.transport.model.chosen.connect(self.live_loop.open_model)
        self.live_loop.model_opened.connect(self._use_model)
        self.live_loop.model_failed.connect(self._show_no_model)
        self.live_loop.first_rendered.connect(self._finish_start)
        self.queue.busy_changed.connect(window.loop.set_busy)
        self.clock.status_changed.connect(self.output.show_status)
        self.clock.problem.connect(self.notifications.error)
        self.clock.recording_ended.connect(self.recording.report)
        self.transfer.saved.connect(self.preferences.add_recent)
        self.transfer.opened.connect(self.preferences.add_recent)
        self.preferences.changed.connect(self._apply)

    def _begin(self, recovered: RecoveredSession) -> None:
        """Use the session that was recovered, or a random seed; from now on the session saves itself."""
        if self.preferences.problem:
            self.notifications.note(self.preferences.problem)
        if recovered.note:
            (self.notifications.warn if recovered.serious else self.notifications.note)(recovered.note)
        if recovered.state is not None:
            self.transfer.adopt(recovered.state, None, saved=False)
        else:
            self.session.load_seed(Seed.random(np.random.default_rng(), len(self.session.state.seed)))
            self.session.undo_stack.clear()
        self._autosave = Autosave(self.session, self._recovery, self._tasks["autosave"], self.notifications)
        self.live_loop.begin()

    def _finish_start(self) -> None:
        """Do what can wait until there is something to hear."""
        # Objects made so far stay until the end: the garbage collector need not search them in every frame.
        gc.freeze()
        self.osc.restart()
        self.tool_windows.look_for_runs()

    def _use_model(self) -> None:
        self.transfer.spec = self.live_loop.spec
        self._show_models()

    def _show_no_model(self) -> None:
        self.window.loop.spectrogram.set_hint("No model")
        self._show_models()

    def _show_models(self) -> None:
        from technogan.network.library import available_models

        self.window.transport.show_models([bundle.spec.name for bundle in available_models()], self.live_loop.model)

    def _apply(self, settings: Settings) -> None:
        self.appearance.apply(settings)
        self.playback.set_master(settings.master_db)
        self.clock.analysing = settings.analyser
        self.osc.apply(settings)

    def _tokens(self) -> Tokens:
        return THEMES[self.preferences.now.theme]


def open_named(process: RenderProcess, name: str) -> RemoteEngine:
    """Return an engine in a render process, with a model of the library. Raises TechnoganError."""
    from technogan.network.library import find_installed_model

    return RemoteEngine(find_installed_model(name), process)
