"""A session's state that emits signals when it changes."""

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.session.state import SessionState


class ObservedState(QObject):
    """The base of the session: it holds the state, and every change goes through `_set`."""

    model_changed = Signal(str)
    seed_changed = Signal(object)  # Seed
    slot_changed = Signal(int)
    live_changed = Signal(object)  # Live
    morph_changed = Signal(object)  # Morph
    bpm_changed = Signal(float)
    start_changed = Signal(object)  # Start
    changed = Signal()  # anything that a session file holds

    def __init__(self, state: SessionState) -> None:
        super().__init__()
        self._state = state

    @property
    def state(self) -> SessionState:
        """The current state, an immutable value that any thread may keep."""
        return self._state

    def _change(self, **changes: Any) -> None:
        self._set(replace(self._state, **changes))

    def _set(self, now: SessionState) -> None:
        """Replace the state, and emit a signal for each part that differs."""
        before, self._state = self._state, now
        if now == before:
            return
        if now.model != before.model:
            self.model_changed.emit(now.model)
        if (now.seed, now.reference, now.locked) != (before.seed, before.reference, before.locked):
            self.seed_changed.emit(now.seed)
        for i, slot in enumerate(now.slots):
            if i >= len(before.slots) or slot != before.slots[i]:
                self.slot_changed.emit(i)
        for name in ("live", "morph", "bpm", "start"):
            if getattr(now, name) != getattr(before, name):
                getattr(self, f"{name}_changed").emit(getattr(now, name))
        self.changed.emit()
