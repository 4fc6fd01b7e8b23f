"""Sequences: fades, pingpongs and walks, rendered in the background into a slot."""

import numpy as np

from app.notifications import Notifications
from app.rendering.remote_engine import OpenEngine, WindowEngine
from app.session.loop_names import name_of
from app.session.session import Session
from app.session.state import Clip
from app.workers.tasks import TaskQueue
from technogan.errors import SettingError
from technogan.progress import Progress, Stop
from technogan.seeds import paths
from technogan.seeds.seed import Seed


class Sequences:
    """Renders sequences in the background. open_engine: called there, for an engine that is not shared."""

    def __init__(
        self, session: Session, open_engine: OpenEngine, tasks: TaskQueue, notifications: Notifications
    ) -> None:
        self._session, self._open_engine, self._tasks = session, open_engine, tasks
        self._notifications = notifications
        self._engine: WindowEngine | None = None
        self._rng = np.random.default_rng()

    def make(self, kind: str) -> None:
        """Render a "fade", "pingpong" or "walk" with the settings of the session.

        Raises SettingError if the slot waits for a loop already, or if no slot is empty.
        """
        session, state = self._session, self._session.state
        seeds = self._seeds(kind)
        model, bpm = state.model, state.bpm
        name = f"{name_of(seeds[0])} {kind}"
        reserved = session.reserve(state.morph.target, name)

        def work(progress: Progress, stop: Stop) -> Clip:
            if self._engine is None or self._engine.spec.name != model:
                self._engine = self._open_engine(model)
            return Clip(name, self._engine.render_sequence(seeds, bpm=bpm, progress=progress, stop=stop))

        def done(clip: Clip) -> None:
            note = session.land(reserved, clip)
            if note:
                self._notifications.note(note)

        self._tasks.submit(name, work, done, ended=lambda: session.release(reserved))

    def _seeds(self, kind: str) -> list[Seed]:
        morph = self._session.state.morph
        if kind == "walk":
            return paths.walk(self._session.state.seed, morph.steps, morph.amount, self._rng)
        ends = self._session.morph_ends()
        if ends is None:
            raise SettingError("A and B", f"slots {morph.a + 1} and {morph.b + 1}", "two slots whose loops have a seed")
        between = paths.fade if kind == "fade" else paths.pingpong
        return between(*ends, morph.steps, spherical=morph.spherical)
