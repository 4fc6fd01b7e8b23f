"""Loops on their way to the mixer."""

import threading
from dataclasses import replace

import numpy as np
import pytest

from app.audio.mixer import Mixer
from app.audio.preparation import prepare
from app.audio.supply import LoopSupply
from technogan.errors import SettingError
from tests.app.audio.loops import loop_of, techno


@pytest.fixture
def mixer():
    return Mixer(44100, 128.0, 9)


@pytest.fixture
def supply(mixer):
    supply = LoopSupply(mixer, bpm=128.0, sample_rate=44100)
    yield supply
    supply.close()


def sources(mixer):
    """What each voice holds, once the mixer has taken up what it was told."""
    mixer.mix(1)
    return {i: voice.loop.source for i, voice in enumerate(mixer.state.voices) if voice.loop}


def test_loops_arrive_prepared(mixer, supply):
    loops = {0: techno(1), 3: techno(4)}
    for voice, loop in loops.items():
        supply.set_loop(voice, loop)
    assert supply.wait(20)
    assert sources(mixer) == loops
    assert mixer.state.voices[3].loop.beat_frames == 20672


def test_a_loop_is_taken_away(mixer, supply):
    supply.set_loop(2, techno())
    supply.wait(20)
    supply.set_loop(2, None)
    assert supply.wait(20)
    assert sources(mixer) == {}


def test_of_many_the_newest_arrives(mixer, supply):
    loops = [techno(1, seed) for seed in range(20)]
    for loop in loops:
        supply.set_loop(0, loop)
    assert supply.wait(20)
    assert sources(mixer) == {0: loops[-1]}


def test_tempo_brings_all_loops_along(mixer, supply):
    for voice in range(3):
        supply.set_loop(voice, techno(1, voice))
    for bpm in (120.0, 140.0, 150.0):
        supply.set_tempo(bpm)
    assert supply.wait(20)
    mixer.mix(1)
    assert mixer.state.bpm == 150
    assert [voice.loop.beat_frames for voice in mixer.state.voices[:3]] == [17640] * 3


def test_loops_and_tempos_in_any_order_fit_together(mixer, supply, rng):
    loops = [techno(beats, beats) for beats in (1, 2)]

    def turn():
        for bpm in rng.uniform(60, 200, 40):
            supply.set_tempo(float(bpm))

    turning = threading.Thread(target=turn)
    turning.start()
    for i in range(40):
        supply.set_loop(i % 9, loops[i % 2])
        mixer.mix(64)
    turning.join()
    assert supply.wait(60)
    assert len(sources(mixer)) == 9
    assert not supply.problems
    wanted = round(60 * 44100 / mixer.state.bpm)
    assert {voice.loop.beat_frames for voice in mixer.state.voices} == {wanted}


def test_another_rate(mixer, supply):
    supply.set_loop(0, techno())
    supply.wait(20)
    supply.set_rate(48000)
    supply.set_loop(1, techno())
    assert supply.wait(20)
    mixer.mix(1)
    assert [voice.loop.beat_frames for voice in mixer.state.voices[:2]] == [22500, 22500]


def test_what_cannot_be_played_is_told_and_what_plays_stays(mixer, supply):
    good = techno()
    supply.set_loop(0, good)
    supply.wait(20)
    supply.set_loop(0, loop_of([np.nan, 0.0]))
    supply.set_loop(77, good)
    assert supply.wait(20)
    assert sources(mixer) == {0: good}
    assert ["not all finite" in str(p) or "voice is 77" in str(p) for p in supply.problems] == [True, True]
    supply.set_tempo(140)
    assert supply.wait(20)
    mixer.mix(1)
    assert mixer.state.bpm == 140


def test_a_tempo_that_makes_no_sense_is_refused_at_once(supply):
    with pytest.raises(SettingError, match="bpm is 0"):
        supply.set_tempo(0)


def test_closing_ends_the_thread(mixer):
    supply = LoopSupply(mixer, bpm=128.0, sample_rate=44100)
    supply.set_loop(0, techno())
    supply.close()
    assert "technogan-loops" not in {thread.name for thread in threading.enumerate()}


@pytest.mark.parametrize("rate", [44100, 48000])
def test_what_was_prepared_elsewhere_is_taken_where_it_fits(mixer, supply, rate):
    prepared = prepare(techno(1), bpm=128.0, sample_rate=rate)
    supply.know(prepared)
    supply.set_loop(0, prepared.source)
    supply.set_loop(1, replace(prepared.source))
    assert supply.wait(20)
    mixer.mix(1)
    taken = [voice.loop for voice in mixer.state.voices[:2]]
    assert [loop is prepared for loop in taken] == [rate == 44100] * 2
    assert all(loop.beat_frames == 20672 for loop in taken)
