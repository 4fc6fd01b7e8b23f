"""What a wizard may ask of the instrument."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app.controllers.preview import Audition
from app.widgets.tokens import Tokens
from app.workers.tasks import Background


@dataclass(frozen=True, slots=True, eq=False)
class Desk:
    """tokens: the theme when a window is made. folder: where wizards keep what was answered, and their jobs' folders.

    audition: for hearing loops. background: for reading files. use_model: make the instrument play this model of the
    library. train_on: open the training wizard with the dataset in this folder.
    """

    tokens: Tokens
    folder: Path
    audition: Audition
    background: Background
    use_model: Callable[[str], None]
    train_on: Callable[[Path], None]
