"""Sequences: fades, pingpongs and walks, rendered in the background into a slot."""

import numpy as np
from PySide6.QtCore import QObject, Signal

from app.rendering.remote_engine import OpenEngine, WindowEngine
from app.session.loop_names import name_of
from app.session.session import Session
from app.session.state import Clip
from app.workers.tasks import TaskQueue
from technogan.errors import SettingError
from technogan.progress import Progress, Stop
from technogan.seeds import paths
from technogan.seeds.seed import Seed
from technogan.sound.loop import Loop


class Sequences(QObject):
    """Renders sequences in the background. open_engine: called there, for an engine that is not shared."""

    awaited_changed = Signal(int, bool)  # index of a slot, whether a sequence is being rendered for it

    def __init__(self, session: Session, open_engine: OpenEngine, tasks: TaskQueue) -> None:
        super().__init__()
        self._session, self._open_engine, self._tasks = session, open_engine, tasks
        self._engine: WindowEngine | None = None
        self._rng = np.random.default_rng()
        self._awaited: int | None = None
        tasks.idle.connect(self._rest)

    def make(self, kind: str) -> None:
        """Render a "fade", "pingpong" or "walk" with the settings of the session. Raises SettingError."""
        state = self._session.state
        seeds = self._seeds(kind)
        target = state.morph.target if state.morph.target is not None else self._session.first_empty()
        if target is None:
            raise SettingError(
                "target",
                "first empty slot",
                "an empty slot: all slots are full; clear one, or choose the slot to replace",
            )
        model, bpm = state.model, state.bpm
        name = f"{name_of(seeds[0])} {kind}"

        def work(progress: Progress, stop: Stop) -> Loop:
            if self._engine is None or self._engine.spec.name != model:
                self._engine = self._open_engine(model)
            return self._engine.render_sequence(seeds, bpm=bpm, progress=progress, stop=stop)

        self._await(target)
        self._tasks.submit(name, work, lambda loop: self._session.fill(target, Clip(name, loop)))

    def _seeds(self, kind: str) -> list[Seed]:
        morph = self._session.state.morph
        if kind == "walk":
            return paths.walk(self._session.state.seed, morph.steps, morph.amount, self._rng)
        ends = self._session.morph_ends()
        if ends is None:
            raise SettingError("A and B", f"slots {morph.a + 1} and {morph.b + 1}", "two slots whose loops have a seed")
        between = paths.fade if kind == "fade" else paths.pingpong
        return between(*ends, morph.steps, spherical=morph.spherical)

    def _await(self, target: int | None) -> None:
        for slot, awaited in ((self._awaited, False), (target, True)):
            if slot is not None:
                self.awaited_changed.emit(slot, awaited)
        self._awaited = target

    def _rest(self) -> None:
        self._await(None)
