"""Figures in plain words."""

from __future__ import annotations

import pytest

from app.wizards.dataset.summary import facts_of, warnings_of
from app.wizards.dataset.wording import change, closeness, enough, verdict


def tempo(verdict, *, p95=0.4, trend=0.0, wander=0.0):
    drift = {"p95_ms": p95, "worst_ms": 17, "trend_bpm_per_minute": trend, "wander_ms": wander, "followed": 0.9}
    return {"bpm": 127.998, "verdict": verdict, "drift": drift, "confidence": 0.1}


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({}, "has not been measured"),
        (tempo("exact"), "Exact: 95 % of its beats lie within 0.4 ms of 128.00 BPM"),
        (tempo("conform", trend=0.05), "rises by 0.05 BPM a minute"),
        (tempo("conform", trend=-0.05), "falls by 0.05 BPM a minute"),
        (tempo("conform", wander=9), "wanders by 9 ms"),
        (tempo("conform"), "17 ms off. Conform it."),
        (tempo("unusable"), "No steady beat"),
    ],
)
def test_verdicts(facts, said):
    assert said in verdict(facts)


@pytest.mark.parametrize(
    ("images", "said"), [(0, "few"), (999, "few"), (1000, "a beginning"), (5499, "a beginning"), (5500, "enough.")]
)
def test_whether_pictures_are_enough(images, said):
    assert said in enough(images)


@pytest.mark.parametrize(
    ("bpm", "said"),
    [(128.0, "keeps its tempo"), (126.0, "1.6% faster"), (130.0, "1.5% slower"), (100.0, "that will be heard")],
)
def test_what_conforming_does(bpm, said):
    assert said in change(bpm, 128.0)


@pytest.mark.parametrize(
    ("decibels", "said"), [(-25.0, "hard to tell"), (-15.0, "close"), (-9.0, "fair"), (-2.0, "far")]
)
def test_closeness(decibels, said):
    assert said in closeness(decibels)


REPORT = {
    "readable": 93,
    "format": "bar",
    "duplicates": [],
    "near_duplicates": [["a", "b"]],
    "silent": [],
    "distorted": [],
    "faults": ["a.png: missing"],
    "warnings": ["93 images are few; a thousand is a beginning", "7 images are silent"],
}


def test_a_check_in_lines():
    assert list(facts_of(REPORT, 3, "/data"))[:2] == [
        "93 pictures of format bar, from 3 tracks",
        "1 picture nearly equal to an earlier one",
    ]
    assert list(warnings_of(REPORT)) == ["Fault: a.png: missing", "7 images are silent."]
