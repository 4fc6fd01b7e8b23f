"""The frame of a wizard: a window with a list of steps and one page at a time, whose state is saved."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QStackedWidget, QWidget

from app.widgets.button import Button
from app.widgets.icons import application_icon
from app.widgets.layout import STRETCH, make_column, make_row
from app.widgets.message_bar import MessageBar, StatusMessage
from app.widgets.panel import PanelTitle
from app.widgets.screen import fit_to_screen
from app.widgets.tab_order import TabsByLayout
from app.widgets.themed import Themed
from app.widgets.tokens import GRID, HAIRLINE, Tokens
from app.wizards.common.page import Page
from app.wizards.common.shortcuts import add_shortcuts
from app.wizards.common.steps import StepList
from technogan.atomic import write_atomically
from technogan.errors import SpecError, TechnoganError
from technogan.records import read_json

_SIZE, _SMALLEST = QSize(1120, 760), QSize(880, 600)
_SIDE = 208
_SAVE_MS = 500
_MAX_BYTES = 1 << 20


class Wizard(TabsByLayout, Themed, QWidget):
    """A window that shows pages in order and saves the user's input in a JSON file.

    Attributes:
        closed: emitted when the window closes.
    """

    closed = Signal()

    def __init__(self, tokens: Tokens, title: str, pages: Sequence[Page], path: Path) -> None:
        super().__init__(None, Qt.WindowType.Window)
        self.pages = list(pages)
        self._path = path
        self._title = title
        self.steps = StepList(tokens, [page.step for page in pages])
        self.stack = QStackedWidget()
        self.messages = MessageBar(tokens)
        self.back = Button(tokens, "Back", tip="Previous step", shortcut="Alt+Left")
        self.next = Button(tokens, "Next", tip="Next step", shortcut="Alt+Right", primary=True)
        self.quit = Button(
            tokens, "Close", tip="Close; your input is saved and work continues", shortcut="Ctrl+W", flat=True
        )
        self._save_later = QTimer(self, singleShot=True, interval=_SAVE_MS)
        self._save_later.timeout.connect(self.save)
        self.setWindowTitle(f"{title} - TechnoGAN")
        self.setWindowIcon(application_icon())
        self.setMinimumSize(_SMALLEST)
        fit_to_screen(self, _SIZE)
        self._lay_out(tokens)
        self._connect()
        self.restyle(tokens)
        self._restore()

    @property
    def page(self) -> Page:
        """The page that is shown."""
        return self.pages[self.stack.currentIndex()]

    def show_wizard(self) -> None:
        """Show the window and bring it to the front."""
        if not self.isVisible():
            self.page.enter()
        self.show()
        self._focus()
        self.raise_()
        self.activateWindow()

    def go(self, to: int | str) -> None:
        """Show a page, by its index from 0 or its name."""
        index = to if isinstance(to, int) else [page.name for page in self.pages].index(to)
        if not 0 <= index < len(self.pages):
            return
        if index != self.stack.currentIndex():
            self.page.leave()
            self.stack.setCurrentIndex(index)
            self._focus()
            if self.isVisible():
                self.page.enter()
        self._show_state()

    def show_error(self, text: str) -> None:
        """Show an error at the bottom of the window."""
        self.messages.show_message(StatusMessage(text, error=True))

    def save(self) -> None:
        """Save the user's input now."""
        self._save_later.stop()
        state = {"page": self.page.name, "pages": {page.name: page.state() for page in self.pages}}
        try:
            write_atomically(self._path, json.dumps(state, indent=1).encode())
        except TechnoganError as error:
            self.show_error(f"Your input was not saved: {error}")

    def closeEvent(self, event: QCloseEvent) -> None:
        self.save()
        self.page.leave()
        for page in self.pages:
            page.close_page()
        self.closed.emit()
        super().closeEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.tokens.colour("ground"))
        painter.fillRect(0, 0, _SIDE, self.height(), self.tokens.colour("panel"))
        painter.fillRect(_SIDE, 0, HAIRLINE, self.height(), self.tokens.colour("line"))
        foot = self.quit.mapTo(self, self.quit.rect().topLeft()).y() - 3 * GRID
        painter.fillRect(_SIDE, foot, self.width() - _SIDE, HAIRLINE, self.tokens.colour("line"))

    def _lay_out(self, tokens: Tokens) -> None:
        holder = QWidget()
        holder.setFixedWidth(_SIDE)
        side = make_column(PanelTitle(tokens, self._title), self.steps, STRETCH, spacing=3 * GRID, parent=holder)
        side.setContentsMargins(3 * GRID, 5 * GRID, 3 * GRID, 3 * GRID)
        foot = make_row(self.quit, STRETCH, self.back, self.next)
        foot.setContentsMargins(6 * GRID, 3 * GRID, 6 * GRID, 3 * GRID)
        for page in self.pages:
            self.stack.addWidget(_make_scrollable(page))
        column = make_column((self.stack, 1), self.messages, foot, spacing=0)
        make_row(holder, (column, 1), spacing=HAIRLINE, parent=self)

    def _connect(self) -> None:
        self.steps.chosen.connect(self.go)
        self.back.clicked.connect(self._go_back)
        self.next.clicked.connect(self._go_next)
        self.quit.clicked.connect(self.close)
        for page in self.pages:
            page.changed.connect(self._show_state)
        add_shortcuts(self, self._go_back, "Alt+Left")
        add_shortcuts(self, self._go_next, "Alt+Right", "Ctrl+Return")
        add_shortcuts(self, self.close, "Ctrl+W")

    def _focus(self) -> None:
        """Focus Next if it can be used, otherwise the steps."""
        (self.next if self.next.isEnabled() and not self.next.isHidden() else self.steps).setFocus()

    def _go_back(self) -> None:
        self.go(self.stack.currentIndex() - 1)

    def _go_next(self) -> None:
        if self.page.complete():
            self.go(self.stack.currentIndex() + 1)

    def _show_state(self) -> None:
        done = [page.complete() for page in self.pages]
        reachable = [all(done[:i]) for i in range(len(done))]
        current = self.stack.currentIndex()
        # Pages with defaults are complete before they are visited: only earlier pages count as done.
        self.steps.show_steps(current, [complete and i < current for i, complete in enumerate(done)], reachable)
        last = current == len(self.pages) - 1
        self.back.setVisible(len(self.pages) > 1)
        self.back.setEnabled(current > 0)
        self.next.setText(self.page.next_text)
        self.next.setVisible(not last)
        self.next.setEnabled(done[current])
        self.next.updateGeometry()
        self._save_later.start()

    def _restore(self) -> None:
        state = _read(self._path)
        pages = state.get("pages")
        for page in self.pages:
            saved = pages.get(page.name) if isinstance(pages, dict) else None
            if isinstance(saved, dict):
                page.restore(saved)
        names = [page.name for page in self.pages]
        wanted = names.index(state["page"]) if state.get("page") in names else 0
        incomplete = next((i for i, page in enumerate(self.pages) if not page.complete()), wanted)
        self.go(min(wanted, incomplete))
        self._show_state()


def _read(path: Path) -> dict[str, Any]:
    """Return the saved state; nothing if it cannot be read."""
    try:
        return read_json(path, _MAX_BYTES)
    except (OSError, SpecError):
        return {}


def _make_scrollable(page: Page) -> QScrollArea:
    """Let a page scroll in a small window rather than enlarge it."""
    area = QScrollArea()
    area.setWidget(page)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    for widget in (area.viewport(), page):
        widget.setAutoFillBackground(False)
    return area
