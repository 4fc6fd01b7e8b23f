"""The menu and the shortcuts, drawn from the registry of actions."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu

from app.controllers.transfer import Transfer
from app.controls.action import Action, Registry
from app.settings.preferences import Preferences
from app.widgets.choice_box import ChoiceBox
from app.widgets.main_window import MainWindow
from app.widgets.stem_strip import StemStrip, title_of
from app.window.actions import slot_group


class Menus:
    """The menu behind the button at the top left, the menus of the slots, and the shortcuts of the window."""

    def __init__(self, window: MainWindow, registry: Registry, preferences: Preferences, transfer: Transfer) -> None:
        self._window, self._registry = window, registry
        self._preferences, self._transfer = preferences, transfer
        self._actions = {action.id: _install(window, action) for action in registry}
        self.menu = QMenu(window)
        self._slots = [QMenu(slot_group(i), self.menu) for i in range(len(window.slots.slots))]
        self._build()
        window.transport.menu.clicked.connect(self._show)

    def action(self, action_id: str) -> QAction:
        """Return the Qt action of a registered action; buttons trigger it."""
        return self._actions[action_id]

    def show_slot(self, index: int, place: QPoint) -> None:
        """Show the menu of a slot at a place on the screen."""
        self._slots[index].popup(place)

    def _show(self) -> None:
        button = self._window.transport.menu
        self.menu.popup(button.mapToGlobal(button.rect().bottomLeft()))
        self.menu.setActiveAction(self.menu.actions()[0])  # where the arrow keys begin

    # --- contents

    def _build(self) -> None:
        menu, transport = self.menu, self._window.transport
        self._add_group(menu, "File")
        menu.insertMenu(self.action("session.save"), self._make_filled("Open recent", self._fill_recent))
        menu.insertMenu(self.action("session.save"), self._make_filled("Earlier sessions", self._fill_earlier))
        menu.addSeparator()
        self._add_group(menu.addMenu("Edit"), "Edit")
        self._build_performance()
        for box in (transport.model, transport.output):
            menu.addMenu(self._mirror(box))
        view = self._add_group(menu.addMenu("View"), "View")
        view.addSeparator()
        self._add_group(view, "Themes")
        self._add_group(menu.addMenu("Tools"), "Tools")
        self._add_group(menu, "OSC")
        help_ = self._add_group(menu.addMenu("Help"), "Help")
        help_.addSeparator()
        self._add_group(help_, "Messages")
        menu.addSeparator()
        self._add_group(menu, "Quit")

    def _build_performance(self) -> None:
        """Add the menus of what happens while playing."""
        menu, window = self.menu, self._window
        play = self._add_group(menu.addMenu("Play"), "Play")
        self._add_group(play.addMenu("Quantise"), "Quantise")
        self._add_stems(play, window.seed.stems)
        slots = menu.addMenu("Slots")
        for i, slot in enumerate(self._slots):
            slots.addMenu(self._add_group(slot, slot_group(i)))
            self._add_stems(slot, window.slots.slots[i].stems)
        morph = self._add_group(menu.addMenu("Morph"), "Morph")
        for box in (*window.morph.ends, window.morph.target):
            morph.addMenu(self._mirror(box))

    def _add_group(self, menu: QMenu, name: str) -> QMenu:
        """Add the actions of a group to a menu, which shows their state while it is open, and return the menu."""
        group = self._registry.group(name)
        menu.addActions([self._actions[action.id] for action in group])
        menu.aboutToShow.connect(lambda: self._show_states(group))
        # Keys work all the same, and explain why there is nothing to act on.
        menu.aboutToHide.connect(lambda: self._enable(group))
        return menu

    def _show_states(self, group: tuple[Action, ...]) -> None:
        for action in group:
            made = self._actions[action.id]
            made.setEnabled(action.can_run is None or action.can_run())
            if action.is_on is not None:
                made.setChecked(action.is_on())

    def _enable(self, group: tuple[Action, ...]) -> None:
        for action in group:
            self._actions[action.id].setEnabled(True)

    # --- menus that are filled when they are opened

    def _make_filled(self, title: str, fill: Callable[[QMenu], None]) -> QMenu:
        menu = QMenu(title, self.menu)
        menu.aboutToShow.connect(partial(fill, menu))
        return menu

    def _fill_recent(self, menu: QMenu) -> None:
        menu.clear()
        recent = self._preferences.now.recent
        for text in recent:
            action = menu.addAction(Path(text).name)
            action.setToolTip(text)
            action.triggered.connect(lambda _checked=False, text=text: self._transfer.open(Path(text)))
        if not recent:
            menu.addAction("No recent sessions").setEnabled(False)

    def _fill_earlier(self, menu: QMenu) -> None:
        menu.clear()
        for path in self._transfer.earlier.paths():
            menu.addAction(path.stem).triggered.connect(partial(self._open_earlier, path))
        if menu.isEmpty():
            menu.addAction("No earlier sessions").setEnabled(False)

    def _open_earlier(self, path: Path, _checked: bool) -> None:
        self._transfer.open_earlier(path)

    def _mirror(self, box: ChoiceBox) -> QMenu:
        """Return a menu with the choices of a box."""

        def fill(menu: QMenu) -> None:
            menu.clear()
            for i, (text, value) in enumerate(box.choices):
                action = menu.addAction(text)
                action.setCheckable(True)
                action.setChecked(i == box.currentIndex())
                action.triggered.connect(lambda _checked=False, value=value: box.chosen.emit(value))

        return self._make_filled(box.accessibleName(), fill)

    def _add_stems(self, menu: QMenu, strip: StemStrip) -> None:
        """Add a menu with the switches of stems, which is greyed out for a loop without stems."""

        def fill(stems: QMenu) -> None:
            stems.clear()
            for name, switch in strip.switches.items():
                action = stems.addAction(title_of(name))
                action.setCheckable(True)
                action.setChecked(switch.isChecked())
                action.triggered.connect(switch.switched)

        stems = self._make_filled("Stems", fill)
        menu.addMenu(stems)
        menu.aboutToShow.connect(lambda: stems.setEnabled(bool(strip.switches)))


def _install(window: MainWindow, action: Action) -> QAction:
    """Add an action and its shortcuts to the window, or to the sliders if it works only there."""
    made = QAction(action.text, window)
    made.setShortcuts([QKeySequence(key) for key in action.keys])
    made.setCheckable(action.is_on is not None)
    made.setAutoRepeat(action.repeats)
    made.triggered.connect(lambda _checked=False: action.run())
    if action.scope == "sliders":
        made.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        window.seed.bars.addAction(made)
    else:
        window.addAction(made)
    return made
