"""Test the descriptions of measurements."""

import pytest

from app.wizards.dataset.summary import describe_report, list_warnings
from app.wizards.dataset.wording import (
    describe_convergence,
    describe_image_count,
    describe_tempo,
    describe_tempo_change,
)


def tempo(verdict, *, p95=0.4, trend=0.0, wander=0.0):
    drift = {"p95_ms": p95, "worst_ms": 17, "trend_bpm_per_minute": trend, "wander_ms": wander, "followed": 0.9}
    return {"bpm": 127.998, "verdict": verdict, "drift": drift, "confidence": 0.1}


@pytest.mark.parametrize(
    ("measured", "text"),
    [
        ({}, "has not been measured"),
        (tempo("exact"), "Exact: 95 % of its beats are within 0.4 ms of 128.00 BPM"),
        (tempo("conform", trend=0.05), "rises by 0.05 BPM per minute"),
        (tempo("conform", trend=-0.05), "falls by 0.05 BPM per minute"),
        (tempo("conform", wander=9), "wanders by 9 ms"),
        (tempo("conform"), "17 ms off. Conform it."),
        (tempo("unclear") | {"rival_bpm": 96.0}, "may be at 96.0 BPM instead of 128.00"),
        (tempo("unusable"), "No steady beat"),
    ],
)
def test_tempo(measured, text):
    assert text in describe_tempo(measured)


@pytest.mark.parametrize(
    ("images", "text"), [(0, "few"), (999, "few"), (1000, "a good start"), (5499, "a good start"), (5500, "enough.")]
)
def test_image_count(images, text):
    assert text in describe_image_count(images)


@pytest.mark.parametrize(
    ("bpm", "text"),
    [(128.0, "keeps its tempo"), (126.0, "1.6% faster"), (130.0, "1.5% slower"), (100.0, "audible")],
)
def test_tempo_change(bpm, text):
    assert text in describe_tempo_change(bpm, 128.0)


@pytest.mark.parametrize(
    ("decibels", "text"), [(-25.0, "hard to tell"), (-15.0, "close"), (-9.0, "fair"), (-2.0, "poor")]
)
def test_convergence(decibels, text):
    assert text in describe_convergence(decibels)


REPORT = {
    "readable": 93,
    "format": "bar",
    "duplicates": [],
    "near_duplicates": [["a", "b"]],
    "silent": [],
    "distorted": [],
    "faults": ["a.png: missing"],
    "warnings": ["only 93 images; use at least 1000", "7 images are silent"],
    "warning_kinds": ["few", "silent"],
}


def test_a_report_in_lines():
    assert list(describe_report(REPORT, 3))[:2] == [
        "93 images of format bar, from 3 tracks",
        "1 image nearly identical to an earlier one",
    ]
    assert list(list_warnings(REPORT)) == ["Fault: a.png: missing", "7 images are silent."]
