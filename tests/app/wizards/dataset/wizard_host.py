"""A host for the dataset wizard: the instrument's own preview over a player without a device; and a project."""

from dataclasses import dataclass, field
from pathlib import Path

from app.audio.player import Player
from app.controllers.playback import Playback
from app.controllers.preview import Preview
from app.session.session import Session
from app.session.state import SessionState, Slot
from app.widgets.tokens import THEMES
from app.wizards.common.host import Host
from app.wizards.dataset.project import Project, Track
from app.wizards.dataset.wizard import DatasetWizard
from app.workers.tasks import TaskQueue

TEMPO = {
    "path": "",
    "bpm": 120.0,
    "first_downbeat_s": 0.5,
    "confidence": 0.9,
    "verdict": "exact",
    "drift": {"p95_ms": 0.4, "worst_ms": 1, "trend_bpm_per_minute": 0, "wander_ms": 0, "followed": 1},
}


@dataclass
class WizardHost:
    """Opens wizards and records the datasets they want to train on, and unexpected errors in the background."""

    folder: Path
    theme: str = "Dark"
    trained: list[Path] = field(default_factory=list)
    failed: list[tuple[str, Exception]] = field(default_factory=list)

    def __post_init__(self) -> None:
        session = Session(SessionState(slots=(Slot(),)))
        self.player = Player(n_voices=3)
        self.sound = Playback(session, self.player)
        self.background = TaskQueue("workshop")
        self.background.failed.connect(lambda what, error: self.failed.append((what, error)))
        self.preview = Preview(self.sound, self.player, 2)

    def open_wizard(self) -> DatasetWizard:
        """Open a wizard whose datasets are in the folder of this host."""
        tokens = THEMES[self.theme]
        host = Host(tokens, self.folder / "wizards", self.preview, self.background, lambda _: None, self.trained.append)
        wizard = DatasetWizard(host)
        wizard.choose_page.home = self.folder / "datasets"
        return wizard

    def close(self) -> None:
        """End all threads."""
        self.background.close()
        self.player.close()


def open_project(wizard, song, folder, **changes):
    """Open a project with one measured track."""
    track = Track(str(song), "song", 30.0, 8000, 1, tempo=TEMPO | {"path": str(song)}, **changes)
    folder.mkdir(exist_ok=True)
    wizard.store.set_project(Project(folder).with_tracks([track]).with_options(bpm=120.0))
