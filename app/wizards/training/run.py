"""Third page of the training wizard: a run as it goes, and what one can ask of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from app.controls.command import Command, install
from app.widgets.button import Key
from app.widgets.panel import Quiet
from app.widgets.progress_line import ProgressLine
from app.widgets.tokens import GRID
from app.wizards.common.curves import Curve, Curves
from app.wizards.common.error_panel import Trouble
from app.wizards.common.host import Desk
from app.wizards.common.page import Page
from app.wizards.common.text import Body
from app.wizards.common.wording import duration
from app.wizards.training.course import Course, hint
from app.wizards.training.follow import Follower, State
from app.wizards.training.plan import Plan
from app.wizards.training.previews import PreviewPanel
from technogan.errors import TechnoganError
from technogan.run_folder import Word, clock

_WORDS: dict[State, str] = {
    "none": "Ready to begin",
    "starting": "Loading the framework",
    "running": "Training",
    "paused": "Paused",
    "stopping": "Saving, then stopping",
    "stopped": "Stopped",
    "done": "Done",
    "failed": "Ended by a fault",
    "died": "Ended by a fault",
}


class RunPage(Page):
    """renewed: one wants a new run."""

    name, step = "run", "Training"
    heading = "Training"

    renewed = Signal()

    def __init__(self, desk: Desk, plan: Plan, parent: QWidget | None = None) -> None:
        super().__init__(desk.tokens, parent)
        tokens = desk.tokens
        self._plan = plan
        self._batch = 0
        self.follower = Follower(plan, self)
        self.status = Body(tokens)
        self.facts = Quiet(tokens)
        self.progress = ProgressLine(tokens, "Progress")
        self.begin = Key(tokens, "Begin training", primary=True)
        self.pause = Key(tokens, "Pause", tip="Pause, or go on", shortcut="Ctrl+Shift+P")
        self.save = Key(tokens, "Save now", tip="Checkpoint, picture, sound and figures, now", shortcut="Ctrl+Shift+S")
        self.stop = Key(tokens, "Stop", tip="Save and stop; it can go on another time")
        self.renew = Key(tokens, "New run", tip="Leave this one as it is and begin another", flat=True)
        self.trouble, self.hint = Trouble(tokens), Trouble(tokens)
        self.losses = Curves(tokens, "Losses")
        self.quality = Curves(tokens, "Distance", logarithmic=True, marks=True)
        self.previews = PreviewPanel(desk)
        self._lay_out()
        self._connect()
        self._show()

    def complete(self) -> bool:
        run = self._plan.run
        return run is not None and run.dreams

    def enter(self) -> None:
        self.follower.take_up()

    def leave(self) -> None:
        self.previews.stop()

    def state(self) -> dict[str, Any]:
        return {"folder": str(self._plan.folder) if self._plan.folder else ""}

    def restore(self, state: Mapping[str, Any]) -> None:
        folder = state.get("folder")
        if isinstance(folder, str) and folder and (Path(folder) / "config.json").exists():
            dataset = self._plan.dataset
            self._plan.follow(Path(folder))
            # Where it was moved, and the first page knows where to.
            self._plan.dataset = self._plan.dataset or dataset

    def close_page(self) -> None:
        """The run goes on."""
        self.follower.leave()

    def begin_run(self) -> None:
        """Begin, or go on."""
        self.trouble.clear()
        try:
            self.follower.begin(batch=self._batch)
        except TechnoganError as error:
            self.trouble.show_trouble(str(error), "Nothing is lost.", retry="Try again")
        self._batch = 0

    def toggle_pause(self) -> None:
        """Pause, or go on."""
        self._ask("resume" if self.follower.course.paused else "pause")

    def _ask(self, word: Word) -> None:
        try:
            self.follower.ask(word)
        except TechnoganError as error:
            self.trouble.show_trouble(str(error), "The run goes on as it was.")

    # --- what is shown

    def _show(self) -> None:
        follower, course = self.follower, self.follower.course
        state = follower.state
        self.status.setText(_WORDS[state] + (f": {self._plan.run_name}" if state == "none" else ""))
        self.status.set_tone("accent" if state == "running" else "text")
        self.facts.setText(_facts(course))
        done = None if course.left is None else course.seconds / max(1.0, course.seconds + course.left)
        self.progress.show_progress(done if follower.alive else None)
        self._show_keys(state)
        self._show_trouble()
        self._show_hint()
        losses = [
            (name, colour, i) for i, (name, colour) in enumerate((("generator", "accent"), ("critic", "caution")))
        ]
        self.losses.show_curves([Curve(n, c, [(e[0], e[1 + i]) for e in course.losses]) for n, c, i in losses])
        floor = ("real music", course.floor) if course.floor else None
        self.quality.show_curves([Curve("dreams", "accent", [(f.images, f.mel) for f in course.figures])], floor)
        self.previews.show_previews(self._plan.folder or Path(), course.previews)
        self.changed.emit()

    def _show_keys(self, state: State) -> None:
        alive = self.follower.alive
        self.begin.setVisible(not alive and self.follower.explain() is None)
        self.begin.setText("Begin training" if self._plan.run is None else "Go on")
        self.begin.updateGeometry()
        for key in (self.pause, self.save, self.stop):
            key.setVisible(alive)
            key.setEnabled(state in ("running", "paused"))
        self.stop.setEnabled(alive and state != "stopping")
        self.pause.setText("Go on" if state == "paused" else "Pause")
        self.renew.setVisible(not alive and self._plan.run is not None)

    def _show_trouble(self) -> None:
        found = self.follower.explain()
        if found is not None:
            self._batch = found.batch
            self.trouble.show_trouble(found.what, found.advice, details=found.details, retry=found.retry)
        elif self.follower.course.warning:
            self.trouble.show_trouble(f"{self.follower.course.warning}.", tone="caution")
        elif self.follower.short_of_room:
            room = self.follower.room_mb or 0
            what = f"The disk has {room:.0f} MB left: the next checkpoint may not fit."
            self.trouble.show_trouble(what, "Make room; meanwhile the training goes on from memory.", tone="caution")
        elif self.follower.alive or self.follower.outcome is not None:
            self.trouble.clear()

    def _show_hint(self) -> None:
        run = self._plan.run
        if run is None or self.follower.state in ("none", "starting"):
            text = "What it dreams, how near it comes to your music and what to make of that will stand here."
            self.hint.show_trouble(text, tone="line")
            return
        found = hint(self.follower.course, run.images)
        advice = found.advice if self.follower.alive or found.kind != "improving" else "Go on, or make a model of it."
        self.hint.show_trouble(found.text, advice, tone=found.tone)

    def _connect(self) -> None:
        self.follower.changed.connect(self._show)
        self._plan.changed.connect(self._show)
        self.begin.clicked.connect(self.begin_run)
        self.trouble.retried.connect(self.begin_run)
        self.pause.clicked.connect(self.toggle_pause)
        self.save.clicked.connect(lambda: self._ask("save"))
        self.stop.clicked.connect(lambda: self._ask("stop"))
        self.renew.clicked.connect(self.renewed)
        install(
            self,
            [
                Command("Pause or go on", self.toggle_pause, ("Ctrl+Shift+P",)),
                Command("Save now", lambda: self._ask("save"), ("Ctrl+Shift+S",)),
            ],
        )

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(2 * GRID)
        head.addWidget(self.status)
        head.addWidget(self.facts, 1)
        for key in (self.renew, self.pause, self.save, self.stop, self.begin):
            head.addWidget(key)
        grid = QGridLayout()
        grid.setSpacing(2 * GRID)
        grid.addWidget(self.quality, 0, 0)
        grid.addWidget(self.losses, 1, 0)
        grid.addWidget(self.previews, 0, 1, 2, 1)
        grid.setColumnStretch(0, 2)
        grid.setColumnStretch(1, 3)
        self.body.addLayout(head)
        self.body.addWidget(self.progress)
        self.body.addWidget(self.trouble)
        self.body.addWidget(self.hint)
        self.body.addLayout(grid, 1)


def _facts(course: Course) -> str:
    if not course.images:
        return ""
    parts = [clock(course.seconds), f"{course.images:,} images"]
    if course.rate is not None:
        parts.append(f"{course.rate:.1f} a second")
    if course.left is not None:
        parts.append(f"{duration(course.left)} left")
    if course.saved is not None:
        parts.append(f"saved at {course.saved:,}")
    return "   ".join(parts)
