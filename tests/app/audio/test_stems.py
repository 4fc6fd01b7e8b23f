"""The gains of stems in the mixer, sample by sample."""

import numpy as np
import pytest

from app.audio.messages import SetStem, replay_key
from app.audio.mixer import Mixer
from technogan.errors import SettingError
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
    prepared_stems,
    repeated,
    sine,
)

NAMES = ("kick", "drums", "music")
BAR = 4 * BEAT_FRAMES


def noise_stems(seed=0, beats=1):
    parts = np.random.default_rng(seed).uniform(-0.05, 0.05, (3, beats * BEAT_FRAMES))
    return prepared_stems(beats, **dict(zip(NAMES, parts, strict=True)))


def sine_stems(phase=0.0):
    """Return a loop of three sines; each alone is as smooth as their sum."""
    return prepared_stems(**{name: sine(i + 1, phase=phase).samples for i, name in enumerate(NAMES)})


def largest_step(sound):
    return float(np.abs(np.diff(sound)).max())


def own_step(*loops):
    """Return the largest step within any mix of the loops' stems."""
    return max(
        sum(largest_step(repeated(prepared(stem), BEAT_FRAMES + 1)) for stem in loop.stems.values()) for loop in loops
    )


@pytest.mark.parametrize("block", [7, 384, 5000])
def test_with_all_stems_at_1_the_loop_plays_bit_for_bit(block):
    loop = noise_stems(beats=2)
    mixer = playing(loop)
    for name in NAMES:
        mixer.set_stem(0, name, 1.0)
    assert np.array_equal(mixed(mixer, 2 * BAR, block), repeated(loop, 2 * BAR))


@pytest.mark.parametrize("gains", [(0, 1, 1), (1, 0, 0), (0.5, 1, 2), (0, 0, 0)])
def test_the_loop_is_the_sum_of_its_stems_times_their_gains(gains):
    loop = noise_stems()
    mixer = playing(loop)
    for name, gain in zip(NAMES, gains, strict=True):
        mixer.set_stem(0, name, gain)
    wanted = sum(gain * loop.stems[name] for name, gain in zip(NAMES, gains, strict=True))
    sound = mixed(mixer, BAR)
    assert np.allclose(sound[mixer.delay + FADE :], np.tile(wanted, 4)[mixer.delay + FADE :], atol=1e-7)


def test_a_stem_that_returns_leaves_the_loop_bit_for_bit():
    loop = noise_stems()
    mixer = playing(loop)
    mixer.set_stem(0, "kick", 0.0)
    mixer.mix(BEAT_FRAMES)
    mixer.set_stem(0, "kick", 1.0)
    mixer.mix(FADE + mixer.delay)
    position = round(mixer.state.beats * BEAT_FRAMES) - mixer.delay
    assert np.array_equal(mixed(mixer, BAR), repeated(loop, BAR, position))


def test_stem_gains_ramp_over_10_milliseconds():
    mixer = playing(prepared_stems(kick=np.full(BEAT_FRAMES, 0.1), drums=np.full(BEAT_FRAMES, 0.02)))
    mixer.set_stem(0, "kick", 0.0)
    sound = mixed(mixer, BEAT_FRAMES)[mixer.delay :]
    assert sound[0] == pytest.approx(0.12 - 0.1 / FADE)
    assert sound[FADE - 2] > 0.0201
    assert np.allclose(sound[FADE - 1 :], 0.02)
    assert largest_step(sound) <= 0.1 / FADE + 1e-6


