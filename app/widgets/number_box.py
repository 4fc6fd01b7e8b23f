"""A number to type, scroll or drag."""

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QValidator
from PySide6.QtWidgets import QDoubleSpinBox, QWidget

from app.widgets.tokens import TYPE_BODY, font

_PIXELS_A_STEP = 3
_LEAVING_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape)


class NumberBox(QDoubleSpinBox):
    """A number that users type, change with the wheel, or drag up and down.

    Return, Escape and a click elsewhere leave the box; Escape discards what was typed.

    Attributes:
        value_edited: emitted by the user only, once the number is complete.
        home: the widget that gets the focus when the box is left; None for the next one.
    """

    value_edited = Signal(float)

    def __init__(
        self,
        low: float,
        high: float,
        *,
        name: str,
        tip: str = "",
        decimals: int = 0,
        fewest_decimals: int | None = None,
        step: float = 1.0,
        size: int = TYPE_BODY,
        signed: bool = False,
    ) -> None:
        super().__init__()
        self.home: QWidget | None = None
        self._signed = signed
        self._fewest_decimals = decimals if fewest_decimals is None else fewest_decimals
        # Where a press began, and the value then; and whether the pointer has moved since.
        self._pressed: tuple[float, float] | None = None
        self._dragged = False
        self._showing = False
        self.setRange(low, high)
        self.setDecimals(decimals)
        self.setSingleStep(step)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setKeyboardTracking(False)
        # A press may begin a drag: it focuses the box only when it turns out to be a click.
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(name)
        self.setToolTip(tip or name)
        self.setFont(font(size, strong=size > TYPE_BODY))
        self.setStyleSheet(f"font-size: {size}px;")
        self.installEventFilter(self)
        self.lineEdit().installEventFilter(self)
        self.valueChanged.connect(self._changed)

    def show_value(self, value: float) -> None:
        """Show a value without emitting `value_edited`."""
        self._showing = True
        self.setValue(value)
        self._showing = False

    def textFromValue(self, value: float) -> str:
        # Always with a decimal point, so that the shown text can be typed. Adding 0 makes -0 a 0.
        rounded = round(value, self.decimals()) + 0.0
        text = f"{rounded:+.{self.decimals()}f}" if self._signed and rounded else f"{rounded:.{self.decimals()}f}"
        n_removable = self.decimals() - self._fewest_decimals
        kept, removable = (text[:-n_removable], text[-n_removable:]) if n_removable else (text, "")
        return (kept + removable.rstrip("0")).removesuffix(".")

    def valueFromText(self, text: str) -> float:
        try:
            return float(text.replace(",", "."))
        except ValueError:
            return self.value()

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        # Points and commas are both decimal marks. Values out of range are clipped when they are complete.
        state = QValidator.State.Acceptable if set(text) <= set("0123456789.,+-") else QValidator.State.Invalid
        return state, text, position

    def event(self, event: QEvent) -> bool:
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() in _LEAVING_KEYS
        ):
            event.accept()  # they mean something else in the rest of the window
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.show_value(self.value())
        else:
            super().keyPressEvent(event)
        if event.key() in _LEAVING_KEYS:
            event.accept()
            self._leave()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        _application().installEventFilter(self)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        _application().removeEventFilter(self)
        super().focusOutEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QMouseEvent) and isinstance(watched, QWidget):
            if watched is not self and watched is not self.lineEdit():
                if event.type() == QEvent.Type.MouseButtonPress and watched.window() is self.window():
                    self._leave()
            elif self.isEnabled() and not self.hasFocus():
                return self._drag(event)
        return False

    def _drag(self, event: QMouseEvent) -> bool:
        """Change the number while the pointer is dragged; a click lets the user type. Returns whether it did either."""
        kind, y = event.type(), event.globalPosition().y()
        if kind == QEvent.Type.MouseButtonPress and event.button() == Qt.MouseButton.LeftButton:
            self._pressed, self._dragged = (y, self.value()), False
        elif kind == QEvent.Type.MouseMove and self._pressed is not None:
            start, value = self._pressed
            n_steps = round((start - y) / _PIXELS_A_STEP)
            self._dragged = self._dragged or n_steps != 0
            self.setValue(value + n_steps * self.singleStep())
        elif kind == QEvent.Type.MouseButtonRelease and self._pressed is not None:
            self._pressed = None
            if not self._dragged:
                self.setFocus(Qt.FocusReason.MouseFocusReason)
                self.selectAll()
        else:
            return False
        return True

    def _leave(self) -> None:
        if self.home is not None:
            self.home.setFocus()
        else:
            self.focusNextChild()

    def _changed(self, value: float) -> None:
        if not self._showing:
            self.value_edited.emit(value)


def _application() -> QCoreApplication:
    application = QCoreApplication.instance()
    assert application is not None
    return application
