"""A number to type, scroll or drag."""

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QMouseEvent, QValidator
from PySide6.QtWidgets import QDoubleSpinBox

from app.widgets.tokens import TYPE_BODY, font

_PIXELS_A_STEP = 3


class NumberBox(QDoubleSpinBox):
    """A number that users type, change with the wheel, or drag up and down."""

    value_edited = Signal(float)  # by the user only, once the number is complete

    def __init__(
        self,
        low: float,
        high: float,
        *,
        name: str,
        tip: str = "",
        decimals: int = 0,
        step: float = 1.0,
        size: int = TYPE_BODY,
        signed: bool = False,
    ) -> None:
        super().__init__()
        self._signed = signed
        self._dragged_from: tuple[float, float] | None = None
        self._showing = False
        self.setRange(low, high)
        self.setDecimals(decimals)
        self.setSingleStep(step)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setKeyboardTracking(False)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(name)
        self.setToolTip(tip or name)
        self.setFont(font(size, strong=size > TYPE_BODY))
        self.setStyleSheet(f"font-size: {size}px;")
        self.lineEdit().installEventFilter(self)
        self.valueChanged.connect(self._changed)
        self.editingFinished.connect(self._release_focus)

    def show_value(self, value: float) -> None:
        """Show a value without emitting `value_edited`."""
        self._showing = True
        self.setValue(value)
        self._showing = False

    def textFromValue(self, value: float) -> str:
        # Always with a decimal point, so that the shown text can be typed.
        return f"{value:+.{self.decimals()}f}" if self._signed and value else f"{value:.{self.decimals()}f}"

    def valueFromText(self, text: str) -> float:
        try:
            return float(text.replace(",", "."))
        except ValueError:
            return self.value()

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        # Points and commas are both decimal marks. Values out of range are clipped when they are complete.
        state = QValidator.State.Acceptable if set(text) <= set("0123456789.,+-") else QValidator.State.Invalid
        return state, text, position

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # Dragging over the text changes the number; a click lets the user type.
        if isinstance(event, QMouseEvent):
            kind = event.type()
            if kind == QEvent.Type.MouseButtonPress and not self.hasFocus():
                self._dragged_from = (event.globalPosition().y(), self.value())
            elif kind == QEvent.Type.MouseMove and self._dragged_from is not None:
                start, value = self._dragged_from
                self.setValue(value + round((start - event.globalPosition().y()) / _PIXELS_A_STEP) * self.singleStep())
                return True
            elif kind == QEvent.Type.MouseButtonRelease:
                self._dragged_from = None
                self.selectAll()
        return bool(super().eventFilter(watched, event))

    def _changed(self, value: float) -> None:
        if not self._showing:
            self.value_edited.emit(value)

    def _release_focus(self) -> None:
        # The keyboard returns to the instrument once a number is entered.
        if self.hasFocus():
            self.clearFocus()
