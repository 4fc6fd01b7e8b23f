"""Test what the events of a run mean."""

import pytest

from app.wizards.training.progress import TrainingProgress, make_hint


def progress_of(*mel, floor=2.0, diversity=None):
    progress = TrainingProgress()
    progress.update({"event": "started", "images": 0, "seconds": 0})
    progress.update({"event": "floor", "images": 0, "mel": floor})
    for i, value in enumerate(mel):
        extra = {} if diversity is None else {"diversity": diversity[i]}
        progress.update({"event": "figures", "images": 1000 * (i + 1), "mel": value} | extra)
    return progress


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
    assert make_hint(progress_of(*mel, diversity=diversity), images).kind == kind


def test_the_distance_is_relative_to_that_of_real_music():
    assert "Distance to your music: 4.0x" in make_hint(progress_of(12, 10, 8), 6000).text


def test_there_is_no_ratio_without_a_floor():
    progress = TrainingProgress()
    for i in range(3):
        progress.update({"event": "figures", "images": i, "mel": 9.0 - i})
    hint = make_hint(progress, 6000)
    assert hint.kind == "improving"
    assert "Distance" not in hint.text


def test_the_advice_names_the_best_checkpoint():
    assert "3,000 images" in make_hint(progress_of(20, 10, 9, 16, 17), 6000).advice


def test_a_report_updates_time_rate_and_losses():
    progress = TrainingProgress()
    losses = {"generator": 0.7, "discriminator": 0.6}
    progress.update(
        {"event": "progress", "images": 64, "seconds": 9.5, "images_per_second": 8, "seconds_left": 60} | losses
    )
    assert (progress.images, progress.seconds, progress.rate, progress.left) == (64, 9.5, 8, 60)
    assert progress.losses == [(64, 0.7, 0.6)]


def test_old_losses_are_averaged():
    progress = TrainingProgress()
    for i in range(20_000):
        progress.update({"event": "progress", "images": i, "generator": i % 2, "discriminator": 0.5})
    assert 1000 < len(progress.losses) <= 4001
    assert {entry[1] for entry in progress.losses[:1000]} == {0.5}
    assert progress.losses[-1][0] == 19_999


def test_resuming_discards_what_came_after_the_checkpoint():
    progress = progress_of(20, 18, 16)
    progress.update({"event": "preview", "images": 3000, "paths": ["a.png", "a.wav"]})
    progress.update({"event": "started", "images": 1000, "seconds": 60})
    assert [metrics.images for metrics in progress.metrics] == [1000]
    assert not progress.previews


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        (["paused"], True),
        (["paused", "resumed"], False),
        (["paused", "started"], False),
    ],
)
def test_paused(events, expected):
    progress = TrainingProgress()
    for event in events:
        progress.update({"event": event})
    assert progress.paused is expected


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
        {"event": "unknown"},
    ],
)
def test_a_malformed_event_changes_nothing(event):
    progress = progress_of(20, 18)
    before = (progress.images, list(progress.metrics), list(progress.previews), progress.floor, list(progress.losses))
    progress.update(event)
    after = (progress.images, progress.metrics, progress.previews, progress.floor, progress.losses)
    assert after == before


def test_a_checkpoint_clears_the_warning():
    progress = TrainingProgress()
    progress.update({"event": "warning", "message": "the disk is full"})
    assert progress.warning == "the disk is full"
    progress.update({"event": "checkpoint", "images": 5})
    assert (progress.warning, progress.saved) == ("", 5)


def test_a_failure_states_its_cause():
    progress = TrainingProgress()
    progress.update({"event": "failed", "message": "memory", "cause": "memory"})
    assert progress.cause == "memory"
