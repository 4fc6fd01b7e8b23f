"""Test times, sizes and counts as the wizards show them."""

import pytest

from app.wizards.common.wording import (
    approximate_duration,
    format_count,
    format_playing_time,
    format_size,
    format_time_left,
)


@pytest.mark.parametrize(("seconds", "text"), [(0, "0:00"), (65.4, "1:05"), (3723, "1:02:03")])
def test_playing_time(seconds, text):
    assert format_playing_time(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(3, "few seconds"), (44, "40 seconds"), (600, "10 minutes"), (7200, "2.0 hours")]
)
def test_time_left(seconds, text):
    assert text in format_time_left(seconds)


@pytest.mark.parametrize(("n", "text"), [(12, "12 bytes"), (2.5e6, "2 MB"), (1.25e9, "1.2 GB")])
def test_size(n, text):
    assert format_size(n) == text


@pytest.mark.parametrize(("n", "text"), [(1, "1 track"), (0, "0 tracks"), (12345, "12 345 tracks")])
def test_count(n, text):
    assert format_count(n, "track") == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "1 s"), (40, "40 s"), (120, "2 min"), (5000, "83 min"), (7200, "2.0 h"), (86400, "24 h"), (10**6, "12 days")],
)
def test_approximate_duration(seconds, text):
    assert approximate_duration(seconds) == text
