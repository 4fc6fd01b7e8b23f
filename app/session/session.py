"""The session: the instrument's mutable state, all in one place.

Sliders, the crossfader that moves them, locks and the contents of slots can be undone, one gesture at a time. Levels,
mutes and tempo are part of the performance and cannot be undone: an undo on stage must not move a level.
"""

from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QUndoStack

from app.session.loop_names import name_of
from app.session.observed_state import ObservedState
from app.session.reservations import Reservation, Reservations, was_filled
from app.session.state import Clip, SessionState, Slot, Start
from app.session.undo import CROSSFADER, SLIDERS, Gestures, Snapshot, UndoStep
from technogan.errors import SeedError
from technogan.seeds import paths
from technogan.seeds.seed import Seed
from technogan.sound.loop import Loop, check_bpm

_UNDO_LIMIT = 100


class Session(ObservedState):
    """The state of the instrument, in the GUI thread.

    Args:
        state: the initial state.
        rng: the source of random seeds and mutations.
    """

    awaited_changed = Signal(int, bool)  # index of a slot, whether it waits for a loop
    loop_changed = Signal(object)  # Loop: the live loop has been rendered
    file_changed = Signal()  # the path, or whether the file is up to date
    opened = Signal()  # everything may have changed

    def __init__(self, state: SessionState | None = None, *, rng: np.random.Generator | None = None) -> None:
        super().__init__(state or SessionState())
        self._rng = np.random.default_rng() if rng is None else rng
        self._saved = self._state
        self._gestures = Gestures(lambda: Snapshot.of(self._state), self._push_step)
        self._reservations = Reservations()
        self._undoing = False
        self.path: Path | None = None
        self.loop: Loop | None = None
        self.undo_stack = QUndoStack(self)
        self.undo_stack.setUndoLimit(_UNDO_LIMIT)

    @property
    def is_saved(self) -> bool:
        """True if the session file is up to date."""
        return self._saved == self._state

    # --- seed

    def set_seed(self, seed: Seed, text: str = "Change sliders") -> None:
        """Move all sliders that are not locked. Raises SeedError if the number of values differs."""
        if len(seed) != len(self._state.seed):
            wanted = len(self._state.seed)
            raise SeedError(f"the model {self._state.model} has {wanted} sliders; this seed has {len(seed)} values")
        with self.gesture(text):
            self._change(seed=self._unlocked(seed))

    def set_seed_value(self, index: int, value: float) -> None:
        """Move one slider, even if it is locked. Raises SeedError if the value is out of range."""
        values = list(self._state.seed.values)
        values[index] = value
        with self._gestures.step(f"Slider {index + 1}", SLIDERS):
            self._change(seed=Seed(tuple(values)))

    def load_seed(self, seed: Seed, text: str = "Load seed") -> None:
        """Move the sliders as `set_seed` does, and make their new values the reference."""
        with self.gesture(text):
            self.set_seed(seed)
            self._change(reference=self._state.seed)

    def randomise(self) -> None:
        """Move the sliders to a random seed."""
        self.set_seed(Seed.random(self._rng, len(self._state.seed)), "Randomise")

    def mutate(self, amount: float) -> None:
        """Move every slider by a random offset of up to `amount`."""
        self.set_seed(paths.mutate(self._state.seed, amount, self._rng), "Mutate")

    def zero(self) -> None:
        """Move all sliders to the centre."""
        self.set_seed(Seed((0.0,) * len(self._state.seed)), "Zero")

    def toggle_lock(self, index: int) -> None:
        """Lock or unlock a slider. A locked slider stays in place when the others move."""
        with self.gesture("Lock"):
            self._change(locked=self._state.locked ^ {index})

    def begin_gesture(self, text: str, origin: str = SLIDERS) -> None:
        """Combine all changes of the same origin until `end_gesture` into one undo step."""
        self._gestures.begin(text, origin)

    def end_gesture(self, origin: str = SLIDERS) -> None:
        """End the undo step that `begin_gesture` started."""
        self._gestures.end(origin)

    def gesture(self, text: str) -> AbstractContextManager[None]:
        """Combine the changes of a `with` block into one undo step; a nested gesture is part of the outer one."""
        return self._gestures.step(text)

    # --- slots

    def keep(self, index: int) -> bool:
        """Keep the live loop in a slot. Returns False if there is none yet."""
        if self.loop is None:
            return False
        seed = Clip("", self.loop).seed or self._state.seed
        with self.gesture(f"Keep in {index + 1}"):
            self._fill(index, Clip(name_of(seed), self.loop))
            if len(seed) == len(self._state.seed):
                self._change(reference=seed)
        return True

    def fill(self, index: int, clip: Clip) -> None:
        """Put a clip into a slot; a playing slot keeps playing."""
        with self.gesture(f"Fill {index + 1}"):
            self._fill(index, clip)

    def clear(self, index: int) -> None:
        """Empty a slot."""
        with self.gesture(f"Clear {index + 1}"):
            self._fill(index, None)

    def rename(self, index: int, name: str) -> None:
        """Rename the clip of a slot."""
        clip = self._state.slots[index].clip
        if clip is not None and name.strip():
            with self.gesture("Rename"):
                self._fill(index, replace(clip, name=name.strip()))

    def load_slot(self, index: int) -> bool:
        """Move all sliders, including locked ones, to the seed of a slot. Returns False if the slot has none."""
        clip = self._state.slots[index].clip
        if clip is None or clip.seed is None:
            return False
        if len(clip.seed) != len(self._state.seed):
            self.set_seed(clip.seed)  # raises SeedError
        with self.gesture(f"Load {clip.name}"):
            self._change(seed=clip.seed, reference=clip.seed)
        return True

    def set_slot(self, index: int, **changes: Any) -> None:
        """Change how a slot plays: playing, muted, soloed, level_db, stems. Raises SettingError."""
        slot = replace(self._state.slots[index], **changes)
        if slot.playing and slot.clip is None:
            slot = replace(slot, playing=False)
        self._change(slots=_with(self._state.slots, index, slot))

    def first_empty(self, after: int = -1) -> int | None:
        """Return the first slot that is empty and not reserved, beginning behind `after`; None if there is none."""
        return self._reservations.first_free(self._state.slots, after)

    def reserve(self, index: int | None, what: str) -> Reservation:
        """Reserve a slot for a loop that is to come; the first empty one if `index` is None.

        Raises SettingError if the slot is reserved already, or if none is empty.
        """
        made = self._reservations.reserve(index, what, self._state.slots)
        self.awaited_changed.emit(made.index, True)
        return made

    def release(self, reservation: Reservation) -> bool:
        """End a reservation; return False if it had ended."""
        held = self._reservations.release(reservation)
        if held:
            self.awaited_changed.emit(reservation.index, False)
        return held

    def land(self, reservation: Reservation, clip: Clip) -> str:
        """Put a clip into the slot that was reserved for it; into an empty one if that slot has been filled meanwhile.

        Returns a message if the clip is anywhere else than was asked for, otherwise "".
        """
        if not self.release(reservation):
            return f"{clip.name} was not loaded: another session was opened meanwhile"
        index, note = reservation.index, ""
        if was_filled(reservation, self._state.slots):
            empty = self.first_empty()
            if empty is None:
                note = f"{clip.name} replaced what came into slot {index + 1} meanwhile; undo brings that back"
            else:
                note = f"{clip.name} is in slot {empty + 1}, because slot {index + 1} was filled meanwhile"
                index = empty
        self.fill(index, clip)
        return note

    # --- playing

    def set_live(self, **changes: Any) -> None:
        """Change how the live loop plays: on, level_db, stems."""
        self._change(live=replace(self._state.live, **changes))

    def toggle_live(self) -> None:
        """Switch the live loop on or off."""
        self.set_live(on=not self._state.live.on)

    def set_morph(self, **changes: Any) -> None:
        """Change the settings of the morph. Use `move_morph` to move it."""
        self._change(morph=replace(self._state.morph, **changes))

    def move_morph(self, position: float) -> bool:
        """Move the crossfader and the sliders with it. Returns False, without moving sliders, if a slot has no seed."""
        ends = self.morph_ends()
        if ends is None:
            self.set_morph(position=position)
            return False
        between = paths.slerp if self._state.morph.spherical else paths.lerp
        with self._gestures.step("Morph", CROSSFADER):
            self.set_morph(position=position)
            self._change(seed=self._unlocked(between(*ends, position)))
        return True

    def morph_ends(self) -> tuple[Seed, Seed] | None:
        """Return the seeds of slots a and b; None if one is missing or does not fit the model."""
        slots, morph, size = self._state.slots, self._state.morph, len(self._state.seed)
        clips = [slots[i].clip for i in (morph.a, morph.b) if i < len(slots)]
        seeds = [clip.seed for clip in clips if clip is not None and clip.seed is not None]
        if len(seeds) < 2 or any(len(seed) != size for seed in seeds):
            return None
        return seeds[0], seeds[1]

    def set_bpm(self, bpm: float) -> None:
        """Set the tempo. Raises SettingError if it is out of range."""
        check_bpm(bpm)
        self._change(bpm=bpm)

    def set_start(self, start: Start) -> None:
        """Set when slots start and stop: at once, on the beat or on the bar."""
        self._change(start=start)

    def set_model(self, model: str, latent_size: int, version: str = "") -> None:
        """Set the model. If its number of sliders differs, the seed becomes random and the undo history is cleared.

        Args:
            model: its name.
            latent_size: its number of sliders.
            version: its version; "" if it is not known.
        """
        if model == self._state.model:
            version = version or self._state.model_version
        if latent_size != len(self._state.seed):
            seed = Seed.random(self._rng, latent_size)
            self._change(model=model, model_version=version, seed=seed, reference=seed, locked=frozenset())
            self._clear_undo()
            return
        unknown, was_saved = self._state.model_version == "", self.is_saved
        self._change(model=model, model_version=version)
        if unknown and was_saved:  # files of earlier releases do not state the version
            self._saved = replace(self._saved, model_version=version)

    def set_loop(self, loop: Loop) -> None:
        """Set the live loop after it has been rendered."""
        self.loop = loop
        self.loop_changed.emit(loop)

    def make_new(self) -> SessionState:
        """Return a new session with the same model, tempo and number of slots, and a random seed."""
        state = self._state
        seed = Seed.random(self._rng, len(state.seed))
        slots = (Slot(),) * len(state.slots)
        return SessionState(state.model, state.model_version, state.bpm, seed=seed, reference=seed, slots=slots)

    def open(self, state: SessionState, path: Path | None, *, saved: bool = True, undo_text: str = "") -> None:
        """Replace the session.

        Args:
            state: the state of the new session.
            path: its file, or None.
            saved: whether that file is up to date.
            undo_text: the text of an undo step that brings the replaced session back; "" for no such step.
        """
        before = (self._state, self.path, self._saved)
        after = (state, path, state if saved else SessionState())
        self._replace(*after)
        self.undo_stack.clear()
        if undo_text:
            step = UndoStep(undo_text, lambda: self._replay(*before), lambda: self._replay(*after))
            self.undo_stack.push(step)

    def mark_saved(self, state: SessionState, path: Path) -> None:
        """Record that the file at `path` holds this state."""
        self._saved, self.path = state, path
        self.file_changed.emit()

    # --- internals

    def _unlocked(self, seed: Seed) -> Seed:
        now, locked = self._state.seed.values, self._state.locked
        return Seed(tuple(now[i] if i in locked else value for i, value in enumerate(seed.values)))

    def _fill(self, index: int, clip: Clip | None) -> None:
        slot = self._state.slots[index]
        slot = replace(slot, clip=clip, playing=slot.playing and clip is not None)
        self._change(slots=_with(self._state.slots, index, slot))

    def _push_step(self, text: str, before: Snapshot, after: Snapshot) -> None:
        def restore(wanted: Snapshot, changed: Snapshot) -> None:
            self._set(wanted.restore(self._state, changed))

        self.undo_stack.push(UndoStep(text, lambda: restore(before, after), lambda: restore(after, before)))

    def _replace(self, state: SessionState, path: Path | None, saved: SessionState) -> None:
        self._gestures.forget()
        for reservation in self._reservations.all():
            self.release(reservation)
        self.path, self._saved = path, saved
        self._set(state)
        self.opened.emit()
        self.file_changed.emit()

    def _replay(self, state: SessionState, path: Path | None, saved: SessionState) -> None:
        self._undoing = True
        try:
            self._replace(state, path, saved)
        finally:
            self._undoing = False

    def _clear_undo(self) -> None:
        # The stack must not be cleared by one of its own steps.
        if self._undoing:
            QTimer.singleShot(0, self.undo_stack.clear)
        else:
            self.undo_stack.clear()


def _with(slots: tuple[Slot, ...], index: int, slot: Slot) -> tuple[Slot, ...]:
    return (*slots[:index], slot, *slots[index + 1 :])
