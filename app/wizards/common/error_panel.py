"""A panel for the errors and warnings of a page: what happened, what to do about it, and details for a report."""

from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from app.widgets.button import Button
from app.widgets.layout import STRETCH, make_column, make_row
from app.widgets.painting import fill_rounded, make_painter
from app.widgets.themed import Themed
from app.widgets.tokens import GRID, Tokens
from app.wizards.common.text import Body

_DETAILS_HEIGHT = 120


class ErrorPanel(Themed, QWidget):
    """A message with advice, details and a button that resolves it. Hidden until there is a message.

    Attributes:
        retry_requested: emitted when the button is clicked.
        tone: the token of the colour: "warning" for errors, "caution" for warnings.
    """

    retry_requested = Signal()

    def __init__(self, tokens: Tokens) -> None:
        super().__init__(accessibleName="Message")
        self.tone = "warning"
        self.what = Body(tokens)
        self.advice = Body(tokens, tone="quiet")
        self.retry = Button(tokens, "Try again")
        self.more = Button(tokens, "Details", tip="Show the output of the process", flat=True, small=True)
        self.details = QPlainTextEdit(readOnly=True)
        self._lay_out()
        self.more.setCheckable(True)
        self.more.toggled.connect(self.details.setVisible)
        self.retry.clicked.connect(self.retry_requested)
        self.restyle(tokens)
        self.clear()

    def show_message(
        self, what: str, advice: str = "", *, details: str = "", retry: str = "", tone: str = "warning"
    ) -> None:
        """Show a message.

        Args:
            what: what happened.
            advice: what the user can do.
            details: technical details, folded away.
            retry: the label of the button; "" for no button.
            tone: the token of the colour.
        """
        self.tone = tone
        self.what.setText(what)
        self.advice.setText(advice)
        self.advice.setVisible(bool(advice))
        self.retry.setText(retry)
        self.retry.setAccessibleName(retry)
        self.retry.setVisible(bool(retry))
        self.more.setVisible(bool(details))
        self.more.setChecked(False)
        self.details.setPlainText(details)
        self.details.hide()
        self.setAccessibleDescription(f"{what} {advice}")
        self.setVisible(True)
        self.update()

    def clear(self) -> None:
        """Hide the panel."""
        self.hide()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = make_painter(self)
        fill_rounded(painter, QRectF(self.rect()), self.tokens.colour(self.tone, 0.12))
        fill_rounded(painter, QRectF(0, 0, 3, self.height()), self.tokens.colour(self.tone), radius=1.5)

    def _lay_out(self) -> None:
        self.details.setFixedHeight(_DETAILS_HEIGHT)
        self.details.setAccessibleName("Details")
        buttons = make_row(self.retry, self.more, STRETCH)
        column = make_column(self.what, self.advice, buttons, self.details, parent=self)
        column.setContentsMargins(4 * GRID, 3 * GRID, 4 * GRID, 3 * GRID)
