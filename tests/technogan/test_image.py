from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from technogan.errors import OutputError, SourceError, SpecMismatch
from technogan.files.png import read_images, read_png, write_magnitude, write_png
from technogan.formats import FORMATS
from technogan.image import from_grey, mix_images, mix_magnitudes, to_grey, to_image, to_magnitude

BEAT = FORMATS["beat-256"]


@pytest.mark.parametrize("power", [2.0, 3.0, 1.0, 2.5, 4.0])
def test_image_and_magnitude_convert_into_each_other(rng, power):
    described = replace(BEAT, power=power)
    magnitude = rng.uniform(1, 160, (128, 256)).astype(np.float32)
    image, report = to_image(magnitude, described)
    assert image.shape == (256, 128)
    assert np.abs(to_magnitude(image, described) - magnitude).max() < 2e-3
    assert (report.clipped, report.weak) == (0, 0)


def test_values_follow_the_formula_of_the_format():
    image = np.full((256, 128), 0.0, np.float32)  # value 0.5
    assert to_magnitude(image, BEAT) == pytest.approx(160 * 0.5**3)


def test_row_0_is_the_lowest_bin():
    magnitude = np.zeros((128, 256), np.float32)
    magnitude[5, 0] = 160
    assert to_image(magnitude, BEAT)[0][0, 5] == 1


def test_clipped_and_weak_bins_are_counted():
    magnitude = np.full((128, 256), 80, np.float32)
    magnitude[:64] = 161
    magnitude[64:96] = 160 * (0.4 / 255) ** 3
    report = to_image(magnitude, BEAT)[1]
    assert (report.clipped, report.weak) == (0.5, 0.25)
    assert to_image(magnitude, BEAT)[0].max() == 1


def test_grey_is_clipped_and_never_wraps():
    image = np.array([[-1.5, -1.0, 0.0, 1.0, 1.5]], np.float32)
    assert to_grey(image).tolist() == [[0, 0, 128, 255, 255]]


def test_grey_is_converted_without_loss():
    grey = np.arange(256, dtype=np.uint8)
    assert (to_grey(from_grey(grey)) == grey).all()


def test_a_png_is_read_back(rng, tmp_path):
    image = rng.uniform(-1, 1, (256, 128)).astype(np.float32)
    write_png(tmp_path / "a.png", image, comment="läßt sich lesen")
    back, comment = read_png(tmp_path / "a.png")
    assert np.abs(back - image).max() <= 0.5 / 127.5 + 1e-6
    assert comment == "läßt sich lesen"
    with Image.open(tmp_path / "a.png") as picture:
        assert (picture.size, picture.mode) == ((128, 256), "L")


def test_several_loops_are_written_side_by_side(rng, tmp_path):
    magnitude = rng.uniform(0, 160, (3 * 128, 256)).astype(np.float32)
    write_magnitude(tmp_path / "a.png", magnitude, BEAT)
    frames = read_images(tmp_path / "a.png", BEAT)
    assert frames.shape == (3, 256, 128)
    wanted = to_image(magnitude[128:256], BEAT)[0]
    assert np.abs(frames[1] - wanted).max() <= 0.5 / 127.5 + 1e-6


def test_colour_pictures_are_converted_to_grey(tmp_path):
    Image.new("RGB", (128, 256), (255, 255, 255)).save(tmp_path / "white.png")
    assert (read_images(tmp_path / "white.png", BEAT) == 1).all()


@pytest.mark.parametrize("size", [(127, 256), (128, 255), (256, 128), (1, 1)])
def test_pictures_of_another_size_are_refused(tmp_path, size):
    Image.new("L", size).save(tmp_path / "odd.png")
    with pytest.raises(SourceError, match=f"{size[0]} x {size[1]} pixels.*128 wide.*256 high"):
        read_images(tmp_path / "odd.png", BEAT)


def test_files_that_are_not_pictures_are_refused(tmp_path):
    (tmp_path / "text.png").write_text("not a picture")
    with pytest.raises(SourceError, match="not a picture"):
        read_png(tmp_path / "text.png")
    with pytest.raises(SourceError, match="no such file"):
        read_png(tmp_path / "missing.png")
    with pytest.raises(SourceError):
        read_png(tmp_path)


def test_truncated_pictures_are_refused(rng, tmp_path):
    write_png(tmp_path / "a.png", rng.uniform(-1, 1, (256, 128)).astype(np.float32))
    whole = (tmp_path / "a.png").read_bytes()
    for kept in (0, 7, 20, 60, len(whole) // 2):
        (tmp_path / "cut.png").write_bytes(whole[:kept])
        with pytest.raises(SourceError):
            read_png(tmp_path / "cut.png")


def test_the_powers_of_stems_add_up():
    magnitudes = np.array([[[3.0, 0.0]], [[4.0, 2.0]]], np.float32)
    np.testing.assert_allclose(mix_magnitudes(magnitudes), [[5.0, 2.0]])


def test_the_mixed_image_is_that_of_the_mixed_magnitude(rng):
    magnitudes = rng.uniform(0, 80, (2, 128, 256)).astype(np.float32)
    stems = np.stack([to_image(magnitude, BEAT)[0] for magnitude in magnitudes])
    wanted = to_image(mix_magnitudes(magnitudes), BEAT)[0]
    np.testing.assert_allclose(mix_images(stems[np.newaxis], BEAT)[0], wanted, atol=1e-3)


def test_a_mixed_image_is_clipped():
    assert mix_images(np.ones((1, 2, 4, 4), np.float32), BEAT).max() == 1


def test_images_of_another_shape_are_refused():
    with pytest.raises(SpecMismatch, match="256 x 128"):
        to_magnitude(np.zeros((128, 256), np.float32), BEAT)


def test_a_folder_that_cannot_be_created_is_reported(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OutputError):
        write_png(tmp_path / "file" / "a.png", np.zeros((256, 128), np.float32))
