"""Layouts that several pages use."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.widgets.tokens import GRID


def make_row(*widgets: QWidget, spacing: int = 2 * GRID) -> QHBoxLayout:
    """Return a row of widgets, aligned to the left."""
    row = QHBoxLayout()
    row.setSpacing(spacing)
    for widget in widgets:
        row.addWidget(widget)
    row.addStretch(1)
    return row
