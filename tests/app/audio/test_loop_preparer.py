"""Loops prepared for the mixer."""

import threading
from dataclasses import replace

import numpy as np
import pytest

from app.audio.loop_preparer import LoopPreparer
from app.audio.mixer import Mixer
from app.audio.preparation import prepare
from technogan.errors import SettingError
from tests.app.audio.loops import loop_of, techno


@pytest.fixture
def mixer():
    return Mixer(44100, 128.0, 9)


@pytest.fixture
def preparer(mixer):
    preparer = LoopPreparer(mixer, bpm=128.0, sample_rate=44100)
    yield preparer
    preparer.close()


def sources(mixer):
    """Return the loop of each voice, once the mixer has made all changes."""
    mixer.mix(1)
    return {i: voice.loop.source for i, voice in enumerate(mixer.state.voices) if voice.loop}


def test_loops_arrive_prepared(mixer, preparer):
    loops = {0: techno(1), 3: techno(4)}
    for voice, loop in loops.items():
        preparer.set_loop(voice, loop)
    assert preparer.wait(20)
    assert sources(mixer) == loops
    assert mixer.state.voices[3].loop.beat_frames == 20672


def test_a_loop_is_taken_away(mixer, preparer):
    preparer.set_loop(2, techno())
    preparer.wait(20)
    preparer.set_loop(2, None)
    assert preparer.wait(20)
    assert sources(mixer) == {}


def test_the_newest_of_many_loops_arrives(mixer, preparer):
    loops = [techno(1, seed) for seed in range(20)]
    for loop in loops:
        preparer.set_loop(0, loop)
    assert preparer.wait(20)
    assert sources(mixer) == {0: loops[-1]}


def test_a_tempo_changes_all_loops(mixer, preparer):
    for voice in range(3):
        preparer.set_loop(voice, techno(1, voice))
    for bpm in (120.0, 140.0, 150.0):
        preparer.set_tempo(bpm)
    assert preparer.wait(20)
    mixer.mix(1)
    assert mixer.state.bpm == 150
    assert [voice.loop.beat_frames for voice in mixer.state.voices[:3]] == [17640] * 3


def test_loops_and_tempos_in_any_order_fit_together(mixer, preparer, rng):
    loops = [techno(beats, beats) for beats in (1, 2)]

    def turn():
        for bpm in rng.uniform(60, 200, 40):
            preparer.set_tempo(float(bpm))

    turning = threading.Thread(target=turn)
    turning.start()
    for i in range(40):
        preparer.set_loop(i % 9, loops[i % 2])
        mixer.mix(64)
    turning.join()
    assert preparer.wait(60)
    assert len(sources(mixer)) == 9
    assert not preparer.problems
    wanted = round(60 * 44100 / mixer.state.bpm)
    assert {voice.loop.beat_frames for voice in mixer.state.voices} == {wanted}


def test_another_rate_changes_all_loops(mixer, preparer):
    preparer.set_loop(0, techno())
    preparer.wait(20)
    preparer.set_rate(48000)
    preparer.set_loop(1, techno())
    assert preparer.wait(20)
    mixer.mix(1)
    assert [voice.loop.beat_frames for voice in mixer.state.voices[:2]] == [22500, 22500]


def test_unplayable_loops_are_reported_and_the_old_loop_stays(mixer, preparer):
    good = techno()
    preparer.set_loop(0, good)
    preparer.wait(20)
    preparer.set_loop(0, loop_of([np.nan, 0.0]))
    preparer.set_loop(77, good)
    assert preparer.wait(20)
    assert sources(mixer) == {0: good}
    assert ["not all finite" in str(p) or "voice is 77" in str(p) for p in preparer.problems] == [True, True]
    preparer.set_tempo(140)
    assert preparer.wait(20)
    mixer.mix(1)
    assert mixer.state.bpm == 140


def test_an_invalid_tempo_is_refused_at_once(preparer):
    with pytest.raises(SettingError, match="bpm is 0"):
        preparer.set_tempo(0)


def test_closing_ends_the_thread(mixer):
    preparer = LoopPreparer(mixer, bpm=128.0, sample_rate=44100)
    preparer.set_loop(0, techno())
    preparer.close()
    assert "technogan-loops" not in {thread.name for thread in threading.enumerate()}


@pytest.mark.parametrize("rate", [44100, 48000])
def test_a_loop_prepared_elsewhere_is_used_if_it_fits(mixer, preparer, rate):
    prepared = prepare(techno(1), bpm=128.0, sample_rate=rate)
    preparer.add_prepared(prepared)
    preparer.set_loop(0, prepared.source)
    preparer.set_loop(1, replace(prepared.source))
    assert preparer.wait(20)
    mixer.mix(1)
    taken = [voice.loop for voice in mixer.state.voices[:2]]
    assert [loop is prepared for loop in taken] == [rate == 44100] * 2
    assert all(loop.beat_frames == 20672 for loop in taken)
