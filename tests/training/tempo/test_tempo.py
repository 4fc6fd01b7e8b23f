"""Tempo, first downbeat and drift of tracks for which they are known."""

import json

import numpy as np
import pytest

from technogan.errors import SettingError, SourceError
from tests.training.track_makers import Truth, bent, forty, samples_of, seconds_of
from training.tempo import estimate_tempo
from training.tempo.beat_map import BeatMap, fit_grid
from training.tempo.meter import find_downbeat
from training.tempo.onsets import find_onsets
from training.tracks.drift_picture import draw_drift

SHORT = Truth(7, 123.821, "peak-time", "offbeat", 48000, 1.3, bars=40)


@pytest.fixture(scope="module")
def short():
    return samples_of(SHORT)


def beat_error_ms(tempo, truth, beats=1):
    """Return the distance of the downbeat from a true one, modulo `beats` beats, ms."""
    period = 60 * beats / truth.bpm
    apart = (tempo.grid.start - truth.offset + period / 2) % period - period / 2
    return 1000 * apart


@pytest.mark.parametrize(
    "truth",
    [
        Truth(5, 111.5, "broken", "swing", 48000, 0.4, bars=40),
        Truth(25, 153.9, "hard", "half-time", 44100, 1.1, bars=40),
        Truth(38, 178.0, "tools", "sparse", 44100, -0.7, bars=40),
    ],
    ids=lambda truth: truth.feel,
)
def test_tempo_and_downbeat_are_found(truth):
    tempo = estimate_tempo(samples_of(truth), truth.rate)
    assert tempo.grid.bpm == pytest.approx(truth.bpm, abs=0.005)
    assert beat_error_ms(tempo, truth, beats=4) == pytest.approx(0, abs=5)
    assert tempo.verdict == "exact"
    assert 0 <= tempo.grid.start + 0.005 < 240 / truth.bpm + 0.005


@pytest.mark.slow
def test_forty_tracks():
    tempos = [(truth, estimate_tempo(samples_of(truth), truth.rate)) for truth in forty()]
    off = np.array([abs(tempo.grid.bpm - truth.bpm) for truth, tempo in tempos])
    ratios = np.array([tempo.grid.bpm / truth.bpm for truth, tempo in tempos])
    # Much swing can be heard as triplets, at 3/2 of the tempo.
    assert (np.abs(ratios - 1) < 0.2).sum() >= 39
    assert (off < 0.02).sum() >= 38
    assert sum(abs(beat_error_ms(tempo, truth)) < 5 for truth, tempo in tempos) >= 36
    assert sum(abs(beat_error_ms(tempo, truth, beats=4)) < 20 for truth, tempo in tempos) >= 30


@pytest.mark.parametrize("trend", [0.05, -0.05, 0.3])
def test_the_size_of_a_drift_is_measured(short, trend):
    seconds = seconds_of(short, SHORT.rate)
    drifting = bent(short, SHORT.rate, seconds + trend / 120 / SHORT.bpm * np.square(seconds))
    drift = estimate_tempo(drifting, SHORT.rate).drift
    assert drift.trend == pytest.approx(trend, rel=0.2)
    # The largest distance of the parabola from its nearest line.
    span = trend / 3600 * 60 / SHORT.bpm * seconds[-1] ** 2 / 12 * 1000
    assert drift.worst == pytest.approx(abs(span), rel=0.2)


@pytest.mark.parametrize("period", [4.0, 8.0, 30.0])
def test_the_size_of_wow_is_measured(short, period):
    seconds = seconds_of(short, SHORT.rate)
    tempo = estimate_tempo(bent(short, SHORT.rate, seconds + 0.010 * np.sin(2 * np.pi * seconds / period)), SHORT.rate)
    assert tempo.drift.wander == pytest.approx(10, rel=0.2)
    assert tempo.verdict == "conform"


def test_an_exact_track_has_no_drift(short):
    drift = estimate_tempo(short, SHORT.rate).drift
    assert drift.p95 < 1
    assert abs(drift.trend) < 0.005


def test_noise_is_unusable(rng):
    tempo = estimate_tempo(rng.standard_normal(44100 * 40).astype(np.float32), 44100)
    assert tempo.verdict == "unusable"
    assert tempo.confidence < 0.2


def test_a_tempo_becomes_plain_json(short):
    report = json.loads(json.dumps(estimate_tempo(short, SHORT.rate).to_dict()))
    assert report["verdict"] == "exact"
    assert set(report) == {
        "path", "bpm", "first_downbeat_s", "downbeat_confidence", "rival_bpm", "rival_share", "confidence",
        "duration_s", "drift", "verdict",
    }  # fmt: skip
    assert set(report["drift"]) == {
        "median_ms", "p95_ms", "worst_ms", "trend_bpm_per_minute", "wander_ms", "followed"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("samples", "reason"),
    [
        (np.zeros(44100 * 30, np.float32), "no onsets"),
        (np.full(44100 * 30, 0.5, np.float32), None),
        (np.ones(44100 * 3, np.float32), "3.0 s long"),
        (np.zeros(0, np.float32), "0.0 s long"),
    ],
    ids=["silence", "DC", "short", "nothing"],
)
def test_sound_without_a_beat_is_refused_or_unusable(samples, reason):
    if reason is None:
        assert estimate_tempo(samples, 44100).verdict == "unusable"
        return
    with pytest.raises(SourceError, match=reason):
        estimate_tempo(samples, 44100)


