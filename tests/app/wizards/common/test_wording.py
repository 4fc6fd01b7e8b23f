"""Times, sizes and numbers."""

import pytest

from app.wizards.common.wording import duration, left, length, several, size


@pytest.mark.parametrize(("seconds", "said"), [(0, "0:00"), (65.4, "1:05"), (3723, "1:02:03")])
def test_length(seconds, said):
    assert length(seconds) == said


@pytest.mark.parametrize(
    ("seconds", "said"), [(3, "few seconds"), (44, "40 seconds"), (600, "10 minutes"), (7200, "2.0 hours")]
)
def test_time_left(seconds, said):
    assert said in left(seconds)


@pytest.mark.parametrize(("n", "said"), [(12, "12 bytes"), (2.5e6, "2 MB"), (1.25e9, "1.2 GB")])
def test_size(n, said):
    assert size(n) == said


@pytest.mark.parametrize(("n", "said"), [(1, "1 track"), (0, "0 tracks"), (12345, "12 345 tracks")])
def test_several(n, said):
    assert several(n, "track") == said


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "1 s"), (40, "40 s"), (120, "2 min"), (5000, "83 min"), (7200, "2.0 h"), (86400, "24 h"), (10**6, "12 days")],
)
def test_durations(seconds, text):
    assert duration(seconds) == text
