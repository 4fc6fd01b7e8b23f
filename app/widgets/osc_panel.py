"""The OSC bridge: on or off, its ports, and the last messages."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QDialog, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from app.widgets.number_box import NumberBox
from app.widgets.panel import Quiet
from app.widgets.tokens import GRID, Tokens

_SHOWN = 200


class OscPanel(QDialog):
    """Stays open beside the window; never in the way."""

    on_toggled = Signal(bool)
    ports_edited = Signal(int, int)

    def __init__(self, tokens: Tokens, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("OSC bridge")
        self.setModal(False)
        self.resize(560, 340)
        self.on = QCheckBox("Listen")
        self.on.setToolTip("Make loops for other programs: Max, Pure Data, anything that speaks OSC")
        self.port = NumberBox(1, 65535, name="Port that is listened on")
        self.reply_port = NumberBox(1, 65535, name="Port that answers go to")
        self.status = Quiet(tokens)
        self.log = QPlainTextEdit()
        self.log.setReadOnly(True)
        self.log.setMaximumBlockCount(_SHOWN)
        self.log.setAccessibleName("Last messages")
        row = QHBoxLayout()
        row.setSpacing(2 * GRID)
        for widget in (self.on, Quiet(tokens, "port"), self.port, Quiet(tokens, "answers to"), self.reply_port):
            row.addWidget(widget)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.addLayout(row)
        column.addWidget(self.status)
        column.addWidget(self.log, 1)
        self.on.clicked.connect(self.on_toggled)
        for box in (self.port, self.reply_port):
            box.value_edited.connect(self._ports_edited)

    def show_state(self, on: bool, port: int, reply_port: int, status: str) -> None:
        """What is set, and what came of it."""
        self.on.setChecked(on)
        self.port.show_value(port)
        self.reply_port.show_value(reply_port)
        self.status.setText(status)

    def show_lines(self, lines: Iterable[str]) -> None:
        """The last messages, the newest at the foot."""
        self.log.setPlainText("\n".join(lines))
        bar = self.log.verticalScrollBar()
        bar.setValue(bar.maximum())

    def _ports_edited(self) -> None:
        self.ports_edited.emit(int(self.port.value()), int(self.reply_port.value()))
