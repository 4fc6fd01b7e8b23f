"""The layout of the window. It knows widgets only."""

from PySide6.QtCore import QByteArray, QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QMouseEvent
from PySide6.QtWidgets import QMainWindow, QWidget

from app.widgets.icons import application_icon
from app.widgets.layout import make_column, make_row
from app.widgets.loop_view import LoopView
from app.widgets.message_bar import MessageBar
from app.widgets.morph_panel import MorphPanel
from app.widgets.number_box import NumberBox
from app.widgets.screen import fit_to_screen
from app.widgets.seed_panel import SeedPanel
from app.widgets.slot_strip import SlotStrip
from app.widgets.tab_order import TabsByLayout
from app.widgets.themed import restyle_all
from app.widgets.tokens import GRID, Tokens
from app.widgets.transport import Transport

_SIZE = QSize(1280, 800)
# With its frame, the window fits on a screen of 1024 x 640.
_SMALLEST = QSize(1000, 600)
_MORPH_WIDTH = 232
_GAP = GRID + 2


class MainWindow(TabsByLayout, QMainWindow):
    """The window of the instrument, with all its panels."""

    dropped = Signal(list)  # paths
    closing = Signal()  # before the window closes; the receiver shuts down everything else

    def __init__(self, tokens: Tokens, n_slots: int) -> None:
        super().__init__()
        self.transport = Transport(tokens)
        self.seed = SeedPanel(tokens)
        self.loop = LoopView(tokens)
        self.morph = MorphPanel(tokens)
        self.slots = SlotStrip(tokens, n_slots)
        self.messages = MessageBar(tokens)
        self.setWindowTitle("TechnoGAN")
        self.setWindowIcon(application_icon())
        self.setAcceptDrops(True)
        self.setMinimumSize(_SMALLEST)
        fit_to_screen(self, _SIZE)
        self._lay_out()
        for box in self.findChildren(NumberBox):
            box.home = self.seed.bars

    def restyle(self, tokens: Tokens) -> None:
        """Use other tokens in the whole window."""
        restyle_all(self, tokens)

    def restore(self, geometry: str) -> None:
        """Restore a position and size from `geometry_text`. Invalid text is ignored."""
        self.restoreGeometry(QByteArray.fromBase64(geometry.encode()))

    def geometry_text(self) -> str:
        """Return the position and size as text for `restore`."""
        return bytes(self.saveGeometry().toBase64().data()).decode()

    def raise_window(self) -> None:
        """Bring the window to the front."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.closing.emit()
        super().closeEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        # A click outside all controls returns the keyboard to the sliders.
        self.seed.bars.setFocus()
        super().mousePressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        self.dropped.emit([url.toLocalFile() for url in event.mimeData().urls()])

    def _lay_out(self) -> None:
        centre = QWidget()
        self.setCentralWidget(centre)
        self.morph.setFixedWidth(_MORPH_WIDTH)
        row = make_row((self.seed, 4), (self.loop, 6), self.morph, spacing=_GAP)
        column = make_column(self.transport, (row, 1), self.slots, self.messages, spacing=_GAP, parent=centre)
        column.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, GRID)
