"""Test the sample images of a dataset."""

import numpy as np
import pytest

from app.wizards.common.image_grid import read_sample_images
from technogan.files.png import write_png
from technogan.formats import FORMATS
from technogan.image import from_grey


@pytest.mark.parametrize("rows", [320, 256, 3 * 320])
def test_sample_images_are_upright(tmp_path, rows):
    grey = np.zeros((rows, 16), np.uint8)
    grey[:16] = 255  # the lowest bins
    for i in range(40):
        write_png(tmp_path / "images" / f"{i:02d}.png", from_grey(grey))
    (tmp_path / "images" / "broken.png").write_bytes(b"not a PNG")
    images = read_sample_images(tmp_path, FORMATS["bar"])
    assert 17 <= len(images) <= 18
    assert (np.diff(images[0][[0, -1]].astype(np.int64) & 0xFF00, axis=0) > 0).all()


def test_a_dataset_without_images_has_no_samples(tmp_path):
    assert read_sample_images(tmp_path, FORMATS["half-cq"]) == []
