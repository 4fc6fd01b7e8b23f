"""The session: the instrument's mutable state, all in one place.

Sliders, locks and the contents of slots can be undone, one gesture at a time. Levels, mutes, tempo and morph are part
of the performance and cannot be undone: an undo on stage must not move a fader.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from app.session.loop_names import name_of
from app.session.state import Clip, SessionState, Slot, Start
from technogan.errors import SeedError
from technogan.seeds import paths
from technogan.seeds.seed import Seed
from technogan.sound.loop import Loop, check_bpm

_UNDO_LIMIT = 100


@dataclass(frozen=True, slots=True)
class _Snapshot:
    """The part of the state that undo restores."""

    seed: Seed
    reference: Seed
    locked: frozenset[int]
    clips: tuple[Clip | None, ...]


class Session(QObject):
    """The state of the instrument, in the GUI thread.

    Args:
        state: the initial state.
        rng: the source of random seeds and mutations.
    """

    seed_changed = Signal(object)  # Seed
    slot_changed = Signal(int)
    live_changed = Signal(object)  # Live
    morph_changed = Signal(object)  # Morph
    bpm_changed = Signal(float)
    start_changed = Signal(object)  # Start
    model_changed = Signal(str)
    loop_changed = Signal(object)  # Loop: the live loop has been rendered
    file_changed = Signal()  # the path, or whether the file is up to date
    changed = Signal()  # anything that a session file holds
    opened = Signal()  # everything may have changed

    def __init__(self, state: SessionState | None = None, *, rng: np.random.Generator | None = None) -> None:
        super().__init__()
        self._state = state or SessionState()
        self._rng = np.random.default_rng() if rng is None else rng
        self._saved = self._state
        self._gesture: tuple[str, _Snapshot] | None = None
        self.path: Path | None = None
        self.loop: Loop | None = None
        self.undo_stack = QUndoStack(self)
        self.undo_stack.setUndoLimit(_UNDO_LIMIT)

    @property
    def state(self) -> SessionState:
        """The current state, an immutable value that any thread may keep."""
        return self._state

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
        with self.gesture(f"Slider {index + 1}"):
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

    def begin_gesture(self, text: str) -> None:
        """Combine all changes until `end_gesture` into one undo step."""
        if self._gesture is None:
            self._gesture = (text, self._take_snapshot())

    def end_gesture(self) -> None:
        """End the undo step that `begin_gesture` started."""
        if self._gesture is None:
            return
        (text, before), self._gesture = self._gesture, None
        if self._take_snapshot() != before:
            self.undo_stack.push(_UndoStep(self, text, before, self._take_snapshot()))

    @contextlib.contextmanager
    def gesture(self, text: str) -> Iterator[None]:
        """Begin and end a gesture; a nested gesture is part of the outer one."""
        if self._gesture is not None:
            yield
            return
        self.begin_gesture(text)
        try:
            yield
        finally:
            self.end_gesture()

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

    def first_empty(self) -> int | None:
        """Return the index of the first empty slot, or None."""
        return next((i for i, slot in enumerate(self._state.slots) if slot.clip is None), None)

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
        self.set_morph(position=position)
        ends = self.morph_ends()
        if ends is None:
            return False
        between = paths.slerp if self._state.morph.spherical else paths.lerp
        self.set_seed(between(*ends, position), "Morph")
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

    def set_model(self, model: str, latent_size: int) -> None:
        """Set the model. If its number of sliders differs, the seed becomes random and the undo history is cleared."""
        if latent_size != len(self._state.seed):
            seed = Seed.random(self._rng, latent_size)
            self._change(model=model, seed=seed, reference=seed, locked=frozenset())
            self.undo_stack.clear()
        else:
            self._change(model=model)

    def set_loop(self, loop: Loop) -> None:
        """Set the live loop after it has been rendered."""
        self.loop = loop
        self.loop_changed.emit(loop)

    def open(self, state: SessionState, path: Path | None, *, saved: bool = True) -> None:
        """Replace the session.

        Args:
            state: the state of the new session.
            path: its file, or None.
            saved: whether that file is up to date.
        """
        self._gesture = None
        self.path = path
        self._change(**{name: getattr(state, name) for name in SessionState.__slots__})
        self._saved = self._state if saved else SessionState()
        self.undo_stack.clear()
        self.opened.emit()
        self.file_changed.emit()

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

    def _take_snapshot(self) -> _Snapshot:
        state = self._state
        return _Snapshot(state.seed, state.reference, state.locked, tuple(slot.clip for slot in state.slots))

    def _restore(self, snapshot: _Snapshot) -> None:
        slots = tuple(
            replace(slot, clip=clip, playing=slot.playing and clip is not None)
            for slot, clip in zip(self._state.slots, snapshot.clips, strict=True)
        )
        self._change(seed=snapshot.seed, reference=snapshot.reference, locked=snapshot.locked, slots=slots)

    def _change(self, **changes: Any) -> None:
        before, self._state = self._state, replace(self._state, **changes)
        now = self._state
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


class _UndoStep(QUndoCommand):
    """An undo step: one gesture."""

    def __init__(self, session: Session, text: str, before: _Snapshot, after: _Snapshot) -> None:
        super().__init__(text)
        self._session, self._before, self._after = session, before, after

    def undo(self) -> None:
        self._session._restore(self._before)

    def redo(self) -> None:
        self._session._restore(self._after)


def _with(slots: tuple[Slot, ...], index: int, slot: Slot) -> tuple[Slot, ...]:
    return (*slots[:index], slot, *slots[index + 1 :])
