"""Test reading a dataset's manifest and judging its size."""

import dataclasses
import json

import pytest

from app.wizards.training.dataset_info import judge_count, read_dataset
from technogan.errors import SourceError
from technogan.formats import find_format


def dataset(folder, **changes):
    values = {
        "format": find_format("beat").to_dict(),
        "images": 100,
        "storage": "array",
        "origin": {},
    } | changes
    folder.mkdir(exist_ok=True)
    (folder / "dataset.json").write_text(json.dumps(values))
    (folder / "images.npy").write_bytes(b"")
    return folder


def test_the_manifest_of_a_dataset(tmp_path):
    info = read_dataset(dataset(tmp_path / "d", origin={"corpus": 3}))
    assert (info.format, info.images, info.synthetic) == (find_format("beat"), 100, True)
    assert info.networks == ("beat",)


@pytest.mark.parametrize("name", ["beat", "beat-256"])
def test_the_networks_for_a_format_of_256_rows(tmp_path, name):
    old = dataclasses.replace(find_format("beat-256"), name=name)
    info = read_dataset(dataset(tmp_path / "d", format=old.to_dict()))
    assert info.networks == ("beat-256", "prototype-128x256")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"images": 0}, "no images"),
        ({"images": "many"}, "no images"),
        ({"images": True}, "no images"),
        ({"format": 3}, "not a valid dataset manifest"),
        ({"origin": None}, "not a valid dataset manifest"),
        ({"storage": "png", "pictures": "images"}, "is missing"),
    ],
)
def test_an_invalid_dataset(tmp_path, changes, reason):
    with pytest.raises(SourceError, match=reason):
        read_dataset(dataset(tmp_path / "d", **changes))


@pytest.mark.parametrize("text", ["", "[]", "{", "null", "{}"])
def test_a_damaged_manifest(tmp_path, text):
    (tmp_path / "dataset.json").write_text(text)
    with pytest.raises(SourceError, match="not a valid dataset manifest"):
        read_dataset(tmp_path)


def test_a_missing_manifest_and_a_missing_folder_have_different_messages(tmp_path):
    with pytest.raises(SourceError, match=r"has no dataset\.json"):
        read_dataset(tmp_path)
    with pytest.raises(SourceError, match="no longer exists"):
        read_dataset(tmp_path / "moved")


@pytest.mark.parametrize(
    ("images", "kind"),
    [(1, "too few"), (47, "too few"), (48, "few"), (1499, "few"), (5499, "few"), (5500, "good"), (24000, "good")],
)
def test_image_count(images, kind):
    assert judge_count(images).kind == kind
