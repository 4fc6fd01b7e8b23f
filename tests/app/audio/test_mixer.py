"""The mixer, tested sample by sample, without a device."""

import numpy as np
import pytest

from app.audio.mixer import Mixer
from technogan.errors import SettingError
from technogan.sound.level import true_peak
from tests.app.audio.loops import (
    BEAT_FRAMES,
    BPM,
    FADE,
    SAMPLE_RATE,
    constant,
    mixed,
    noise,
    playing,
    prepared,
    repeated,
    sine,
)

BAR = 4 * BEAT_FRAMES


@pytest.mark.parametrize("block", [1, 7, 384, 1000, 5000])
def test_a_loop_repeats_exactly_with_any_block_length(block):
    loop = noise(1)
    assert np.array_equal(mixed(playing(loop), 2 * BAR, block), repeated(loop, 2 * BAR))


def test_loops_of_all_lengths_stay_on_one_clock():
    loops = [noise(beats, beats) for beats in (1, 2, 3, 4)]
    wanted = sum(repeated(loop, 12 * BAR) for loop in loops)
    assert np.allclose(mixed(playing(*loops), 12 * BAR), wanted, atol=1e-6)


def test_silence_stays_silent():
    mixer = playing(None, constant(0.0))
    mixer.set_level(1, 4.0)
    assert not mixed(mixer, 2 * BAR).any()


@pytest.mark.parametrize(
    ("when", "sent_at", "complete_at"),
    [
        ("now", 300, 300 + FADE),
        ("beat", 300, BEAT_FRAMES),
        ("beat", 919, BEAT_FRAMES),
        ("beat", 0, FADE),  # on the beat itself it is not postponed
        ("beat", 950, 950 + FADE),  # too late to be complete on this beat, so it starts now
        ("bar", 300, BAR),
        ("bar", 3900, BAR),
        ("bar", BAR + 1, 2 * BAR),
    ],
)
@pytest.mark.parametrize("what", ["start", "stop", "swap"])
def test_changes_are_complete_when_their_beat_sounds(what, when, sent_at, complete_at):
    mixer = playing(constant(0.1))
    if what == "start":
        mixer.stop(0)
        before, after = 0.0, 0.1
    elif what == "stop":
        before, after = 0.1, 0.0
    else:
        before, after = 0.1, -0.2
    mixer.mix(BAR + FADE)
    mixer = _at(mixer, sent_at)
    change = {"start": lambda: mixer.start(0, when=when), "stop": lambda: mixer.stop(0, when=when)}
    change.get(what, lambda: mixer.set_loop(0, constant(-0.2), when=when))()
    sound = mixed(mixer, 3 * BAR)[mixer.delay :]
    at = complete_at - sent_at
    assert np.allclose(sound[: at - FADE], before, atol=1e-7)
    assert np.allclose(sound[at:], after, atol=1e-7)
    assert (np.abs(sound[at - FADE : at - 1] - after) > 1e-6).all()


def _at(mixer, frame):
    """Mix until the clock is at `frame` of a bar."""
    now = round(mixer.state.beats * BEAT_FRAMES)
    mixer.mix((frame - now) % (2 * BAR) if frame > BAR else (frame - now) % BAR)
    return mixer


def test_a_swap_continues_at_the_same_position():
    old, new = noise(1, 4), noise(2, 2)
    mixer = playing(old)
    sound = mixed(mixer, 700 - mixer.delay)
    mixer.set_loop(0, new)
    sound = np.concatenate([sound, mixed(mixer, 2 * BAR)])
    assert np.array_equal(sound[:700], repeated(old, 700))
    assert np.array_equal(sound[700 + FADE :], repeated(new, len(sound) - 700 - FADE, 700 + FADE))


def test_a_loop_that_replaces_itself_is_inaudible():
    loop = sine(3)
    mixer = playing(loop)
    mixer.set_loop(0, prepared(loop.samples.copy()))
    assert np.allclose(mixed(mixer, BAR), repeated(loop, BAR), atol=1e-6)


@pytest.mark.parametrize("correlation", [0.0, 0.5, 0.9])
def test_a_swap_keeps_the_power(correlation, rng):
    levels = []
    for _ in range(300):
        a, b = rng.normal(0, 0.05, (2, BEAT_FRAMES))
        mixer = playing(prepared(a))
        mixer.set_loop(0, prepared(correlation * a + np.sqrt(1 - correlation**2) * b))
        levels.append(mixed(mixer, mixer.delay + FADE)[mixer.delay :])
    power_db = 10 * np.log10(np.mean(np.square(levels), axis=0) / 0.05**2)
    assert np.abs(power_db.reshape(8, -1).mean(axis=1)).max() < 0.6


