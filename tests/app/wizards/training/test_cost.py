"""Test what a benchmark says about a training run."""

from typing import Any

import pytest

from app.wizards.training.cost import TrainingCost, describe_needs, expected_results
from technogan.errors import SpecError
from technogan.records import read_record

COST: dict[str, Any] = {
    "images_per_second": 10.0,
    "begin_seconds": 30.0,
    "memory_mb": 2300.0,
    "device": "",
    "device_mb": 0.0,
    "checkpoint_mb": 450.0,
    "kept_mb": 25.0,
}


def test_expected_results():
    assert [time for time, _ in expected_results(TrainingCost(**COST))] == ["17 min", "55 min", "1.5 h", "4.4 h"]


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({}, "A run takes 2.3 GB of memory, and about 700 MB on disk."),
        (
            {"device": "card", "device_mb": 900.0},
            "A run takes 2.3 GB of memory and 900 MB of graphics memory, and about 700 MB on disk.",
        ),
    ],
)
def test_needs(changes, text):
    assert describe_needs(TrainingCost(**COST | changes), 10) == text


@pytest.mark.parametrize("changes", [{"images_per_second": 0}, {"memory_mb": None}, {"images_per_second": "fast"}])
def test_an_invalid_cost(changes):
    (name,) = changes
    with pytest.raises(SpecError, match=name):
        read_record(TrainingCost, COST | changes)
