"""The last page of the training wizard, which makes a model of a run and installs it."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from app.training_tools.tools import TRAINING, find_tools
from app.widgets.button import Button
from app.widgets.layout import STRETCH, add_items, make_row
from app.widgets.panel import Panel
from app.widgets.progress_line import ProgressLine
from app.widgets.segments import Segments
from app.wizards.common.error_panel import ErrorPanel
from app.wizards.common.host import Host
from app.wizards.common.page import Page
from app.wizards.common.text import Body
from app.wizards.training.form import make_form, make_name_field
from app.wizards.training.plan import TrainingPlan
from app.wizards.training.run_follower import RunFollower
from app.wizards.training.runs import safe_run_name
from app.workers.detached_job import DetachedJob, Outcome
from technogan.errors import ModelExists, TechnoganError
from technogan.file_names import unique_name
from technogan.network.bundle import ModelBundle

_EXPORT = "export"
_BEST, _NEWEST = "the best", "the newest"
_REPLACE = "Replace it"


class FinishPage(Page):
    """Exports a checkpoint in a process of its own, then checks, installs and plays the model."""

    name, step = "finish", "Model"
    heading = "Make a model of the run"
    lead = (
        "The network is exported to a model file, compared with the trained network and installed; the instrument then "
        "plays it. The run stays as it is: you can resume it afterwards."
    )

    def __init__(self, host: Host, plan: TrainingPlan, follower: RunFollower) -> None:
        super().__init__(host.tokens)
        self._host, self._plan, self._follower = host, plan, follower
        self._job: DetachedJob | None = None
        self._installing = False
        self._replace = False
        self._exported: Path | None = None
        self._best = True
        # The run that the name was typed for, and the name that is used if none is typed.
        self._folder = plan.folder
        self._free_name = ""
        tokens = host.tokens
        self.model = make_name_field()
        self.which = Segments(
            tokens, [_BEST, _NEWEST], name="Checkpoint", tip="The one closest to your music, or the latest"
        )
        self.make = Button(tokens, "Make the model", tip="Export, check, install and play it", primary=True)
        self.progress = ProgressLine(tokens, "Making the model")
        self.status = Body(tokens, tone="quiet")
        self.error_panel = ErrorPanel(tokens)
        self._lay_out()
        self.which.chosen.connect(self._choose)
        self.make.clicked.connect(self.make_model)
        self.error_panel.retry_requested.connect(self._retry)
        follower.changed.connect(self._show_which)
        plan.changed.connect(self._forget_name)
        self._show()

    def enter(self) -> None:
        self._follower.attach()
        self._forget_name()
        self._suggest_name(self._plan.run_name)
        self._look_for_free_name()
        self._show()
        self.make.setFocus()

    def state(self) -> dict[str, Any]:
        return {"model": self.model.text(), "best": self._best}

    def restore(self, state: Mapping[str, Any]) -> None:
        if isinstance(state.get("model"), str):
            self.model.setText(state["model"])
        self._best = state.get("best") is not False

    def close_page(self) -> None:
        """Stop an export, which is quick to repeat."""
        self._end_job()

    def make_model(self) -> None:
        """Export the chosen checkpoint; checking and installing follow."""
        name = safe_run_name(self.model.text()) or self._free_name
        run, tools = self._plan.run, find_tools(TRAINING)
        self.error_panel.clear()
        if run is None or tools is None:
            missing = "a run" if run is None else "the training tools"
            self.error_panel.show_message(f"Making a model requires {missing}.")
            return
        folder = run.folder.resolve() / _EXPORT
        self._exported = folder / f"{name}.onnx"
        self._job = DetachedJob(folder, self)
        self._job.ended.connect(self._finish_export)
        best = ["--best"] if self._best and self._has_metrics else []
        files = [str(run.folder.resolve()), "--out", str(self._exported), "--name", name, "--run", str(folder)]
        try:
            self._job.start(tools, "export", *files, *best)
        except TechnoganError as error:
            self._end_job()
            self.error_panel.show_message(str(error), retry="Try again")
        self._show("Exporting the model and comparing it with the network over 256 seeds; this takes a minute…", 0.2)

    @property
    def _has_metrics(self) -> bool:
        return bool(self._follower.progress.metrics)

    def _finish_export(self, outcome: Outcome) -> None:
        self._end_job()
        if outcome.kind == "done":
            self._install()
            return
        what = outcome.message or "The export was stopped."
        self.error_panel.show_message(what, "The run is unchanged.", details=outcome.details, retry="Try again")
        self._show()

    def _install(self) -> None:
        from technogan.network.library import install_model

        path, replace = self._exported, self._replace
        if path is None:
            return
        self._installing = True
        self._show("Checking and installing the model…", 0.7)
        work = partial(install_model, path, replace=replace)
        self._host.submit("installing the model", lambda *_: work(), self._use_model, self._show_install_error)

    def _use_model(self, bundle: ModelBundle) -> None:
        self._installing = self._replace = False
        name = bundle.spec.name
        self._host.use_model(name)
        self._look_for_free_name()
        self._show(f"{name} is installed, and the instrument plays it. {bundle.spec.training}.", 1.0)

    def _show_install_error(self, error: TechnoganError) -> None:
        self._installing = self._replace = False
        if isinstance(error, ModelExists):
            what = f"There is already a model named {error.name}."
            advice = "Replace it, or choose another name and make the model again."
            self.error_panel.show_message(what, advice, retry=_REPLACE)
        else:
            self.error_panel.show_message(str(error), "The exported file is in the run's folder.", retry="Try again")
        self._show()

    def _retry(self) -> None:
        if self.error_panel.retry.text() == _REPLACE:
            self.error_panel.clear()
            self._replace = True
            self._install()
        else:
            self.make_model()

    # --- name

    def _forget_name(self) -> None:
        """Discard a name that was typed for another run."""
        if self._plan.folder != self._folder:
            self._folder = self._plan.folder
            self.model.clear()

    def _look_for_free_name(self) -> None:
        """Suggest the name of the run, with a number if there is a model of that name."""
        name = self._plan.run_name
        self._host.submit("listing models", lambda *_: find_free_name(name), self._suggest_name, lambda _error: None)

    def _suggest_name(self, name: str) -> None:
        self._free_name = name
        self.model.setPlaceholderText(name)

    def _choose(self, which: str) -> None:
        self._best = which == _BEST
        self.changed.emit()

    def _end_job(self) -> None:
        if self._job is not None:
            self._job.terminate()
            self._job.deleteLater()
        self._job = None

    def _show(self, status: str = "", done: float | None = None) -> None:
        busy = self._job is not None or self._installing
        self.make.setEnabled(not busy)
        self.status.setText(status)
        self.status.setVisible(bool(status))
        self.status.set_tone("good" if done == 1.0 else "quiet")
        self.progress.show_progress(done if busy else None)
        self._show_which()
        self.changed.emit()

    def _show_which(self) -> None:
        # Without metrics, the best checkpoint cannot be chosen.
        self.which.show_choice(_BEST if self._best and self._has_metrics else _NEWEST)
        self.which.buttons[_BEST].setEnabled(self._has_metrics)

    def _lay_out(self) -> None:
        tokens = self._host.tokens
        panel = Panel(tokens, "Model")
        form = make_form(tokens, {"Name of the model": self.model, "Checkpoint": self.which})
        add_items(panel.body, form, make_row(self.make, STRETCH), self.progress, self.status)
        add_items(self.body, panel, self.error_panel, STRETCH)


def find_free_name(name: str) -> str:
    """Return a name that no installed model has: "name", "name 2", "name 3" and so on."""
    from technogan.network.library import available_models

    taken = {bundle.spec.name.casefold() for bundle in available_models()}
    return unique_name(name, lambda each: each.casefold() in taken, separator=" ")
