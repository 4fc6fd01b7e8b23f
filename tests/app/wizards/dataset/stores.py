"""A desk for the dataset wizard: the instrument's own audition, over a player that nobody hears."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from app.audio.player import Player
from app.controllers.playback import Sound
from app.controllers.preview import Audition
from app.session.session import Session
from app.session.state import Slot, State
from app.widgets.tokens import THEMES
from app.wizards.common.host import Desk
from app.wizards.dataset.wizard import DatasetWizard
from app.workers.tasks import Background


@dataclass
class Table:
    """A desk, and what the wizard asked for. failed: what went wrong in the background."""

    folder: Path
    theme: str = "Dark"
    trained: list[Path] = field(default_factory=list)
    failed: list[tuple[str, Exception]] = field(default_factory=list)

    def __post_init__(self) -> None:
        session = Session(State(slots=(Slot(),)))
        self.player = Player(n_voices=3)
        self.sound = Sound(session, self.player)
        self.background = Background("workshop")
        self.background.failed.connect(lambda what, error: self.failed.append((what, error)))
        self.audition = Audition(self.sound, self.player, 2)

    def wizard(self) -> DatasetWizard:
        """One that keeps its datasets in a folder of this desk."""
        tokens = THEMES[self.theme]
        desk = Desk(
            tokens, self.folder / "wizards", self.audition, self.background, lambda _: None, self.trained.append
        )
        made = DatasetWizard(desk)
        made.choose_page.home = self.folder / "datasets"
        return made

    def close(self) -> None:
        """End all threads."""
        self.background.close()
        self.player.close()
