"""The training wizard: from a dataset to a model that the instrument plays. A thin face over `technogan train`."""

from __future__ import annotations

from pathlib import Path

from app.training_tools.tools import TRAINING, find_tools
from app.wizards.common.host import Desk
from app.wizards.common.page import Page
from app.wizards.common.training_tools import StudioPage
from app.wizards.common.wizard import Wizard
from app.wizards.training.dataset import DatasetPage
from app.wizards.training.finish import FinishPage
from app.wizards.training.plan import Plan
from app.wizards.training.run import RunPage
from app.wizards.training.settings import SettingsPage

STATE = "training.json"


class TrainingWizard(Wizard):
    """Opens where one was; a run that goes on is taken up again."""

    def __init__(self, desk: Desk) -> None:
        self.plan = Plan()
        tokens = desk.tokens
        self.dataset = DatasetPage(tokens, self.plan)
        self.settings = SettingsPage(tokens, self.plan)
        self.run = RunPage(desk, self.plan)
        self.finish = FinishPage(desk, self.plan, self.run.follower)
        pages: list[Page] = [self.dataset, self.settings, self.run, self.finish]
        if find_tools(TRAINING) is None:
            pages.insert(0, StudioPage(tokens, TRAINING))
        super().__init__(tokens, "Training", pages, desk.folder / STATE)
        self.dataset.followed.connect(lambda: self.go(self.run.name))
        self.run.renewed.connect(self._renew)

    def choose(self, dataset: Path) -> None:
        """Train on this dataset; a run that is followed goes on, unseen."""
        self.run.follower.leave()
        self.plan.follow(None)
        self.dataset.take(dataset)
        self.go(self.dataset.name)

    def _renew(self) -> None:
        self.run.follower.leave()
        self.plan.follow(None)
        self.go(self.settings.name)
