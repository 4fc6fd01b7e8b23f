"""The only state that changes: what a musician has made and set. Widgets ask it for changes and hear of them.

Sliders, locks and the contents of slots can be undone, a gesture at a time. What is part of playing (levels, mutes,
tempo, morph) cannot: an undo on stage must not move a fader.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from app.session.loop_names import name_of
from app.session.state import Clip, Slot, Start, State
from technogan.errors import SeedError
from technogan.seeds import paths
from technogan.seeds.seed import Seed
from technogan.sound.loop import Loop, check_bpm

_UNDO_LIMIT = 100


@dataclass(frozen=True, slots=True)
class _Patch:
    """The part of a state that can be undone."""

    seed: Seed
    reference: Seed
    locked: frozenset[int]
    clips: tuple[Clip | None, ...]


class Session(QObject):
    """One musician's state, in the GUI thread. rng: for random seeds and mutations."""

    seed_changed = Signal(object)  # Seed
    slot_changed = Signal(int)
    live_changed = Signal(object)  # Live
    morph_changed = Signal(object)  # Morph
    bpm_changed = Signal(float)
    start_changed = Signal(object)  # Start
    model_changed = Signal(str)
    loop_changed = Signal(object)  # Loop: what is under the sliders, rendered
    file_changed = Signal()  # path, or whether it is saved
    changed = Signal()  # anything that a session file holds
    opened = Signal()  # everything may have changed

    def __init__(self, state: State | None = None, *, rng: np.random.Generator | None = None) -> None:
        super().__init__()
        self._state = state or State()
        self._rng = np.random.default_rng() if rng is None else rng
        self._saved = self._state
        self._gesture: tuple[str, _Patch] | None = None
        self.path: Path | None = None
        self.loop: Loop | None = None
        self.undo_stack = QUndoStack(self)
        self.undo_stack.setUndoLimit(_UNDO_LIMIT)

    @property
    def state(self) -> State:
        """As it is now; a value that nobody changes, so any thread may keep it."""
        return self._state

    @property
    def is_saved(self) -> bool:
        """Whether the file holds all that is here."""
        return self._saved == self._state

    # --- seed

    def set_seed(self, seed: Seed, text: str = "Change sliders") -> None:
        """Move all sliders that are not locked. Raises SeedError for a seed of another size."""
        if len(seed) != len(self._state.seed):
            wanted = len(self._state.seed)
            raise SeedError(f"the model {self._state.model} has {wanted} sliders; this seed has {len(seed)} values")
        with self.gesture(text):
            self._become(seed=self._unlocked(seed))

    def set_seed_value(self, index: int, value: float) -> None:
        """Move one slider, locked or not: a hand on it is meant. Raises SeedError beyond its ends."""
        values = list(self._state.seed.values)
        values[index] = value
        with self.gesture(f"Slider {index + 1}"):
            self._become(seed=Seed(tuple(values)))

    def load_seed(self, seed: Seed, text: str = "Load seed") -> None:
        """As `set_seed`, and it counts as kept."""
        with self.gesture(text):
            self.set_seed(seed)
            self._become(reference=self._state.seed)

    def randomise(self) -> None:
        """A new random seed."""
        self.set_seed(Seed.random(self._rng, len(self._state.seed)), "Randomise")

    def mutate(self, amount: float) -> None:
        """Move every slider by up to `amount`."""
        self.set_seed(paths.mutate(self._state.seed, amount, self._rng), "Mutate")

    def zero(self) -> None:
        """All sliders to the middle."""
        self.set_seed(Seed((0.0,) * len(self._state.seed)), "Zero")

    def toggle_lock(self, index: int) -> None:
        """A locked slider stays when all others move."""
        with self.gesture("Lock"):
            self._become(locked=self._state.locked ^ {index})

    def begin_gesture(self, text: str) -> None:
        """All changes until `end_gesture` are one step to undo."""
        if self._gesture is None:
            self._gesture = (text, self._patch())

    def end_gesture(self) -> None:
        """See `begin_gesture`."""
        if self._gesture is None:
            return
        (text, before), self._gesture = self._gesture, None
        if self._patch() != before:
            self.undo_stack.push(_Step(self, text, before, self._patch()))

    @contextlib.contextmanager
    def gesture(self, text: str) -> Iterator[None]:
        """As begin and end; inside another gesture it is part of that."""
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
        """Keep the loop under the sliders in a slot. Returns False where there is none yet."""
        if self.loop is None:
            return False
        seed = Clip("", self.loop).seed or self._state.seed
        with self.gesture(f"Keep in {index + 1}"):
            self._fill(index, Clip(name_of(seed), self.loop))
            if len(seed) == len(self._state.seed):
                self._become(reference=seed)
        return True

    def fill(self, index: int, clip: Clip) -> None:
        """Put a clip into a slot; a playing slot goes on playing with it."""
        with self.gesture(f"Fill {index + 1}"):
            self._fill(index, clip)

    def clear(self, index: int) -> None:
        """Empty a slot."""
        with self.gesture(f"Clear {index + 1}"):
            self._fill(index, None)

    def rename(self, index: int, name: str) -> None:
        """Give a clip another name."""
        clip = self._state.slots[index].clip
        if clip is not None and name.strip():
            with self.gesture("Rename"):
                self._fill(index, replace(clip, name=name.strip()))

    def load_slot(self, index: int) -> bool:
        """The seed of a slot's clip back under the sliders, locked ones too. Returns False where it has none."""
        clip = self._state.slots[index].clip
        if clip is None or clip.seed is None:
            return False
        if len(clip.seed) != len(self._state.seed):
            self.set_seed(clip.seed)  # says what is wrong
        with self.gesture(f"Load {clip.name}"):
            self._become(seed=clip.seed, reference=clip.seed)
        return True

    def set_slot(self, index: int, **changes: Any) -> None:
        """Change how a slot is played: playing, muted, soloed, level_db. Raises SettingError."""
        slot = replace(self._state.slots[index], **changes)
        if slot.playing and slot.clip is None:
            slot = replace(slot, playing=False)
        self._become(slots=_with(self._state.slots, index, slot))

    def first_empty(self) -> int | None:
        """The first slot that holds nothing."""
        return next((i for i, slot in enumerate(self._state.slots) if slot.clip is None), None)

    # --- the rest

    def set_live(self, **changes: Any) -> None:
        """Change how the loop under the sliders is played: on, level_db."""
        self._become(live=replace(self._state.live, **changes))

    def set_morph(self, **changes: Any) -> None:
        """Change the morph's settings; `move_morph` moves it."""
        self._become(morph=replace(self._state.morph, **changes))

    def move_morph(self, position: float) -> bool:
        """Move the crossfader, and all sliders with it, if both slots have a seed. Returns whether they have."""
        self.set_morph(position=position)
        ends = self.morph_ends()
        if ends is None:
            return False
        between = paths.slerp if self._state.morph.spherical else paths.lerp
        self.set_seed(between(*ends, position), "Morph")
        return True

    def morph_ends(self) -> tuple[Seed, Seed] | None:
        """The seeds of slots a and b; None where one is missing or does not fit the model."""
        slots, morph, size = self._state.slots, self._state.morph, len(self._state.seed)
        clips = [slots[i].clip for i in (morph.a, morph.b) if i < len(slots)]
        seeds = [clip.seed for clip in clips if clip is not None and clip.seed is not None]
        if len(seeds) < 2 or any(len(seed) != size for seed in seeds):
            return None
        return seeds[0], seeds[1]

    def set_bpm(self, bpm: float) -> None:
        """Another tempo. Raises SettingError for one that makes no sense."""
        check_bpm(bpm)
        self._become(bpm=bpm)

    def set_start(self, start: Start) -> None:
        """When things begin from now on."""
        self._become(start=start)

    def set_model(self, model: str, latent_size: int) -> None:
        """Another model plays. With another number of sliders they begin anew, and what was done cannot be undone."""
        if latent_size != len(self._state.seed):
            seed = Seed.random(self._rng, latent_size)
            self._become(model=model, seed=seed, reference=seed, locked=frozenset())
            self.undo_stack.clear()
        else:
            self._become(model=model)

    def set_loop(self, loop: Loop) -> None:
        """The loop under the sliders has been rendered."""
        self.loop = loop
        self.loop_changed.emit(loop)

    def open(self, state: State, path: Path | None, *, saved: bool = True) -> None:
        """Go over to another session. path: its file, None where it has none."""
        self._gesture = None
        self.path = path
        self._become(**{name: getattr(state, name) for name in State.__slots__})
        self._saved = self._state if saved else State()
        self.undo_stack.clear()
        self.opened.emit()
        self.file_changed.emit()

    def mark_saved(self, state: State, path: Path) -> None:
        """The file at `path` holds this state now."""
        self._saved, self.path = state, path
        self.file_changed.emit()

    # --- inside

    def _unlocked(self, seed: Seed) -> Seed:
        now, locked = self._state.seed.values, self._state.locked
        return Seed(tuple(now[i] if i in locked else value for i, value in enumerate(seed.values)))

    def _fill(self, index: int, clip: Clip | None) -> None:
        slot = self._state.slots[index]
        slot = replace(slot, clip=clip, playing=slot.playing and clip is not None)
        self._become(slots=_with(self._state.slots, index, slot))

    def _patch(self) -> _Patch:
        state = self._state
        return _Patch(state.seed, state.reference, state.locked, tuple(slot.clip for slot in state.slots))

    def _apply(self, patch: _Patch) -> None:
        slots = tuple(
            replace(slot, clip=clip, playing=slot.playing and clip is not None)
            for slot, clip in zip(self._state.slots, patch.clips, strict=True)
        )
        self._become(seed=patch.seed, reference=patch.reference, locked=patch.locked, slots=slots)

    def _become(self, **changes: Any) -> None:
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


class _Step(QUndoCommand):
    """One gesture."""

    def __init__(self, session: Session, text: str, before: _Patch, after: _Patch) -> None:
        super().__init__(text)
        self._session, self._before, self._after = session, before, after

    def undo(self) -> None:
        self._session._apply(self._before)

    def redo(self) -> None:
        self._session._apply(self._after)


def _with(slots: tuple[Slot, ...], index: int, slot: Slot) -> tuple[Slot, ...]:
    return (*slots[:index], slot, *slots[index + 1 :])
