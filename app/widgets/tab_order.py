"""Tab moves through a window in the order of its layouts: row by row, from left to right."""

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLayout, QWidget


class TabsByLayout:
    """A mixin for windows, to put before QWidget. Qt's own order is that in which widgets were made."""

    def focusNextPrevChild(self, onward: bool) -> bool:
        assert isinstance(self, QWidget)
        stops = list(find_stops(self))
        if not stops:
            return False
        step = 1 if onward else -1
        focused = self.focusWidget()
        # A widget that Tab does not stop at leads to the first or last stop.
        place = stops.index(focused) if focused in stops else -1 if onward else 0
        reason = Qt.FocusReason.TabFocusReason if onward else Qt.FocusReason.BacktabFocusReason
        stops[(place + step) % len(stops)].setFocus(reason)
        return True


def find_stops(parent: QWidget) -> Iterator[QWidget]:
    """Yield the widgets inside a visible parent that Tab stops at, in the order of the layouts."""
    for widget in _children(parent):
        if not widget.isVisible() or not widget.isEnabled():
            continue
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
            yield widget
        else:
            yield from find_stops(widget)


def _children(parent: QWidget) -> Iterator[QWidget]:
    """Yield the widgets of a parent's layout in order, then those outside of it."""
    layout = parent.layout()
    placed = [] if layout is None else list(_widgets(layout))
    yield from placed
    for child in parent.children():
        if isinstance(child, QWidget) and not child.isWindow() and child not in placed:
            yield child


def _widgets(layout: QLayout) -> Iterator[QWidget]:
    for i in range(layout.count()):
        item = layout.itemAt(i)
        if item is None:
            continue
        widget, inner = item.widget(), item.layout()
        if widget is not None:
            yield widget
        elif inner is not None:
            yield from _widgets(inner)
