"""What the Help menu shows to read: licences, and what works on this machine."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from app.widgets.main_window import MainWindow
from app.widgets.text_panel import TextPanel
from app.widgets.tokens import Tokens
from app.workers.tasks import Background
from technogan.network.library import resources_dir

_NOTICES = "THIRD-PARTY-NOTICES.txt"


class Papers:
    """In the GUI thread. background: looks the machine over, which may take seconds."""

    def __init__(self, window: MainWindow, background: Background, tokens: Callable[[], Tokens]) -> None:
        self._window, self._background, self._tokens = window, background, tokens

    def show_licences(self) -> None:
        """Whose work is in this, and on which terms."""
        self._panel("Licences").show_text(licences())

    def show_findings(self) -> None:
        """As `technogan doctor`."""
        from app.doctor import examine, told

        panel = self._panel("This machine")
        panel.show_text("looking …")
        self._background.submit(
            "looking at this machine", lambda _progress, _stop: told(examine()), lambda text: panel.show_text(text)
        )

    def _panel(self, title: str) -> TextPanel:
        return TextPanel(self._tokens(), title, self._window)


def licences() -> str:
    """The notices that the bundle carries; where TechnoGAN was installed as a package, what it was installed with."""
    try:
        return (resources_dir() / _NOTICES).read_text(encoding="utf-8")
    except FileNotFoundError:
        return (
            "TechnoGAN is free software under the MIT licence; its models are in the public domain (CC0-1.0).\n"
            "The typeface is Inter, under the SIL Open Font License 1.1.\n\n"
            "It runs with these packages, which lie beside it with their own licences:\n\n" + "\n".join(_packages())
        )


def open_folder(folder: Path) -> None:
    """Show a folder in the system's own window."""
    folder.mkdir(parents=True, exist_ok=True)
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))


def _packages() -> list[str]:
    import importlib.metadata

    lines = []
    for requirement in importlib.metadata.requires("technogan") or ():
        name = re.split(r"[^\w.-]", requirement, maxsplit=1)[0]
        if "extra ==" not in requirement:
            metadata = importlib.metadata.metadata(name)
            stated = [metadata[key] for key in ("License-Expression", "License") if key in metadata]
            licence = (stated or ["see there"])[0].splitlines()[0]
            lines.append(f"{metadata['Name']} {metadata['Version']}: {licence}")
    return sorted(lines, key=str.casefold)
