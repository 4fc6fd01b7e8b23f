"""The menu and the shortcuts, drawn from the registry of actions."""

from pathlib import Path

from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu

from app.controllers.transfer import Transfer
from app.controls.action import Action, Registry
from app.settings.preferences import Preferences
from app.widgets.main_window import MainWindow
from app.widgets.tokens import THEMES


class Menus:
    """The menu behind the button at the top left, and the shortcuts of the window."""

    def __init__(self, window: MainWindow, registry: Registry, preferences: Preferences, transfer: Transfer) -> None:
        self._window, self._preferences, self._transfer = window, preferences, transfer
        self._actions = {action.id: _install(window, action) for action in registry}
        self.menu = QMenu(window)
        self._recent = QMenu("Open recent", self.menu)
        self._recent.aboutToShow.connect(self._fill_recent)
        self._build(registry)
        window.transport.menu.clicked.connect(self._show)

    def action(self, action_id: str) -> QAction:
        """Return the Qt action of a registered action; buttons trigger it."""
        return self._actions[action_id]

    def _build(self, registry: Registry) -> None:
        menu = self.menu
        files = self._group(registry, "File")
        menu.addActions(files)
        menu.insertMenu(files[2], self._recent)
        menu.addSeparator()
        menu.addMenu("Edit").addActions(self._group(registry, "Edit"))
        view = menu.addMenu("View")
        view.addActions(self._group(registry, "View"))
        self._add_themes(view, registry)
        menu.addMenu("Tools").addActions(self._group(registry, "Tools"))
        menu.addActions(self._group(registry, "OSC"))
        menu.addMenu("Help").addActions(self._group(registry, "Help"))
        menu.addSeparator()
        menu.addActions(self._group(registry, "Quit"))

    def _group(self, registry: Registry, name: str) -> list[QAction]:
        return [self._actions[action.id] for action in registry.group(name)]

    def _add_themes(self, view: QMenu, registry: Registry) -> None:
        view.addSeparator()
        group = QActionGroup(view)
        for name, action in zip(THEMES, self._group(registry, "Themes"), strict=True):
            action.setCheckable(True)
            action.setChecked(name == self._preferences.now.theme)
            group.addAction(action)
            view.addAction(action)

    def _fill_recent(self) -> None:
        self._recent.clear()
        recent = self._preferences.now.recent
        for text in recent:
            action = self._recent.addAction(Path(text).name)
            action.setToolTip(text)
            action.triggered.connect(lambda _checked=False, text=text: self._transfer.open(Path(text)))
        if not recent:
            self._recent.addAction("No recent sessions").setEnabled(False)

    def _show(self) -> None:
        button = self._window.transport.menu
        self.menu.popup(button.mapToGlobal(button.rect().bottomLeft()))


def _install(window: MainWindow, action: Action) -> QAction:
    """Add an action and its shortcuts to the window."""
    made = QAction(action.text, window)
    made.setShortcuts([QKeySequence(key) for key in action.keys])
    made.triggered.connect(lambda _checked=False: action.run())
    window.addAction(made)
    return made
