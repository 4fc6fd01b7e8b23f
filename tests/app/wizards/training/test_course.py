"""What a run's events mean."""

import pytest

from app.wizards.training.course import Course, hint


def course_of(*mel, floor=2.0, diversity=None):
    course = Course()
    course.take({"event": "started", "images": 0, "seconds": 0})
    course.take({"event": "floor", "images": 0, "mel": floor})
    for i, value in enumerate(mel):
        facts = {} if diversity is None else {"diversity": diversity[i]}
        course.take({"event": "figures", "images": 1000 * (i + 1), "mel": value} | facts)
    return course


@pytest.mark.parametrize(
    ("mel", "diversity", "images", "kind"),
    [
        ((), None, 6000, "begun"),
        ((20,), None, 6000, "early"),
        ((20, 18), None, 6000, "early"),
        ((20, 18, 16), None, 6000, "improving"),
        ((20, 18, 16, 15, 14, 13), None, 6000, "improving"),
        ((20, 10, 9.9, 9.8, 9.9), None, 6000, "level"),
        ((20, 10, 10.2, 10.1, 10.3), None, 600, "level"),
        ((20, 10, 12, 12.5, 13), None, 600, "by heart"),
        ((20, 10, 12, 12.5, 13), None, 6000, "level"),
        ((20, 10, 9, 16, 17), None, 6000, "collapsing"),
        ((20, 10, 9, 30, 9.1), None, 6000, "improving"),
        ((20, 18, 16, 15, 14), (0.9, 0.9, 0.9, 0.3, 0.3), 6000, "collapsing"),
        ((20, 18, 16, 15, 14), (0.9, 0.9, 0.9, 0.3, 0.9), 6000, "improving"),
        ((20, 18, 16, 15, 14), (0.3, 0.4, 0.5, 0.6, 0.7), 6000, "improving"),
    ],
)
def test_hints(mel, diversity, images, kind):
    assert hint(course_of(*mel, diversity=diversity), images).kind == kind


def test_quality_is_told_by_what_real_music_reaches():
    assert "4.0 times as far" in hint(course_of(12, 10, 8), 6000).text


def test_without_a_floor_no_ratio_is_told():
    course = Course()
    for i in range(3):
        course.take({"event": "figures", "images": i, "mel": 9.0 - i})
    assert "times" not in hint(course, 6000).text


def test_an_advice_names_the_best():
    assert "3,000 images" in hint(course_of(20, 10, 9, 16, 17), 6000).advice


def test_a_run_tells_how_far_it_is():
    course = Course()
    losses = {"generator": 0.7, "discriminator": 0.6}
    course.take(
        {"event": "progress", "images": 64, "seconds": 9.5, "images_per_second": 8, "seconds_left": 60} | losses
    )
    assert (course.images, course.seconds, course.rate, course.left) == (64, 9.5, 8, 60)
    assert course.losses == [(64, 0.7, 0.6)]


def test_weeks_of_losses_stay_few_and_keep_their_means():
    course = Course()
    for i in range(20_000):
        course.take({"event": "progress", "images": i, "generator": i % 2, "discriminator": 0.5})
    assert 1000 < len(course.losses) <= 4001
    assert {entry[1] for entry in course.losses[:1000]} == {0.5}
    assert course.losses[-1][0] == 19_999


def test_what_is_done_again_is_forgotten():
    course = course_of(20, 18, 16)
    course.take({"event": "preview", "images": 3000, "paths": ["a.png", "a.wav"]})
    course.take({"event": "started", "images": 1000, "seconds": 60})
    assert [figure.images for figure in course.figures] == [1000]
    assert not course.previews


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        (["paused"], True),
        (["paused", "resumed"], False),
        (["paused", "started"], False),
    ],
)
def test_whether_it_is_paused(events, expected):
    course = Course()
    for event in events:
        course.take({"event": event})
    assert course.paused is expected


@pytest.mark.parametrize(
    "event",
    [
        {"event": "figures", "mel": None},
        {"event": "figures"},
        {"event": "preview", "paths": ["one"]},
        {"event": "progress", "generator": "x"},
        {"event": "floor", "mel": "low"},
        {"event": "checkpoint", "images": "many"},
        {"event": "figures", "mel": 3, "part": "encoder"},
        {"event": "unheard of"},
    ],
)
def test_an_event_without_sense_changes_nothing(event):
    course = course_of(20, 18)
    before = (course.images, list(course.figures), list(course.previews), course.floor, list(course.losses))
    course.take(event)
    assert (course.images, course.figures, course.previews, course.floor, course.losses) == before


def test_a_warning_stands_until_the_next_checkpoint():
    course = Course()
    course.take({"event": "warning", "message": "the disk is full"})
    assert course.warning == "the disk is full"
    course.take({"event": "checkpoint", "images": 5})
    assert (course.warning, course.saved) == ("", 5)


def test_too_little_memory_is_known_as_such():
    course = Course()
    course.take({"event": "failed", "message": "memory", "cause": "memory"})
    assert course.cause == "memory"
