"""The training wizard: from a dataset to a model that the instrument plays."""

from pathlib import Path

from app.training_tools.tools import TRAINING, find_tools
from app.wizards.common.host import Host
from app.wizards.common.page import Page
from app.wizards.common.training_tools import TrainingToolsPage
from app.wizards.common.wizard import Wizard
from app.wizards.training.dataset import DatasetPage
from app.wizards.training.finish import FinishPage
from app.wizards.training.plan import TrainingPlan
from app.wizards.training.run import RunPage
from app.wizards.training.settings import SettingsPage

STATE = "training.json"


class TrainingWizard(Wizard):
    """The window of the training wizard. A run continues after it is closed."""

    def __init__(self, host: Host) -> None:
        self.plan = TrainingPlan()
        tokens = host.tokens
        self.dataset = DatasetPage(tokens, self.plan)
        self.settings = SettingsPage(tokens, self.plan)
        self.run = RunPage(host, self.plan)
        self.finish = FinishPage(host, self.plan, self.run.follower)
        pages: list[Page] = [self.dataset, self.settings, self.run, self.finish]
        if find_tools(TRAINING) is None:
            pages.insert(0, TrainingToolsPage(tokens, TRAINING))
        super().__init__(tokens, "Training", pages, host.folder / STATE)
        self.dataset.run_opened.connect(lambda: self.go(self.run.name))
        self.run.new_run.clicked.connect(self._set_up_new_run)

    def train_on(self, dataset: Path) -> None:
        """Set up a new run on this dataset, after missing tools are installed; a run that is followed continues."""
        self._stop_following()
        self.dataset.use_dataset(dataset)
        tools = self.pages[0]
        self.go(self.dataset.name if tools.complete() or tools is self.dataset else tools.name)

    def _set_up_new_run(self) -> None:
        self._stop_following()
        self.go(self.settings.name)

    def _stop_following(self) -> None:
        self.run.follower.detach()
        self.plan.follow(None)
