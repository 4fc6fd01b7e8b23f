import pytest
from PySide6.QtCore import QRect

from app.widgets.slider_cell import SliderCell

WELL = QRect(20, 100, 18, 101)


@pytest.mark.parametrize(
    ("value", "top", "bottom"), [(127, 100, 149), (64, 125, 149), (0, 150, 149), (-64, 151, 175), (-128, 151, 200)]
)
def test_a_bar_extends_from_the_middle_to_its_value(value, top, bottom):
    bar = SliderCell.of(WELL).bar(value)
    assert (bar.top(), bar.bottom()) == (top, bottom)
    assert (bar.left(), bar.width()) == (20, 18)


def test_the_middle_line_is_never_covered():
    cell = SliderCell.of(WELL)
    assert not any(cell.bar(value).intersects(cell.line) for value in range(-128, 128))
