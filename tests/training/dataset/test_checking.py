"""Checks for near duplicates, and folders of pictures without a manifest."""

import numpy as np
import pytest

from technogan.errors import OutputError, SourceError
from technogan.formats import FORMATS
from tests.signals import beat_loop
from training.dataset.checking import adopt_pictures, check_dataset
from training.dataset.conversion import images_of
from training.dataset.images import open_images
from training.dataset.manifest import MANIFEST
from training.dataset.near_duplicates import find_near_duplicates, make_sketch
from training.dataset.png import write_grey

BEAT = FORMATS["beat-256"]


def beat_image(seed):
    return images_of(beat_loop(1, seed=seed), BEAT)[0][0]


@pytest.fixture
def pictures(tmp_path, rng):
    """A folder of PNG files without a manifest, one of them in a subfolder."""
    folder = tmp_path / "spectrograms"
    (folder / "more").mkdir(parents=True)
    for name in ("0.png", "1.png", "more/2.PNG"):
        write_grey(folder / name, rng.integers(0, 256, (256, 128), dtype=np.uint8))
    return folder


def test_a_folder_of_pictures_is_adopted_in_place(pictures):
    before = {path: path.read_bytes() for path in pictures.rglob("*.*")}
    manifest, skipped = adopt_pictures(pictures, BEAT)
    assert (manifest.images, skipped) == (3, ())
    assert {path: path.read_bytes() for path in pictures.rglob("*.*") if path.name != MANIFEST} == before
    assert len(open_images(pictures).array) == 3
    report = check_dataset(pictures)
    assert (report.is_consistent, report.readable, report.unlisted) == (True, 3, [])


def test_pictures_of_another_size_are_left_out_and_reported(pictures):
    write_grey(pictures / "wide.png", np.zeros((256, 256), np.uint8))
    (pictures / "text.png").write_text("no picture")
    manifest, skipped = adopt_pictures(pictures, BEAT)
    assert manifest.images == 3
    assert sorted(error.path.name for error in skipped) == ["text.png", "wide.png"]
    assert {left["path"] for left in manifest.origin["left_out"]} == {"text.png", "wide.png"}


@pytest.mark.parametrize("make", [lambda folder: None, lambda folder: folder.mkdir()])
def test_a_folder_without_pictures_is_not_adopted(tmp_path, make):
    make(tmp_path / "none")
    with pytest.raises(SourceError):
        adopt_pictures(tmp_path / "none", BEAT)
    assert not (tmp_path / "none" / MANIFEST).exists()


def test_pictures_of_another_format_are_not_adopted(pictures):
    with pytest.raises(SourceError, match="no pictures of format bar"):
        adopt_pictures(pictures, FORMATS["bar"])


def test_a_manifest_is_not_overwritten(pictures):
    adopt_pictures(pictures, BEAT)
    with pytest.raises(OutputError, match="already"):
        adopt_pictures(pictures, BEAT)


def test_near_duplicates_are_found(pictures):
    image = beat_image(1)
    noisy = np.clip(image.astype(int) + np.random.default_rng(0).integers(-2, 3, image.shape), 0, 255)
    write_grey(pictures / "a.png", image)
    write_grey(pictures / "b.png", noisy.astype(np.uint8))
    write_grey(pictures / "c.png", np.roll(image, 40, axis=1))
    write_grey(pictures / "d.png", image)
    adopt_pictures(pictures, BEAT)
    report = check_dataset(pictures)
    assert report.near_duplicates == [("b.png", "a.png")]
    assert report.duplicates == [("d.png", "a.png")]


def test_near_duplicates_across_blocks(monkeypatch, rng):
    monkeypatch.setattr("training.dataset.near_duplicates._BLOCK", 7)
    sketches = rng.uniform(0, 255, (40, 512)).astype(np.float32)
    sketches[23] = sketches[4] + 0.5
    sketches[6] = sketches[5] - 0.5
    assert find_near_duplicates(sketches) == [(6, 5), (23, 4)]


def test_a_sketch_consists_of_means(rng):
    image = rng.integers(0, 256, (256, 512), dtype=np.uint8)
    wanted = image.reshape(16, 16, 32, 16).mean(axis=(1, 3)).ravel()
    np.testing.assert_allclose(make_sketch(image), wanted, rtol=1e-5)
    assert make_sketch(np.full((8, 8), 7, np.uint8)).tolist() == [7.0] * 64