@pytest.mark.parametrize(("lowest", "highest"), [(180, 110), (0, 100), (110, 110), (110, float("nan"))])
def test_an_impossible_range_is_refused(short, lowest, highest):
    with pytest.raises(SettingError, match="tempo range"):
        estimate_tempo(short, SHORT.rate, lowest=lowest, highest=highest)


def test_the_range_selects_the_octave(short):
    assert estimate_tempo(short, SHORT.rate, lowest=55, highest=90).grid.bpm == pytest.approx(SHORT.bpm / 2, abs=0.01)


def beats(bpm, seconds=45.0):
    """Return a kick on every beat, a clap on the second and fourth, and hi-hats between: float32 (n,)."""
    rng = np.random.default_rng(1)
    t = np.arange(11025) / 44100
    kick = np.sin(2 * np.pi * (50 * t + 10 * (1 - np.exp(-30 * t)))) * np.exp(-14 * t)
    hat = rng.standard_normal(2205) * np.exp(-np.arange(2205) / 44100 * 80) * 0.25
    sound = np.zeros(int((seconds + 1) * 44100))
    for beat in range(int(seconds * bpm / 60)):
        for at, stroke, gain in (
            (0, kick, 1),
            (0.5, hat, 1),
            (0.25, hat, 0.4),
            (0.75, hat, 0.4),
            (0, hat, 2 * (beat % 2)),
        ):
            start = round((beat + at) * 60 / bpm * 44100)
            sound[start : start + len(stroke)] += gain * stroke
    return (sound[: int(seconds * 44100)] / np.abs(sound).max() * 0.8).astype(np.float32)


@pytest.mark.parametrize(("bpm", "found"), [(95, 95), (100, 100), (105, 105), (185, 92.5), (200, 100), (150, 150)])
def test_the_tempo_or_its_half_is_found_in_the_default_range(bpm, found):
    tempo = estimate_tempo(beats(bpm), 44100)
    assert tempo.grid.bpm == pytest.approx(found, abs=0.01)
    assert tempo.verdict == "exact"
    assert tempo.rival_share < 0.8


@pytest.mark.parametrize("bpm", [95, 100, 105])
def test_a_tempo_outside_of_the_range_is_the_rival_and_nothing_is_exact(bpm):
    tempo = estimate_tempo(beats(bpm), 44100, lowest=110, highest=180)
    assert tempo.verdict == "unclear"
    octaves = np.log2(tempo.rival_bpm / bpm)
    assert octaves == pytest.approx(round(octaves), abs=0.01)
    assert tempo.rival_share > 1


def test_a_narrow_range_states_the_tempo():
    wrong = estimate_tempo(beats(100), 44100, lowest=110, highest=180).grid.bpm
    stated = estimate_tempo(beats(100), 44100, lowest=0.95 * wrong, highest=1.05 * wrong)
    assert stated.verdict != "unclear"


@pytest.mark.parametrize("late", [0.0, 0.7])
def test_music_starts_on_a_downbeat(late):
    tempo = estimate_tempo(np.concatenate([np.zeros(round(late * 44100), np.float32), beats(128)]), 44100)
    assert tempo.grid.start == pytest.approx(late, abs=0.005)
    assert 0.25 < tempo.downbeat_confidence < 1


def test_bars_start_where_layers_change(rng):
    # The same click on every sixteenth; from the ninth bar on each also has a tone.
    rate, sixteenth = 44100, 44100 * 60 // 120 // 4
    click = rng.standard_normal(400).astype(np.float32) * np.linspace(1, 0, 400, dtype=np.float32) ** 2
    tone = np.sin(np.arange(2000) / 8).astype(np.float32) * np.linspace(1, 0, 2000, dtype=np.float32)
    samples = np.zeros(16 * 16 * sixteenth + rate, np.float32)
    for i in range(16 * 16):
        place = (i + 3) * sixteenth
        samples[place : place + 400] += click
        if i // 16 >= 8:
            samples[place : place + 2000] += tone
    onsets = find_onsets(samples, rate)
    beat_map = BeatMap(np.array([0.0, 40.0]), np.array([0.0, 20.0]))
    assert (4 * find_downbeat(onsets, beat_map).beat) % 16 == pytest.approx(3, abs=0.1)


def test_a_beat_map_is_linear_beyond_its_ends():
    beat_map = BeatMap(np.array([0.0, 1.0, 2.0]), np.array([10.0, 11.0, 13.0]))
    np.testing.assert_allclose(beat_map.times_at(np.array([-1.0, 0.5, 3.0])), [9.0, 10.5, 15.0])
    np.testing.assert_allclose(beat_map.beats_at(np.array([9.0, 10.5, 15.0])), [-1.0, 0.5, 3.0])


def test_a_grid_is_fitted_by_weights():
    beats = np.arange(4.0)
    grid = fit_grid(beats, np.array([1.0, 1.5, 2.0, 9.0]), np.array([1.0, 1.0, 1.0, 0.0]))
    assert [grid.bpm, grid.start] == pytest.approx([120, 1])


def test_a_drift_is_drawn(short, tmp_path):
    from PIL import Image

    draw_drift(tmp_path / "drift.png", estimate_tempo(short, SHORT.rate))
    with Image.open(tmp_path / "drift.png") as picture:
        assert picture.size == (1200, 480)
        assert len(picture.getcolors(1 << 20) or []) > 20
