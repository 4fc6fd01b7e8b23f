"""The forms of the training wizard."""

from collections.abc import Mapping

from PySide6.QtWidgets import QFormLayout, QLineEdit, QWidget

from app.widgets.panel import QuietLabel
from app.widgets.tokens import GRID, Tokens

FIELD_WIDTH = 300
_LABEL_WIDTH = 160
_LONGEST_NAME = 60


def make_form(tokens: Tokens, fields: Mapping[str, QWidget]) -> QFormLayout:
    """Return a form with a labelled row for each field."""
    form = QFormLayout()
    form.setContentsMargins(0, 0, 0, 0)
    form.setHorizontalSpacing(6 * GRID)
    form.setVerticalSpacing(2 * GRID)
    form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.FieldsStayAtSizeHint)
    for name, field in fields.items():
        label = QuietLabel(tokens, name)
        label.setMinimumWidth(_LABEL_WIDTH)
        form.addRow(label, field)
    return form


def make_name_field() -> QLineEdit:
    """Return a field for the name of a model."""
    field = QLineEdit(maxLength=_LONGEST_NAME)
    field.setAccessibleName("Name of the model")
    field.setMinimumWidth(FIELD_WIDTH)
    return field
