"""What is known before a training begins."""

import json

import pytest

from app.wizards.training.facts import Cost, expectations, judge_count, needs, read_dataset
from technogan.errors import SourceError, SpecError
from technogan.formats import format_named

COST = {
    "images_per_second": 10.0,
    "begin_seconds": 30.0,
    "memory_mb": 2300.0,
    "device": "",
    "device_mb": 0.0,
    "checkpoint_mb": 450.0,
    "kept_mb": 25.0,
}


def dataset(folder, **changes):
    values = {
        "format": format_named("beat").to_dict(),
        "images": 100,
        "storage": "array",
        "origin": {},
    } | changes
    folder.mkdir(exist_ok=True)
    (folder / "dataset.json").write_text(json.dumps(values))
    (folder / "images.npy").write_bytes(b"")
    return folder


def test_a_dataset_says_what_it_is(tmp_path):
    facts = read_dataset(dataset(tmp_path / "d", origin={"corpus": 3}))
    assert (facts.format, facts.images, facts.synthetic) == (format_named("beat"), 100, True)
    assert facts.networks == ("beat", "prototype-128x256")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"images": 0}, "no images"),
        ({"images": "many"}, "no images"),
        ({"images": True}, "no images"),
        ({"format": 3}, "no dataset's file"),
        ({"origin": None}, "no dataset's file"),
        ({"storage": "png", "pictures": "images"}, "is missing"),
    ],
)
def test_a_dataset_that_makes_no_sense(tmp_path, changes, reason):
    with pytest.raises(SourceError, match=reason):
        read_dataset(dataset(tmp_path / "d", **changes))


@pytest.mark.parametrize("text", ["", "[]", "{", "null", "{}"])
def test_a_damaged_manifest(tmp_path, text):
    (tmp_path / "dataset.json").write_text(text)
    with pytest.raises(SourceError, match="no dataset's file"):
        read_dataset(tmp_path)


def test_a_folder_without_one_and_no_folder_are_told_apart(tmp_path):
    with pytest.raises(SourceError, match="holds no dataset"):
        read_dataset(tmp_path)
    with pytest.raises(SourceError, match="not there"):
        read_dataset(tmp_path / "moved")


@pytest.mark.parametrize(
    ("images", "kind"),
    [(1, "too few"), (47, "too few"), (48, "few"), (1499, "few"), (5499, "few"), (5500, "good"), (24000, "good")],
)
def test_whether_images_are_enough(images, kind):
    assert judge_count(images).kind == kind


def test_a_trial_says_how_long_what_takes():
    assert [time for time, _ in expectations(Cost.of(COST))] == ["17 min", "55 min", "1.5 h", "4.4 h"]


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({}, "It takes 2.3 GB of memory, and about 700 MB on disk."),
        (
            {"device": "card", "device_mb": 900.0},
            "It takes 2.3 GB of memory and 900 MB of the card's, and about 700 MB on disk.",
        ),
    ],
)
def test_what_a_training_needs(changes, text):
    assert needs(Cost.of(COST | changes), 10) == text


@pytest.mark.parametrize("changes", [{"images_per_second": 0}, {"memory_mb": None}, {"images_per_second": "fast"}])
def test_a_trial_without_sense(changes):
    with pytest.raises(SpecError, match="no sense"):
        Cost.of(COST | changes)
