"""Which widget asks whom for what, and who tells which widget: the connections between window and session."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QMimeData, QObject, QUrl
from PySide6.QtGui import QDrag
from PySide6.QtWidgets import QFileDialog

from app.audio.tap_tempo import TapTempo
from app.controllers.playback import Sound
from app.controllers.sequences import Sequences
from app.controllers.transfer import Exchange
from app.notifications import Notices
from app.session.loop_names import name_of
from app.session.session import Session
from app.widgets.main_window import MainWindow
from app.widgets.slot_view import SlotView
from technogan.errors import TechnoganError
from technogan.sound.loop import Loop


class Wiring(QObject):
    """Edges where errors of the session become messages."""

    def __init__(
        self,
        window: MainWindow,
        session: Session,
        sound: Sound,
        sequences: Sequences,
        exchange: Exchange,
        notices: Notices,
    ) -> None:
        super().__init__()
        self._window, self._session, self._sound, self._notices = window, session, sound, notices
        self._sequences, self._exchange = sequences, exchange
        self._taps = TapTempo()
        self._wire_seed()
        self._wire_transport()
        self._wire_morph()
        self._wire_slots()
        session.loop_changed.connect(self._show_loop)
        session.opened.connect(self.show_all)
        session.undo_stack.canUndoChanged.connect(window.transport.undo.setEnabled)
        session.undo_stack.canRedoChanged.connect(window.transport.redo.setEnabled)
        window.dropped.connect(lambda paths: exchange.take(paths))
        self.show_all()

    def show_all(self) -> None:
        """Everything may have changed."""
        state, window = self._session.state, self._window
        self._show_seed()
        self._show_live()
        window.slots.show_slots(state.slots)
        window.slots.start.show_choice(state.start.value)
        window.transport.bpm.show_value(state.bpm)
        self._show_morph()
        window.transport.undo.setEnabled(self._session.undo_stack.canUndo())
        window.transport.redo.setEnabled(self._session.undo_stack.canRedo())

    def attempt(self, action: Any, *arguments: Any, **named: Any) -> Any:
        """Do it; what goes wrong is told."""
        try:
            return action(*arguments, **named)
        except TechnoganError as error:
            self._notices.error(error)
            return None

    # --- seed

    def _wire_seed(self) -> None:
        panel, session = self._window.seed, self._session
        panel.bars.value_edited.connect(partial(self.attempt, session.set_seed_value))
        panel.bars.lock_toggled.connect(session.toggle_lock)
        panel.bars.gesture_began.connect(session.begin_gesture)
        panel.bars.gesture_ended.connect(session.end_gesture)
        panel.randomise_asked.connect(session.randomise)
        panel.mutate_asked.connect(partial(self.attempt, session.mutate))
        panel.zero_asked.connect(session.zero)
        panel.live_toggled.connect(lambda on: session.set_live(on=on))
        panel.live_level_edited.connect(lambda level: session.set_live(level_db=level))
        session.seed_changed.connect(self._show_seed)
        session.live_changed.connect(self._show_live)

    def _show_seed(self, _seed: object = None) -> None:
        state = self._session.state
        self._window.seed.show_seed(state.seed.values, state.reference.values, state.locked)
        self._window.seed.name.setText(name_of(state.seed))

    def _show_live(self, _live: object = None) -> None:
        live = self._session.state.live
        self._window.seed.show_live(live.on, live.level_db)

    def _show_loop(self, loop: Loop) -> None:
        self._window.loop.show_loop(loop)

    # --- transport

    def _wire_transport(self) -> None:
        transport, session = self._window.transport, self._session
        transport.play_toggled.connect(self._sound.run)
        transport.bpm_edited.connect(partial(self.attempt, session.set_bpm))
        transport.tapped.connect(self.tap)
        transport.undo.clicked.connect(session.undo_stack.undo)
        transport.redo.clicked.connect(session.undo_stack.redo)
        self._sound.running_changed.connect(transport.show_running)
        session.bpm_changed.connect(transport.bpm.show_value)

    def tap(self) -> None:
        """One tap of the tempo."""
        bpm = self._taps.tap(time.monotonic())
        if bpm is not None:
            self.attempt(self._session.set_bpm, bpm)

    # --- morph

    def _wire_morph(self) -> None:
        panel, session = self._window.morph, self._session
        panel.morph_edited.connect(lambda changes: self.attempt(session.set_morph, **changes))
        panel.moved.connect(partial(self.attempt, session.move_morph))
        panel.gesture_began.connect(partial(session.begin_gesture, "Morph"))
        panel.gesture_ended.connect(session.end_gesture)
        panel.sequence_asked.connect(partial(self.attempt, self._sequences.make))
        session.morph_changed.connect(self._show_morph)
        session.slot_changed.connect(self._show_morph)

    def _show_morph(self, _changed: object = None) -> None:
        state = self._session.state
        self._window.morph.show_morph(state.morph, state.slots)

    # --- slots

    def _wire_slots(self) -> None:
        strip, session = self._window.slots, self._session
        strip.start_chosen.connect(session.set_start)
        strip.stop_all_asked.connect(self._sound.stop_all)
        session.start_changed.connect(lambda start: strip.start.show_choice(start.value))
        session.slot_changed.connect(lambda i: strip.slots[i].show_slot(session.state.slots[i]))
        self._sequences.awaited_changed.connect(lambda i, awaited: strip.slots[i].thumbnail.set_awaited(awaited))
        for i, view in enumerate(strip.slots):
            self._wire_slot(i, view)

    def _wire_slot(self, i: int, view: SlotView) -> None:
        session = self._session
        view.keep_asked.connect(partial(self.keep, i))
        view.load_asked.connect(partial(self.load, i))
        view.clear_asked.connect(partial(session.clear, i))
        view.renamed.connect(partial(session.rename, i))
        view.play_toggled.connect(partial(self._sound.play, i))
        view.mute_toggled.connect(lambda muted: session.set_slot(i, muted=muted))
        view.solo_toggled.connect(lambda soloed: session.set_slot(i, soloed=soloed))
        view.level_edited.connect(lambda level: session.set_slot(i, level_db=level))
        view.save_asked.connect(partial(self._save_slot, i))
        view.drag_asked.connect(partial(self._drag_slot, i))
        view.dropped.connect(lambda paths: self._exchange.take(paths, i))

    def keep(self, i: int) -> None:
        """Keep the live loop in slot i."""
        if i < len(self._session.state.slots) and not self._session.keep(i):
            self._notices.note("There is no loop to keep yet: the first one is still being made")

    def load(self, i: int) -> None:
        """The seed of slot i under the sliders."""
        if i < len(self._session.state.slots):
            self.attempt(self._session.load_slot, i)

    def toggle_slot(self, i: int) -> None:
        """Start or stop slot i."""
        if i < len(self._session.state.slots):
            self._sound.play(i, not self._session.state.slots[i].playing)

    def cross(self) -> None:
        """The crossfader to its other end."""
        self.attempt(self._session.move_morph, 0.0 if self._session.state.morph.position >= 0.5 else 1.0)

    def _save_slot(self, i: int) -> None:
        clip = self._session.state.slots[i].clip
        if clip is None:
            return
        name = str(Path.home() / f"{clip.name} {self._session.state.bpm:g} bpm.wav")
        chosen, _ = QFileDialog.getSaveFileName(self._window, "Save loop", name, "WAV (*.wav)")
        if chosen:
            self._exchange.write_slot(i, Path(chosen))

    def _drag_slot(self, i: int) -> None:
        path = self.attempt(self._exchange.file_of_slot, i)
        if path is None:
            return
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path))])
        drag = QDrag(self._window.slots.slots[i])
        drag.setMimeData(data)
        drag.setPixmap(self._window.slots.slots[i].thumbnail.grab())
        drag.exec()
