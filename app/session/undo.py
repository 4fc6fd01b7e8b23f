"""Undo: what it restores, and which changes make one step.

A drag is one step, from `Gestures.begin` to `Gestures.end`. Whatever else happens meanwhile, such as a loop that
arrives in a slot, is a step of its own and survives the undo of the drag.
"""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Self, TypeVar

from PySide6.QtGui import QUndoCommand

from app.session.state import Clip, SessionState
from technogan.seeds.seed import Seed

# The origins of drags.
SLIDERS, CROSSFADER = "sliders", "crossfader"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The part of the state that undo restores. position: of the crossfader, which moves the sliders."""

    seed: Seed
    reference: Seed
    locked: frozenset[int]
    position: float
    clips: tuple[Clip | None, ...]

    @classmethod
    def of(cls, state: SessionState) -> Self:
        """Return the snapshot of a state."""
        clips = tuple(slot.clip for slot in state.slots)
        return cls(state.seed, state.reference, state.locked, state.morph.position, clips)

    def restore(self, state: SessionState, changed: Self) -> SessionState:
        """Return a state in which everything that `changed` has otherwise is as in this snapshot."""
        slots = list(state.slots)
        for i, (clip, other) in enumerate(zip(self.clips, changed.clips, strict=True)):
            if clip is not other:
                slots[i] = replace(slots[i], clip=clip, playing=slots[i].playing and clip is not None)
        return replace(
            state,
            seed=_pick(self.seed, changed.seed, state.seed),
            reference=_pick(self.reference, changed.reference, state.reference),
            locked=_pick(self.locked, changed.locked, state.locked),
            morph=replace(state.morph, position=_pick(self.position, changed.position, state.morph.position)),
            slots=tuple(slots),
        )


def _pick(wanted: T, changed: T, now: T) -> T:
    return now if wanted == changed else wanted


@dataclass(frozen=True, slots=True)
class _Drag:
    text: str
    origin: str
    before: Snapshot


class Gestures:
    """Combines changes into undo steps.

    Args:
        take: takes a snapshot of the current state.
        push: adds an undo step with its text and the snapshots before and after it.
    """

    def __init__(self, take: Callable[[], Snapshot], push: Callable[[str, Snapshot, Snapshot], None]) -> None:
        self._take, self._add = take, push
        self._drag: _Drag | None = None
        self._in_step = False

    def begin(self, text: str, origin: str) -> None:
        """Begin a drag. It ends another one, whose end may have been missed."""
        self.end()
        self._drag = _Drag(text, origin, self._take())

    def end(self, origin: str | None = None) -> None:
        """End the drag of this origin; of any if None."""
        drag = self._drag
        if drag is not None and origin in (None, drag.origin):
            self._drag = None
            self._push(drag.text, drag.before, self._take())

    def forget(self) -> None:
        """End the drag without an undo step."""
        self._drag = None

    @contextlib.contextmanager
    def step(self, text: str, origin: str = "") -> Iterator[None]:
        """Make the changes of a `with` block one step, unless it is part of another step or of a drag of its origin."""
        if self._in_step or (self._drag is not None and self._drag.origin == origin):
            yield
            return
        before, self._in_step = self._take(), True
        try:
            yield
        finally:
            self._in_step = False
            self._finish(text, before)

    def _finish(self, text: str, before: Snapshot) -> None:
        after, drag = self._take(), self._drag
        if drag is not None:
            if replace(before, clips=after.clips) == after:
                start = replace(drag.before, clips=after.clips)
            else:  # what was dragged has been changed otherwise: the drag so far is a step, and the rest another
                self._push(drag.text, drag.before, before)
                start = after
            self._drag = replace(drag, before=start)
        self._push(text, before, after)

    def _push(self, text: str, before: Snapshot, after: Snapshot) -> None:
        if before != after:
            self._add(text, before, after)


class UndoStep(QUndoCommand):
    """An undo step that has been made already: the stack's first `redo` does nothing."""

    def __init__(self, text: str, undo: Callable[[], None], redo: Callable[[], None]) -> None:
        super().__init__(text)
        self._undo, self._redo = undo, redo
        self._made = False

    def undo(self) -> None:
        """Undo the step."""
        self._undo()

    def redo(self) -> None:
        """Make the step again."""
        if self._made:
            self._redo()
        self._made = True
