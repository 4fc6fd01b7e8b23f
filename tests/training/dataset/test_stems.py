"""Datasets that have an image of each stem."""

import json

import numpy as np
import pytest

from app.cli import run
from technogan.errors import OutputError, SourceError, SpecError, SpecMismatch
from technogan.formats import FORMATS
from tests.networks import STEMS, TINY
from training import corpus
from training.corpus import bar
from training.dataset.conversion import images_of, images_of_stems
from training.dataset.images import ARRAY, open_images
from training.dataset.manifest import MANIFEST, Manifest
from training.dataset.synthesis import Selection, write_dataset


@pytest.fixture
def stems(rng):
    """Noise of falling level: three stems of two loops."""
    levels = np.array([[0.3], [0.1], [0.03]], np.float32)
    return levels * rng.uniform(-1, 1, (3, 2 * TINY.n_samples)).astype(np.float32)


def write_stems(folder, shape=(4, 3, TINY.n_bins, TINY.n_frames), stems=STEMS):
    folder.mkdir(exist_ok=True)
    np.save(folder / ARRAY, np.zeros(shape, np.uint8))
    Manifest(TINY, "array", 4, {}, {}, stems=stems).save(folder)
    return folder


def test_a_manifest_with_stems_survives_json():
    manifest = Manifest(TINY, "array", 2, {}, {}, stems=STEMS)
    assert Manifest.from_json(manifest.to_json()) == manifest
    assert manifest.image_shape == (3, 32, 48)


def test_a_manifest_without_stems_does_not_mention_them():
    manifest = Manifest(TINY, "array", 2, {}, {})
    assert "stems" not in json.loads(manifest.to_json())
    assert manifest.image_shape == (32, 48)


@pytest.mark.parametrize("stems", [["kick"], ["kick", "kick"], ["Kick", "drums"], ["kick", 3], "kick"])
def test_impossible_stems_are_refused(stems):
    values = json.loads(Manifest(TINY, "array", 2, {}, {}).to_json())
    with pytest.raises(SpecError, match="stems"):
        Manifest.from_json(json.dumps(values | {"stems": stems}))


def test_an_array_of_stems_is_opened(tmp_path):
    images = open_images(write_stems(tmp_path))
    assert images.array.shape == (4, 3, 32, 48)
    assert images.manifest.stems == STEMS


@pytest.mark.parametrize("shape", [(4, 32, 48), (4, 2, 32, 48), (4, 3, 48, 32), (3, 3, 32, 48)])
def test_an_array_of_another_shape_is_refused(tmp_path, shape):
    write_stems(tmp_path, shape)
    with pytest.raises(SourceError, match=r"contains uint8 \(.*\), not uint8 \(4, 3, 32, 48\)"):
        open_images(tmp_path)


def test_each_stem_gets_the_image_that_it_would_have_alone(stems):
    images, _ = images_of_stems(stems, TINY)
    assert images.shape == (2, 3, 32, 48)
    assert images.dtype == np.uint8
    for i, stem in enumerate(stems):
        np.testing.assert_array_equal(images[:, i], images_of(stem, TINY)[0])


def test_the_level_of_stems_is_that_of_their_sum(stems):
    _, tally = images_of_stems(stems, TINY)
    _, whole = images_of(stems.sum(axis=0), TINY)
    assert tally.images == 2
    assert tally.level == pytest.approx(whole.level)
    assert (tally.lowest, tally.highest) == pytest.approx((whole.lowest, whole.highest))


def test_a_loop_is_silent_if_all_its_stems_are(stems):
    stems[:2] = 0
    stems[2, : TINY.n_samples] = 0
    assert images_of_stems(stems, TINY)[1].silent == 1


def test_stems_of_another_length_are_refused(stems):
    with pytest.raises(SpecMismatch, match="a multiple of 768"):
        images_of_stems(stems[:, 1:], TINY)


def test_synth_writes_an_image_of_each_stem(tmp_path, capsys):
    command = ["dataset", "synth", "--images", "--stems", "--format", "half", "--bars", "2", "--seed", "7", "-j", "1"]
    assert run([*command, "-o", str(tmp_path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["images"] == 4
    images = open_images(tmp_path)
    assert images.manifest.stems == corpus.STEMS
    expected = [images_of_stems(bar.render_stems(seed), FORMATS["half"])[0] for seed in (7, 8)]
    np.testing.assert_array_equal(images.array, np.concatenate(expected))
    assert sorted(path.name for path in tmp_path.iterdir()) == [MANIFEST, ARRAY]


def test_stems_need_images(tmp_path, capsys):
    assert run(["dataset", "synth", "--stems", "--bars", "1", "-o", str(tmp_path / "x")]) == 1
    assert "stems is True; it must be off without --images" in capsys.readouterr().err
    assert not (tmp_path / "x").exists()


def test_a_dataset_with_stems_does_not_replace_one_without(tmp_path):
    write_dataset(Selection(1), FORMATS["beat"], tmp_path, jobs=1)
    with pytest.raises(OutputError, match="another dataset"):
        write_dataset(Selection(1), FORMATS["beat"], tmp_path, jobs=1, stems=True)
