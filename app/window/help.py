"""The windows of the Help menu: licences, and the check of this machine."""

import re
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from app.osc.bridge import OscBridge
from app.settings.preferences import Preferences
from app.widgets.main_window import MainWindow
from app.widgets.text_panel import TextPanel
from app.widgets.tokens import THEMES
from app.workers.tasks import TaskQueue
from technogan.network.library import resources_dir

_NOTICES = "THIRD-PARTY-NOTICES.txt"
# Characters in a line of the window.
_WIDTH = 100


class HelpWindows:
    """Opens the help windows, in the GUI thread.

    Args:
        window: their parent.
        tasks: runs the check, which may take seconds.
        preferences: the settings in use.
        bridge: may listen on the OSC port.
        folder: the folder of the settings.
    """

    def __init__(
        self, window: MainWindow, tasks: TaskQueue, preferences: Preferences, bridge: OscBridge, folder: Path
    ) -> None:
        self._window, self._tasks, self._folder = window, tasks, folder
        self._preferences, self._bridge = preferences, bridge

    def show_licences(self) -> None:
        """Show the licences of TechnoGAN and of what it uses."""
        self._panel("Licences").show_text(licences())

    def show_findings(self) -> None:
        """Show the result of `technogan doctor`."""
        from app.doctor import examine, format_findings

        panel = self._panel("This machine")
        panel.show_text("Checking…")
        settings, listening = self._preferences.now, self._bridge.running
        self._tasks.submit(
            "checking this machine",
            lambda _progress, _stop: format_findings(examine(settings, listening=listening), width=_WIDTH),
            panel.show_text,
        )

    def open_settings(self) -> None:
        """Show the folder of the settings in the file manager."""
        self._folder.mkdir(parents=True, exist_ok=True)
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._folder)))

    def _panel(self, title: str) -> TextPanel:
        return TextPanel(THEMES[self._preferences.now.theme], title, self._window)


def licences() -> str:
    """Return the notices of the bundle, or the licences of the installed packages."""
    try:
        return (resources_dir() / _NOTICES).read_text(encoding="utf-8")
    except FileNotFoundError:
        return (
            "TechnoGAN is free software under the MIT licence; its models are in the public domain (CC0-1.0).\n"
            "The typeface is Inter, under the SIL Open Font License 1.1.\n\n"
            "It uses these packages, which have their own licences:\n\n" + "\n".join(_packages())
        )


def _packages() -> list[str]:
    import importlib.metadata

    lines = []
    for requirement in importlib.metadata.requires("technogan") or ():
        name = re.split(r"[^\w.-]", requirement, maxsplit=1)[0]
        if "extra ==" not in requirement:
            metadata = importlib.metadata.metadata(name)
            stated = [metadata[key] for key in ("License-Expression", "License") if key in metadata]
            licence = (stated or ["see the package"])[0].splitlines()[0]
            lines.append(f"{metadata['Name']} {metadata['Version']}: {licence}")
    return sorted(lines, key=str.casefold)
