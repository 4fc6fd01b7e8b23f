"""A window with text to read and to copy."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QDialog, QPlainTextEdit, QVBoxLayout, QWidget

from app.widgets.button import Button
from app.widgets.layout import STRETCH, add_items, make_row
from app.widgets.tokens import GRID, TYPE_SMALL, Tokens


class TextPanel(QDialog):
    """A non-modal window that shows one text."""

    def __init__(self, tokens: Tokens, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setModal(False)
        self.resize(760, 520)
        self.text = QPlainTextEdit(readOnly=True)
        self.text.setAccessibleName(title)
        self.text.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        fixed = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        fixed.setPixelSize(TYPE_SMALL + 2)
        self.text.setFont(fixed)
        # The style sheet of the application would override the font.
        self.text.setStyleSheet(f"font-family: '{fixed.family()}'; font-size: {TYPE_SMALL + 2}px;")
        self.copy = Button(tokens, "Copy", tip="Copy all text for a bug report")
        self.copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.text.toPlainText()))
        column = QVBoxLayout(self)
        column.setSpacing(2 * GRID)
        add_items(column, (self.text, 1), make_row(STRETCH, self.copy))

    def show_text(self, text: str) -> None:
        """Show a text and scroll to its start."""
        self.text.setPlainText(text)
        self.show()
        self.raise_()