@pytest.mark.parametrize("every", [1, 13, 60, 81, 500])
def test_switching_stems_makes_no_step_larger_than_those_in_the_sounds(every):
    loop = sine_stems()
    # A ramp adds the slope of its gain: the amplitude over its length.
    allowed = own_step(loop) + 3 * 0.1 / FADE
    mixer = playing(loop)
    rng, blocks = np.random.default_rng(0), []
    for _ in range(3000 // every):
        mixer.set_stem(0, NAMES[rng.integers(3)], float(rng.integers(2)))
        blocks.append(mixed(mixer, every))
    assert largest_step(np.concatenate(blocks)) <= allowed


def test_swaps_between_loops_with_and_without_stems_are_smooth():
    with_stems, without = [sine_stems(), sine_stems(0.3)], [sine(2), None]
    allowed = own_step(*with_stems) + (3 * 0.1 + 2 * 0.3 * np.pi / 2) / FADE
    mixer = playing(with_stems[0])
    rng, blocks = np.random.default_rng(1), []
    for i in range(120):
        mixer.set_stem(0, NAMES[rng.integers(3)], float(rng.integers(2)))
        mixer.set_loop(0, (with_stems if i % 2 else without)[rng.integers(2)])
        blocks.append(mixed(mixer, int(rng.integers(20, 300))))
    assert largest_step(np.concatenate(blocks)) <= allowed


def test_a_crossfade_keeps_a_stem_off():
    old, new = (prepared_stems(kick=noise(seed, peak=0.5).samples, drums=np.full(BEAT_FRAMES, 0.1)) for seed in (1, 2))
    mixer = playing(old)
    mixer.set_stem(0, "kick", 0.0)
    mixer.mix(2 * FADE)
    mixer.set_loop(0, new)
    assert np.allclose(mixed(mixer, BEAT_FRAMES), 0.1, atol=1e-6)


def test_a_loop_without_stems_ignores_their_gains():
    loop = noise(1)
    mixer = playing(loop)
    mixer.set_stem(0, "kick", 0.0)
    assert np.array_equal(mixed(mixer, BAR), repeated(loop, BAR))


def test_the_gain_of_a_stem_of_another_model_is_kept():
    mixer = playing(noise_stems())
    mixer.set_stem(0, "voice", 0.0)
    mixer.mix(BEAT_FRAMES)
    mixer.set_loop(0, prepared_stems(voice=np.full(BEAT_FRAMES, 0.1), rest=np.full(BEAT_FRAMES, 0.01)))
    assert mixed(mixer, BEAT_FRAMES)[-1] == np.float32(0.01)


def test_the_stems_of_a_silent_voice_change_at_once():
    mixer = Mixer(SAMPLE_RATE, BPM, 1)
    mixer.set_loop(0, prepared_stems(kick=np.full(BEAT_FRAMES, 0.1), drums=np.full(BEAT_FRAMES, 0.02)))
    mixer.set_stem(0, "kick", 0.0)
    mixer.start(0)
    mixer.run(True)
    assert mixed(mixer, BEAT_FRAMES).max() == np.float32(0.02)


def test_another_rate_keeps_the_gains_of_stems():
    mixer = playing(prepared_stems(kick=np.full(BEAT_FRAMES, 0.1), drums=np.full(BEAT_FRAMES, 0.02)))
    mixer.set_stem(0, "kick", 0.5)
    mixer.mix(BEAT_FRAMES)
    faster = prepared_stems(kick=np.full(2 * BEAT_FRAMES, 0.1), drums=np.full(2 * BEAT_FRAMES, 0.02))
    mixer.set_rate(2 * SAMPLE_RATE, {0: faster})
    assert mixed(mixer, BAR)[-1] == pytest.approx(0.07)


@pytest.mark.parametrize(
    ("voice", "gain", "message"),
    [(9, 1.0, "voice is 9"), (0, -0.1, "level of kick is -0.1"), (0, float("nan"), "level of kick is nan")],
)
def test_invalid_gains_are_refused(voice, gain, message):
    with pytest.raises(SettingError, match=message):
        playing(constant(0.1)).set_stem(voice, "kick", gain)


def test_only_a_later_gain_of_the_same_stem_replaces_one_in_the_replay_log():
    messages = [SetStem(1, "kick", 0.0), SetStem(1, "kick", 1.0), SetStem(1, "drums", 0.0), SetStem(2, "kick", 0.0)]
    assert len({replay_key(message) for message in messages}) == 3
