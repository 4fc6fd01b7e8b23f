import numpy as np
import pytest

from app.drawing.colour_maps import MAPS, colours, colours_of_hue
from technogan.errors import SettingError


def lightness(argb):
    red, green, blue = ((argb >> shift & 255) / 255.0 for shift in (16, 8, 0))
    return 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2


@pytest.mark.parametrize("name", MAPS)
def test_lightness_rises_with_the_level(name):
    shown = lightness(colours(name).astype(np.int64))
    assert (np.diff(shown) > -1e-3).all()
    assert shown[0] < 0.02
    assert shown[-1] > 0.7


def test_hues_stay_distinct():
    assert len({int(colours_of_hue(hue)[128]) for hue in np.linspace(0, 0.9, 8)}) == 8


def test_an_unknown_map_is_an_error():
    with pytest.raises(SettingError, match="colour map is 'Rainbow'"):
        colours("Rainbow")
