"""The bindings between the window and the session: who calls whom, and who shows what."""

from functools import partial
from pathlib import Path

from PySide6.QtCore import QMimeData, QObject, Qt, QTimer, QUrl
from PySide6.QtGui import QDrag, QGuiApplication

from app.controllers.loop_files import at_tempo
from app.session.loop_names import name_of
from app.session.undo import CROSSFADER
from app.widgets.slot_view import SlotView
from app.widgets.stem_strip import StemStrip
from app.window.menus import Menus
from app.window.parts import Parts
from app.workers.tasks import TaskQueue


class Bindings(QObject):
    """Connects every widget to what it changes, and every change to the widgets that show it."""

    def __init__(self, parts: Parts, menus: Menus, sequence_tasks: TaskQueue) -> None:
        super().__init__()
        self._its, self._window, self._session = parts, parts.window, parts.session
        self._attempt = parts.notifications.attempt
        self._bind_buttons(menus)
        self._bind_seed()
        self._bind_transport()
        self._bind_morph()
        self._bind_sequences(sequence_tasks)
        self._bind_slots(menus)
        self._bind_session()
        self.show_all()

    def show_all(self) -> None:
        """Show the whole session."""
        state, window = self._session.state, self._window
        self._show_seed()
        self._show_live()
        window.slots.show_slots(state.slots)
        window.slots.start.show_choice(state.start.value)
        window.transport.bpm.show_value(state.bpm)
        self._show_morph()
        window.transport.undo.setEnabled(self._session.undo_stack.canUndo())
        window.transport.redo.setEnabled(self._session.undo_stack.canRedo())

    # --- session

    def _bind_session(self) -> None:
        session, window, transport = self._session, self._window, self._window.transport
        session.loop_changed.connect(self._show_loop)
        session.bpm_changed.connect(self._show_loop)
        session.loop_changed.connect(self._show_live)
        session.opened.connect(self.show_all)
        session.file_changed.connect(self._show_title)
        session.undo_stack.canUndoChanged.connect(transport.undo.setEnabled)
        session.undo_stack.canRedoChanged.connect(transport.redo.setEnabled)
        window.dropped.connect(lambda paths: self._its.transfer.load_files(paths))

    def _show_loop(self, _changed: object = None) -> None:
        """Show the live loop as it sounds: its length and its frequencies follow the tempo."""
        loop = self._session.loop
        if loop is not None:
            self._window.loop.show_loop(at_tempo(loop, self._session.state.bpm))

    def _show_title(self) -> None:
        path = self._session.path
        self._window.setWindowTitle(f"{path.stem} - TechnoGAN" if path else "TechnoGAN")

    # --- buttons that trigger actions

    def _bind_buttons(self, menus: Menus) -> None:
        transport, loop = self._window.transport, self._window.loop
        for signal, action_id in (
            (transport.undo.clicked, "seed.undo"),
            (transport.redo.clicked, "seed.redo"),
            # On the way down: the tap counts when the finger meets the button.
            (transport.tap.pressed, "transport.tap"),
            (transport.record.clicked, "transport.record"),
            (transport.osc.clicked, "osc.show"),
            (loop.axis.clicked, "view.axis"),
            (loop.map.clicked, "view.colours"),
            (self._window.seed.random.clicked, "seed.random"),
            (self._window.seed.zero.clicked, "seed.zero"),
            (self._window.slots.stop_all.clicked, "slots.stop"),
        ):
            signal.connect(menus.action(action_id).trigger)

    # --- seed

    def _bind_seed(self) -> None:
        panel, session = self._window.seed, self._session
        panel.bars.value_edited.connect(partial(self._attempt, session.set_seed_value))
        panel.bars.lock_toggled.connect(session.toggle_lock)
        panel.bars.gesture_began.connect(session.begin_gesture)
        panel.bars.gesture_ended.connect(session.end_gesture)
        panel.mutate_requested.connect(partial(self._attempt, session.mutate))
        panel.live.clicked.connect(lambda on: session.set_live(on=on))
        panel.live_level.level_edited.connect(lambda level: session.set_live(level_db=level))
        self._bind_stems(None, panel.stems)
        session.seed_changed.connect(self._show_seed)
        session.live_changed.connect(self._show_live)

    def _show_seed(self, _seed: object = None) -> None:
        state = self._session.state
        self._window.seed.show_seed(state.seed.values, state.reference.values, state.locked)
        self._window.seed.name.setText(name_of(state.seed))

    def _show_live(self, _live: object = None) -> None:
        live = self._session.state.live
        self._window.seed.show_live(live.on, live.level_db)
        self._window.seed.stems.show_stems(self._its.stems.names(None), live.stems)

    def _bind_stems(self, slot: int | None, strip: StemStrip) -> None:
        stems = self._its.stems
        strip.toggled.connect(partial(stems.toggle, slot))
        strip.solo_requested.connect(partial(stems.solo, slot))
        strip.level_edited.connect(partial(stems.set_level, slot))

    # --- transport

    def _bind_transport(self) -> None:
        transport, playback = self._window.transport, self._its.playback
        transport.play_toggled.connect(playback.run)
        transport.bpm.value_edited.connect(self._its.tempo.set)
        playback.running_changed.connect(transport.show_running)
        self._session.bpm_changed.connect(transport.bpm.show_value)

    # --- morph

    def _bind_morph(self) -> None:
        panel, session = self._window.morph, self._session
        panel.morph_edited.connect(lambda changes: self._attempt(session.set_morph, **changes))
        panel.moved.connect(partial(self._attempt, session.move_morph))
        panel.crossfader.gesture_began.connect(partial(session.begin_gesture, "Morph", CROSSFADER))
        panel.crossfader.gesture_ended.connect(partial(session.end_gesture, CROSSFADER))
        panel.sequence_requested.connect(partial(self._attempt, self._its.sequences.make))
        session.morph_changed.connect(self._show_morph)
        session.slot_changed.connect(self._show_morph)

    def _show_morph(self, _changed: object = None) -> None:
        state = self._session.state
        self._window.morph.show_morph(state.morph, state.slots)

    def _bind_sequences(self, tasks: TaskQueue) -> None:
        panel, notifications = self._window.morph, self._its.notifications
        tasks.started.connect(lambda what: panel.show_progress(0.0, what))
        tasks.progressed.connect(lambda done: panel.show_progress(done, "rendering"))
        tasks.idle.connect(lambda: panel.show_progress(None))
        tasks.failed.connect(lambda what, error: notifications.error(error, what))
        panel.cancel.clicked.connect(tasks.cancel)

    # --- slots

    def _bind_slots(self, menus: Menus) -> None:
        strip, session = self._window.slots, self._session
        strip.start_chosen.connect(session.set_start)
        session.start_changed.connect(lambda start: strip.start.show_choice(start.value))
        session.slot_changed.connect(lambda i: strip.slots[i].show_slot(session.state.slots[i]))
        session.awaited_changed.connect(lambda i, awaited: strip.slots[i].thumbnail.set_awaited(awaited))
        for index, view in enumerate(strip.slots):
            self._bind_slot(index, view, menus)

    def _bind_slot(self, index: int, view: SlotView, menus: Menus) -> None:
        session, its = self._session, self._its
        view.keep_requested.connect(partial(its.slots.keep, index))
        view.load_requested.connect(partial(its.slots.load, index))
        view.menu_requested.connect(partial(menus.show_slot, index))
        view.renamed.connect(partial(session.rename, index))
        view.play.clicked.connect(lambda playing: its.playback.play(index, playing))
        view.mute.clicked.connect(lambda muted: session.set_slot(index, muted=muted))
        view.solo.clicked.connect(lambda soloed: session.set_slot(index, soloed=soloed))
        view.level.level_edited.connect(lambda level: session.set_slot(index, level_db=level))
        self._bind_stems(index, view.stems)
        view.thumbnail.drag_requested.connect(partial(self._drag_slot, index, view))
        view.dropped.connect(lambda paths: its.transfer.load_files(paths, index))

    def _drag_slot(self, index: int, view: SlotView, by_stem: bool) -> None:
        def begin(paths: list[Path]) -> None:
            # A drag runs until the mouse button is released; the task that wrote the files has to end before.
            QTimer.singleShot(0, view, lambda: self._start_drag(view, paths))

        self._its.loop_files.prepare_drag(index, begin, by_stem=by_stem)

    def _start_drag(self, view: SlotView, paths: list[Path]) -> None:
        if not QGuiApplication.mouseButtons() & Qt.MouseButton.LeftButton:
            self._its.notifications.note(f"{paths[0].name} is ready: drag it again")
            return
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
        drag = QDrag(view)
        drag.setMimeData(data)
        drag.setPixmap(view.thumbnail.grab())
        drag.exec()
