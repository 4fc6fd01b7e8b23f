"""The window of the OSC bridge: on or off, its ports, and recent messages."""

from collections.abc import Iterable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QPlainTextEdit, QVBoxLayout, QWidget

from app.widgets.check_box import CheckBox
from app.widgets.layout import STRETCH, add_items, make_row
from app.widgets.number_box import NumberBox
from app.widgets.panel import QuietLabel
from app.widgets.tokens import Tokens

_MAX_LINES = 200


class OscPanel(QDialog):
    """A non-modal window, to stay open next to the instrument."""

    ports_edited = Signal(int, int)

    def __init__(self, tokens: Tokens, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("OSC bridge")
        self.setModal(False)
        self.resize(560, 340)
        self.on = CheckBox("Listen", tip="Generate loops for Max, Pure Data and other OSC programs")
        self.port = NumberBox(1, 65535, name="Input port")
        self.reply_port = NumberBox(1, 65535, name="Reply port")
        self.status = QuietLabel(tokens)
        self.log = QPlainTextEdit(readOnly=True, maximumBlockCount=_MAX_LINES)
        self.log.setAccessibleName("Recent messages")
        self.log.setPlaceholderText("No messages yet")
        row = make_row(self.on, QuietLabel(tokens, "Input port"), self.port)
        add_items(row, QuietLabel(tokens, "Reply port"), self.reply_port, STRETCH)
        add_items(QVBoxLayout(self), row, self.status, (self.log, 1))
        for box in (self.port, self.reply_port):
            box.value_edited.connect(self._emit_ports)

    def show_state(self, on: bool, port: int, reply_port: int, status: str) -> None:
        """Show the settings of the bridge and its status."""
        self.on.setChecked(on)
        self.port.show_value(port)
        self.reply_port.show_value(reply_port)
        self.status.setText(status)

    def show_lines(self, lines: Iterable[str]) -> None:
        """Show the recent messages, the newest last."""
        self.log.setPlainText("\n".join(lines))
        bar = self.log.verticalScrollBar()
        bar.setValue(bar.maximum())

    def _emit_ports(self) -> None:
        self.ports_edited.emit(int(self.port.value()), int(self.reply_port.value()))
