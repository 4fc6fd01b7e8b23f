"""Everything that can be asked for by a key or in the menu: one table a group, made into actions of the window."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget


@dataclass(frozen=True, slots=True)
class Command:
    """text: in the menu. keys: shortcuts, as Qt writes them. run: what it does."""

    text: str
    run: Callable[[], object]
    keys: tuple[str, ...] = ()


def install(window: QWidget, commands: Iterable[Command]) -> list[QAction]:
    """Make them known to a window, whether a menu shows them or not."""
    actions = []
    for command in commands:
        action = QAction(command.text, window)
        action.setShortcuts([QKeySequence(key) for key in command.keys])
        action.triggered.connect(lambda _checked=False, run=command.run: run())
        window.addAction(action)
        actions.append(action)
    return actions


def add_group(menu: QMenu, title: str, actions: Iterable[QAction]) -> QMenu:
    """A submenu of these."""
    group = menu.addMenu(title)
    group.addActions(list(actions))
    return group
