"""The dataset wizard: from a folder of songs to pictures that a network can learn."""

from __future__ import annotations

from PySide6.QtGui import QCloseEvent

from app.training_tools.tools import DATASET, find_tools
from app.wizards.common.host import Desk
from app.wizards.common.page import Page
from app.wizards.common.training_tools import StudioPage
from app.wizards.common.wizard import Wizard
from app.wizards.dataset.choose import ChoosePage
from app.wizards.dataset.conform import ConformPage
from app.wizards.dataset.convert import ConvertPage
from app.wizards.dataset.project_store import Bench
from app.wizards.dataset.round_trip import RoundTripPage
from app.wizards.dataset.slices import SlicesPage
from app.wizards.dataset.summary import SummaryPage
from app.wizards.dataset.tempo import TempoPage


class DatasetWizard(Wizard):
    """Its commands go on when it is closed; the project is where it was when it opens again."""

    def __init__(self, desk: Desk) -> None:
        self.bench = bench = Bench(desk)
        self.choose_page = ChoosePage(bench)
        self.tempo_page = TempoPage(bench)
        self.conform_page = ConformPage(bench)
        self.slices_page = SlicesPage(bench)
        self.convert_page = ConvertPage(bench)
        self.round_trip_page = RoundTripPage(bench)
        self.summary_page = SummaryPage(bench)
        pages: list[Page] = [
            self.choose_page,
            self.tempo_page,
            self.conform_page,
            self.slices_page,
            self.convert_page,
            self.round_trip_page,
            self.summary_page,
        ]
        if find_tools(DATASET) is None:
            pages.insert(0, StudioPage(desk.tokens, DATASET))
        super().__init__(desk.tokens, "Dataset", pages, desk.folder / "dataset.json")
        bench.troubled.connect(lambda text: self.tell(text, error=True))

    def closeEvent(self, event: QCloseEvent) -> None:
        self.bench.save()
        super().closeEvent(event)
