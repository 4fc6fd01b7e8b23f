"""The dataset wizard: from your tracks to images that a network can be trained on."""

from PySide6.QtGui import QCloseEvent

from app.training_tools.tools import DATASET, find_tools
from app.wizards.common.host import Host
from app.wizards.common.page import Page
from app.wizards.common.training_tools import TrainingToolsPage
from app.wizards.common.wizard import Wizard
from app.wizards.dataset.choose import ChoosePage
from app.wizards.dataset.conform import ConformPage
from app.wizards.dataset.convert import ConvertPage
from app.wizards.dataset.project_store import ProjectStore
from app.wizards.dataset.round_trip import RoundTripPage
from app.wizards.dataset.slices import SlicesPage
from app.wizards.dataset.summary import SummaryPage
from app.wizards.dataset.tempo import TempoPage


class DatasetWizard(Wizard):
    """The window of the dataset wizard. Its commands continue after it is closed."""

    def __init__(self, host: Host) -> None:
        self.store = store = ProjectStore(host)
        self.choose_page = ChoosePage(store)
        self.tempo_page = TempoPage(store)
        self.conform_page = ConformPage(store)
        self.slices_page = SlicesPage(store)
        self.convert_page = ConvertPage(store)
        self.round_trip_page = RoundTripPage(store)
        self.summary_page = SummaryPage(store)
        pages: list[Page] = [self.choose_page, self.tempo_page, self.conform_page, self.slices_page]
        pages += [self.convert_page, self.round_trip_page, self.summary_page]
        if find_tools(DATASET) is None:
            pages.insert(0, TrainingToolsPage(host.tokens, DATASET))
        super().__init__(host.tokens, "Dataset", pages, host.folder / "dataset.json")
        store.failed.connect(self.show_error)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.store.save()
        super().closeEvent(event)