@pytest.mark.parametrize("every", [1, 13, 60, 81, 500])
def test_fast_swaps_make_no_step_larger_than_those_in_the_sounds(every):
    sounds = [sine(5, phase=phase) for phase in np.linspace(0, 1, 7)]
    own = max(np.abs(np.diff(repeated(sound, BEAT_FRAMES + 1))).max() for sound in sounds)
    # A crossfade adds the slope of its gains: at most pi / 2 of the amplitude over its length.
    own += 2 * 0.1 * np.pi / 2 / FADE
    mixer = playing(sounds[0])
    blocks = []
    for i in range(3000 // every):
        mixer.set_loop(0, sounds[i % 7])
        blocks.append(mixed(mixer, every))
    assert np.abs(np.diff(np.concatenate(blocks))).max() <= own


def test_the_newest_of_many_swaps_plays():
    mixer = playing(noise(0))
    for seed in range(1, 9):
        mixer.set_loop(0, noise(seed))
        mixer.mix(5)
    mixer.mix(3 * FADE)
    position = round(mixer.state.beats * BEAT_FRAMES) - mixer.delay
    assert np.array_equal(mixed(mixer, 500), repeated(noise(8), 500, position))


@pytest.mark.parametrize("level", [0.0, 0.3, 2.0])
def test_levels_change_smoothly(level):
    mixer = playing(constant(0.1))
    mixer.set_level(0, level)
    sound = mixed(mixer, BEAT_FRAMES)
    assert np.abs(np.diff(sound)).max() <= abs(1 - level) * 0.1 / FADE + 1e-6
    assert np.allclose(sound[mixer.delay + FADE :], 0.1 * level, atol=1e-7)


def test_the_master_changes_smoothly():
    mixer = playing(constant(0.1))
    mixer.set_master(0.5)
    sound = mixed(mixer, BEAT_FRAMES)
    assert np.abs(np.diff(sound)).max() <= 0.05 / FADE + 1e-6
    assert sound[-1] == np.float32(0.05)


@pytest.mark.parametrize(
    ("muted", "soloed", "sounding"),
    [((), (), (0, 1, 2)), ((1,), (), (0, 2)), ((), (1,), (1,)), ((), (0, 2), (0, 2)), ((2,), (0, 2), (0,))],
)
def test_mute_and_solo(muted, soloed, sounding):
    values = (0.1, 0.02, 0.003)
    mixer = playing(*map(constant, values))
    for voice in range(3):
        mixer.set_muted(voice, voice in muted)
        mixer.set_solo(voice, voice in soloed)
    assert mixed(mixer, BEAT_FRAMES)[-1] == pytest.approx(sum(values[voice] for voice in sounding))


def test_a_solo_of_a_stopped_voice_silences_nobody():
    mixer = playing(constant(0.1), constant(0.02))
    mixer.set_solo(1, True)
    mixer.stop(1)
    assert mixed(mixer, BEAT_FRAMES)[-1] == pytest.approx(0.1)
    mixer.start(1)
    assert mixed(mixer, BEAT_FRAMES)[-1] == pytest.approx(0.02)
    mixer.stop(1)
    assert mixed(mixer, BEAT_FRAMES)[-1] == pytest.approx(0.1)


def test_a_voice_that_restarts_is_still_in_step():
    loop = noise(1)
    mixer = playing(loop)
    mixer.stop(0)
    mixer.mix(1234)
    mixer.start(0)
    mixer.mix(2 * FADE)
    position = round(mixer.state.beats * BEAT_FRAMES) - mixer.delay
    assert np.array_equal(mixed(mixer, 900), repeated(loop, 900, position))


def test_a_start_replaces_a_pending_stop():
    mixer = playing(constant(0.1))
    mixer.mix(10)
    mixer.stop(0, when="bar")
    mixer.mix(10)
    assert mixer.state.voices[0].stops
    mixer.start(0)
    mixer.mix(10)
    state = mixer.state.voices[0]
    assert (state.playing, state.starts, state.stops) == (True, False, False)
    assert (mixed(mixer, 2 * BAR) == np.float32(0.1)).all()


def test_the_transport_fades_out_and_restarts_at_beat_0():
    loop = noise(1, 4)
    mixer = playing(loop)
    mixer.mix(1500)
    mixer.run(False)
    sound = mixed(mixer, BAR)
    assert not sound[mixer.delay + FADE :].any()
    assert (mixer.state.running, mixer.state.beats) == (False, 0.0)
    mixer.run(True)
    sound = mixed(mixer, 2 * BAR)[mixer.delay + FADE :]
    assert np.array_equal(sound, repeated(loop, len(sound)))


def test_while_the_clock_is_stopped_changes_are_made_at_once():
    mixer = Mixer(SAMPLE_RATE, BPM, 2)
    mixer.set_loop(1, noise(1), when="bar")
    mixer.start(1, when="bar")
    assert not mixed(mixer, 100).any()
    state = mixer.state.voices[1]
    assert (state.playing, state.swaps, state.starts) == (True, False, False)


def test_pending_changes_are_made_when_the_clock_stops():
    mixer = playing(constant(0.1))
    mixer.mix(100)
    mixer.set_loop(0, constant(0.2), when="bar")
    mixer.run(False)
    mixer.mix(BEAT_FRAMES)
    mixer.run(True)
    assert mixed(mixer, BEAT_FRAMES)[-1] == np.float32(0.2)


def _slower(loop):
    return prepared(np.repeat(loop.samples, 2), loop.beats)


def _beat_frames(mixer):
    loop = mixer.state.voices[0].loop
    return loop and loop.beat_frames


def test_the_tempo_changes_at_the_same_beat():
    loops = {0: noise(1, 1), 1: noise(2, 2)}
    slower = {voice: _slower(loop) for voice, loop in loops.items()}
    mixer = playing(*loops.values())
    mixer.mix(1300 - mixer.delay)
    beats = mixer.state.beats
    mixer.set_tempo(BPM / 2, slower)
    mixer.mix(FADE)
    assert mixer.state.beats == pytest.approx(beats + FADE / 2 / BEAT_FRAMES)
    position = round(mixer.state.beats * 2 * BEAT_FRAMES) - mixer.delay
    wanted = sum(repeated(loop, 2 * BAR, position) for loop in slower.values())
    assert np.allclose(mixed(mixer, 2 * BAR)[mixer.delay :], wanted[mixer.delay :], atol=1e-6)


def test_the_tempo_changes_at_any_time_without_a_step():
    sounds = {8: sine(5), 5: prepared(0.1 * np.sin(2 * np.pi * 5 * np.arange(1600) / 1600))}
    mixer = playing(sounds[8])
    blocks = []
    for i in range(200):
        mixer.set_tempo(*((BPM, {0: sounds[8]}) if i % 2 else (BPM * 5 / 8, {0: sounds[5]})))
        blocks.append(mixed(mixer, 37))
    sound = np.concatenate(blocks)
    assert np.abs(np.diff(sound)).max() <= 0.1 * 2 * np.pi * 5 / 1000 + 2 * 0.1 * np.pi / 2 / FADE


def test_swaps_for_a_new_tempo_wait_for_it():
    mixer = playing(constant(0.1))
    mixer.set_loop(0, constant(0.2))
    mixer.mix(1)  # a crossfade has begun; the tempo waits for its end
    mixer.set_tempo(BPM / 2, {0: _slower(constant(0.2))})
    mixer.set_loop(0, _slower(constant(0.05)))
    sound = mixed(mixer, BEAT_FRAMES)
    assert sound[-1] == np.float32(0.05)
    assert _beat_frames(mixer) == 2 * BEAT_FRAMES


def test_a_loop_set_after_a_tempo_is_kept_while_the_clock_is_stopped():
    mixer = Mixer(SAMPLE_RATE, BPM, 1)
    mixer.set_tempo(BPM / 2, {})
    mixer.set_loop(0, _slower(noise(1)))
    mixer.mix(1)
    assert _beat_frames(mixer) == 2 * BEAT_FRAMES


def test_a_pending_tempo_is_set_when_the_clock_stops():
    mixer = playing(constant(0.1))
    mixer.set_loop(0, constant(0.2))
    mixer.mix(1)
    mixer.run(False)
    mixer.mix(FADE - 2)
    mixer.set_tempo(BPM / 2, {0: _slower(constant(0.3))})
    mixer.mix(BAR)
    assert (mixer.state.bpm, _beat_frames(mixer)) == (BPM / 2, 2 * BEAT_FRAMES)


def test_another_rate_keeps_the_beat_and_the_gains():
    mixer = playing(constant(0.1), constant(0.01))
    mixer.set_muted(1, True)
    mixer.set_level(0, 0.5)
    mixer.mix(1500)
    beats = mixer.state.beats
    mixer.set_rate(2 * SAMPLE_RATE, {0: _slower(constant(0.1)), 1: _slower(constant(0.01))})
    sound = mixed(mixer, BAR)
    assert mixer.state.beats == pytest.approx(beats + BAR / 2 / BEAT_FRAMES)
    assert (mixer.state.sample_rate, mixer.state.bpm) == (2 * SAMPLE_RATE, BPM)
    assert sound[-1] == np.float32(0.05)


def test_another_rate_keeps_a_pending_tempo():
    mixer = playing(constant(0.1))
    mixer.set_loop(0, constant(0.2))
    mixer.mix(1)
    mixer.set_tempo(BPM / 2, {0: _slower(constant(0.3))})
    mixer.set_rate(2 * SAMPLE_RATE, {0: _slower(_slower(constant(0.3)))})
    mixer.mix(1)
    assert (mixer.state.bpm, mixer.state.sample_rate) == (BPM / 2, 2 * SAMPLE_RATE)
    assert mixed(mixer, BAR)[-1] == np.float32(0.3)


def test_the_mix_never_exceeds_its_ceiling():
    mixer = playing(*(noise(seed, 2, peak=0.9) for seed in range(9)))
    mixer.set_master(4.0)
    sound = mixed(mixer, 4 * BAR)
    assert true_peak(sound[BAR:]) < -0.2
    assert np.abs(sound).max() > 0.8


def test_the_meter_returns_the_true_peak_once():
    # A sine whose samples all miss its peak.
    mixer = playing(sine(BEAT_FRAMES // 4, peak=0.5, phase=1 / 8))
    mixer.mix(BAR)
    meter = mixer.meter()
    assert meter.true_peak == pytest.approx(0.5, abs=0.01)
    assert meter.reduction == 0
    assert mixer.meter().true_peak == 0


def test_the_meter_shows_the_reduction():
    mixer = playing(constant(0.9), constant(0.9))
    mixer.mix(BAR)
    meter = mixer.meter()
    assert meter.reduction == pytest.approx(1 - 10 ** (-0.5 / 20) / 1.8, abs=0.01)
    assert meter.true_peak <= 0.95


def test_the_tap_is_the_output():
    mixer = playing(noise(1))
    sound = mixed(mixer, 5000)
    assert np.array_equal(mixer.tap(1024), sound[-1024:])
    assert np.array_equal(mixer.tap(1024, behind=500), sound[-1524:-500])
    assert not Mixer(SAMPLE_RATE, BPM, 1).tap(64).any()


def test_an_empty_block_is_empty():
    assert playing(noise(1)).mix(0).shape == (0, 2)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda m: m.set_loop(9, noise(1)), "voice is 9; it must be from 0 to 2"),
        (lambda m: m.start(-1), "voice is -1"),
        (lambda m: m.stop(0, when="soon"), "when is 'soon'; it must be one of now, beat, bar"),
        (lambda m: m.set_level(0, float("nan")), "level is nan"),
        (lambda m: m.set_level(0, -0.1), "level is -0.1"),
        (lambda m: m.set_master(5), "master is 5; it must be from 0 to 4"),
        (lambda m: m.set_muted(3, True), "voice is 3"),
        (lambda m: m.set_solo(3, True), "voice is 3"),
        (lambda m: m.set_loop(0, _slower(noise(1))), "of 1000, for 480 bpm at 8000 Hz"),
        (lambda m: m.set_tempo(float("inf"), {}), "bpm is inf"),
        (lambda m: m.set_tempo(BPM / 2, {0: _slower(noise(1))}), r"voices \[1\], too"),
        (lambda m: m.set_tempo(BPM / 2, {0: noise(1), 1: noise(1)}), "of 2000, for 240 bpm"),
        (lambda m: m.set_rate(1, {0: noise(1), 1: noise(1)}), "rate is 1"),
        (lambda m: m.tap(40000), "n_frames is 40000"),
        (lambda m: m.tap(1, behind=-1), "n_frames"),
    ],
)
def test_invalid_calls_are_refused_and_the_sound_continues(call, message):
    loops = noise(1), noise(2)
    mixer = playing(*loops)
    with pytest.raises(SettingError, match=message):
        call(mixer)
    assert np.allclose(mixed(mixer, BAR), sum(repeated(loop, BAR) for loop in loops), atol=1e-6)
