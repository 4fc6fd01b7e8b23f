"""The synthetic corpus: its bars are finite, loud enough, seamless, distinct and reproducible."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import Any

import numpy as np
import pytest

from technogan.errors import SettingError
from training.corpus import (
    STEMS,
    bar,
    breaks,
    drums,
    effects,
    fills,
    filters,
    harmony,
    kicks,
    lines,
    patterns,
    stabs,
    tones,
)
from training.corpus.grid import N_SAMPLES, RATE, STEP, place
from training.corpus.melody import add_melody
from training.corpus.mix import Mix
from training.corpus.rhythm import add_rhythm
from training.corpus.styles import BY_NAME, STYLES

SEEDS = range(32)


@pytest.fixture(scope="module")
def stems():
    return [bar.render_stems(seed) for seed in SEEDS]


@pytest.fixture(scope="module")
def bars(stems):
    return [parts.sum(axis=0) for parts in stems]


def octave_levels(samples):
    """Return the levels of the octaves from 31 Hz to 16 kHz relative to the total, dB."""
    power = np.abs(np.fft.rfft(samples)) ** 2
    octave = np.floor(np.log2(np.maximum(np.fft.rfftfreq(len(samples), 1 / RATE), 1) / 31.25)).astype(int)
    shares = [power[octave == i].sum() / power.sum() for i in range(9)]
    return 10 * np.log10(np.array(shares) + 1e-12)


def test_bars_are_whole_finite_and_without_dc(bars):
    for samples in bars:
        assert samples.dtype == np.float32
        assert samples.shape == (N_SAMPLES,)
        assert np.isfinite(samples).all()
        assert abs(samples.mean()) < 1e-4
        assert 0.88 < np.abs(samples).max() < 0.98


def test_stems_add_up_to_the_bar(stems):
    for seed in (0, 7, 21):
        whole = bar.render(seed)
        assert np.linalg.norm(stems[seed].sum(axis=0) - whole) <= 1e-6 * np.linalg.norm(whole)


def test_stems_are_whole_finite_and_without_dc(stems):
    for parts in stems:
        assert parts.dtype == np.float32
        assert parts.shape == (len(STEMS), N_SAMPLES)
        assert np.isfinite(parts).all()
        assert np.abs(parts.mean(axis=1)).max() < 1e-4


def test_no_step_across_the_loop_point_stands_out(bars, stems):
    for samples in [*bars, *(stem for parts in stems for stem in parts)]:
        steps = np.abs(np.diff(samples))
        assert abs(samples[0] - samples[-1]) <= max(np.quantile(steps, 0.999), 1e-4)


def test_every_stem_is_usually_audible_and_sometimes_silent():
    audible = np.array([bar.render_stems(seed).any(axis=1) for seed in range(100)])
    assert (audible.mean(axis=0) > 0.8).all()
    assert not audible.all()


def _mix_of(seed: int, style: str) -> Mix:
    mix = Mix(np.random.default_rng(seed), BY_NAME[style])
    add_rhythm(mix)
    add_melody(mix)
    return mix


@pytest.mark.parametrize("style", ["peak-time", "dub", "hard", "broken"])
def test_the_kick_stem_is_the_bar_with_the_other_layers_muted(style):
    for seed in range(4):
        mix, muted = _mix_of(seed, style), _mix_of(seed, style)
        muted.mute("drums")
        muted.mute("music")
        whole, alone = mix.render_stems(), muted.render()
        rest = whole[0] / max(np.abs(whole[0]).max(), 1e-6) - alone / max(np.abs(alone).max(), 1e-6)
        assert 10 * np.log10(np.mean(rest**2) + 1e-12) < -60


def test_a_muted_stem_is_silent_and_leaves_the_others():
    mix, muted = _mix_of(5, "dub"), _mix_of(5, "dub")
    muted.mute("music")
    whole, rest = mix.render_stems(), muted.render_stems()
    assert not rest[2].any()
    gain = np.abs(whole[0]).max() / np.abs(rest[0]).max()
    np.testing.assert_allclose(gain * rest[:2], whole[:2], atol=1e-5)


def test_bars_are_loud_but_not_flattened(bars):
    rms = np.array([20 * np.log10(samples.std()) for samples in bars])
    assert rms.min() > -22
    assert rms.max() < -3
    assert -13 < np.median(rms) < -7


def test_the_spectrum_is_that_of_dance_music(bars):
    mean = np.mean([octave_levels(samples) for samples in bars], axis=0)
    assert np.argmax(mean) <= 1
    assert (mean[2:6] > -25).all()
    assert (mean[6:] > -35).all()


def test_a_seed_gives_the_same_bar_in_another_process(bars):
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        np.testing.assert_array_equal(pool.submit(bar.render, 3).result(), bars[3])


def test_different_seeds_give_different_bars(bars):
    pooled = np.array([np.abs(samples).reshape(256, -1).mean(axis=1) for samples in bars])
    distances = np.linalg.norm(pooled[:, None] - pooled[None], axis=-1) + np.eye(len(bars))
    assert distances.min() > 0.05


def test_negative_seeds_are_refused():
    with pytest.raises(SettingError):
        bar.render(-1)


@pytest.mark.parametrize("style", STYLES, ids=lambda style: style.name)
def test_every_style_is_audible(style):
    samples = bar.render(11, style)
    assert np.isfinite(samples).all()
    assert samples.std() > 0.05
    assert 0 < style.weight < 10
    assert all(
        0 <= getattr(style, name) <= 1 for name in ("kickless", "broken", "hat", "clap", "acid", "pad", "texture")
    )


def test_styles_are_found_by_name():
    assert bar.find_style("dub") is BY_NAME["dub"]
    with pytest.raises(SettingError, match="peak-time"):
        bar.find_style("polka")


def test_seeds_reach_every_style():
    assert {bar.style_of(seed).name for seed in range(300)} == set(BY_NAME)


def test_a_straight_kick_plays_on_every_beat():
    low = np.zeros(16)
    for seed in range(16):
        spectrum = np.fft.rfft(bar.render_stems(seed, BY_NAME["peak-time"])[0])
        spectrum[round(120 * N_SAMPLES / RATE) :] = 0
        low += (np.fft.irfft(spectrum).reshape(16, -1) ** 2).mean(axis=1)
    assert low.reshape(4, 4)[:, 0].min() > 1.5 * low.reshape(4, 4)[:, 2:].mean()


HITS: dict[str, Any] = {
    **{f"kick {kind}": partial(kicks.kick, kind=kind, tune=50.0) for kind in kicks.KICKS},
    "clap": drums.clap,
    "snare": drums.snare,
    "layered clap": lambda rng: drums.layer(rng, drums.clap(rng), drums.snare(rng)),
    "rim": drums.rim,
    "shaker": drums.shaker,
    "ride": drums.ride,
    "tom": lambda rng: drums.tom(rng, 120.0),
    "closed hat": lambda rng: drums.cymbal(rng, drums.CymbalTimbre.random(rng), 0.02),
    "open hat": lambda rng: drums.cymbal(rng, drums.CymbalTimbre.random(rng), 0.15),
    "zap": tones.zap,
    "fm": lambda rng: tones.fm_hit(rng, 700.0),
    "bass": lambda rng: tones.BassVoice(rng).note(33),
    "held bass": lambda rng: tones.BassVoice(rng).note(33, 0.15),
    **{f"stab {kind}": partial(stabs.stab, notes=(50, 53, 57), kind=kind) for kind in stabs.STAB_KINDS},
    "dub chord": partial(stabs.dub_chord, notes=(50, 53, 57, 60)),
    "hoover": partial(stabs.hoover, midi=50, duration=0.3),
    "vocal": partial(stabs.vocal, notes=(57,)),
    "choir": partial(stabs.vocal, notes=(57, 64)),
    "bell": partial(stabs.bell, midi=69),
}


@pytest.mark.parametrize("name", HITS)
def test_every_hit_is_bounded_and_fades_to_silence(name):
    for seed in range(6):
        sound = HITS[name](np.random.default_rng(seed))
        assert sound.dtype == np.float32
        assert np.isfinite(sound).all()
        assert np.abs(sound).max() == pytest.approx(1, abs=1e-4)
        assert sound[0] == 0
        assert sound[-1] == 0
        assert np.abs(sound[-60:]).max() < 0.02
        assert 0.01 < len(sound) / RATE < 1.9


LINES: dict[str, Any] = {
    "acid": lambda rng: lines.acid(rng, harmony.Harmony.random(rng, 0.5), 1),
    "reese": lambda rng: lines.reese(rng, 33),
    "pad": lambda rng: lines.pad(rng, [(50, 53, 57)] * 4),
    "moving pad": lambda rng: lines.pad(rng, [(50, 53, 57), (50, 53, 57), (48, 53, 57), (50, 55, 58)]),
    "drone": lambda rng: lines.drone(rng, 33),
    "sweep": lines.sweep,
    "riser": lambda rng: lines.riser(rng, 33),
    "swell": lines.swell,
    "break": lambda rng: breaks.render_break(rng, patterns.Groove.random(rng, 0.2)),
    "texture": lines.texture,
}


@pytest.mark.parametrize("name", LINES)
def test_every_line_is_bounded_and_seamless(name):
    for seed in range(5):
        line = LINES[name](np.random.default_rng(seed))
        assert line.dtype == np.float32
        assert line.shape == (N_SAMPLES,)
        assert 0.01 < np.abs(line).max() < 20
        steps = np.abs(np.diff(line))
        assert abs(line[0] - line[-1]) <= np.quantile(steps, 0.999)


def test_a_sound_placed_past_the_end_wraps_around():
    loop = np.zeros(10, np.float32)
    place(loop, np.array([1, 2, 3], np.float32), 8, 0.5)
    assert loop.tolist() == [1.5, 0, 0, 0, 0, 0, 0, 0, 0.5, 1.0]


def test_a_loop_filter_equals_the_steady_state_of_many_repetitions(rng):
    loop = rng.standard_normal(4096).astype(np.float32)
    biquads = (
        filters.low_pass(3000, 2.0),
        filters.peak(800, 6.0),
        filters.high_shelf(4000, -5),
        filters.high_pass(100),
    )
    settled = filters.filter_sound(np.tile(loop, 12), *biquads)[-len(loop) :]
    np.testing.assert_allclose(filters.filter_loop(loop, *biquads), settled, atol=2e-4)


def test_an_open_filter_does_not_change_the_sound(rng):
    loop = filters.filter_loop(
        rng.standard_normal(8192).astype(np.float32), filters.low_pass(300), filters.low_pass(300)
    )
    open_wide = filters.sweep_loop(loop, np.full(8192, 16000, np.float32))
    assert np.abs(open_wide - loop).max() < 0.05 * np.abs(loop).max()


def test_a_moving_filter_follows_its_cutoff(rng):
    loop = rng.standard_normal(N_SAMPLES).astype(np.float32)
    path = np.where(np.arange(N_SAMPLES) < N_SAMPLES // 2, 200, 12000).astype(np.float32)
    dark, bright = filters.sweep_loop(loop, path).reshape(2, -1).std(axis=1)
    assert bright > 4 * dark


@pytest.mark.parametrize(
    "effect",
    [
        lambda loop: effects.echo(loop, 3, 0.5, 4000),
        lambda loop: effects.reverb(np.random.default_rng(0), loop, 2.0, top=5000, before=0.01),
        lambda loop: effects.rumble(np.random.default_rng(0), loop, 1.0, 120, 3.0),
    ],
)
def test_effects_wrap_around(effect):
    impulse = np.zeros(N_SAMPLES, np.float32)
    impulse[STEP] = 1
    early = effect(impulse)
    late = effect(np.roll(impulse, N_SAMPLES - 2 * STEP))
    np.testing.assert_allclose(np.roll(early, -2 * STEP), late, atol=1e-4 * np.abs(early).max())


def test_saturation_keeps_the_level_and_lowers_the_peak(rng):
    loop = rng.standard_normal(N_SAMPLES).astype(np.float32)
    dense = effects.saturate(loop, 3.0)
    assert dense.std() == pytest.approx(loop.std(), rel=1e-4)
    assert np.abs(dense).max() < 0.7 * np.abs(loop).max()
    assert not effects.saturate(np.zeros(16, np.float32), 3.0).any()


def test_ducking_is_deepest_at_the_kick_and_recovers():
    gain = effects.ducking_gain(patterns.parse_pattern("X...X...X...X..."), 0.8, 0.06)
    assert gain[:: 4 * STEP] == pytest.approx(0.2, abs=1e-3)
    assert gain[3 * STEP] > 0.9
    assert gain.max() <= 1
    assert np.abs(np.diff(gain)).max() < 0.02


TABLES = "FOUR_TO_THE_FLOOR BROKEN_KICKS CLAPS OFFBEATS HATS RIDES STABS BASSES OFFBEAT_BASSES DUB_CHORDS"


def test_breaks_have_sixteen_steps():
    for texts in breaks.BREAKS:
        assert all(patterns.parse_pattern(text).shape == (16,) for text in texts)


def test_slices_in_their_order_are_the_loop_itself(rng):
    loop = rng.standard_normal(N_SAMPLES).astype(np.float32)
    np.testing.assert_array_equal(breaks.rearrange(loop, np.arange(16)), loop)


def test_slices_are_moved_and_their_cuts_are_faded():
    loop = np.repeat(np.arange(1, 17), STEP).astype(np.float32)
    order = np.arange(16)
    order[12:] = (0, 0, 4, 4)
    cut = breaks.rearrange(loop, order).reshape(16, STEP)
    np.testing.assert_array_equal(cut[:, STEP // 2], order + 1)
    assert cut[12, 0] == cut[11, -1] == 0
    assert cut[5, 0] == 6


def test_a_longer_kick_ducks_the_music_for_longer():
    levels = []
    for length in (0.05, 0.4):
        mix = Mix(np.random.default_rng(1), BY_NAME["hard"])
        mix.kick_pattern, mix.kick_length = patterns.parse_pattern("X...X...X...X..."), length
        mix.music[:] = np.random.default_rng(2).standard_normal(N_SAMPLES)
        levels.append(mix.render_stems()[2].reshape(16, STEP).std(axis=1))
    short, long = (level[1::4].mean() / level[3::4].mean() for level in levels)
    assert long < 0.9 * short


@pytest.mark.parametrize("kind", fills.FILLS)
def test_a_fill_changes_only_the_end_of_the_drums(kind):
    mix = _mix_of(3, "tribal")
    before = mix.drums.copy()
    fills.add_fill(mix, kind)
    changed = np.flatnonzero(np.abs(mix.drums - before).reshape(16, STEP).max(axis=1) > 0.01)
    assert len(changed) > 0
    # Tails wrap around to the start of the bar.
    assert set(changed) <= {*range(7, 16), 0, 1, 2, 3}
    assert not mix.kick.any() or np.isfinite(mix.render()).all()


@pytest.mark.parametrize("table", TABLES.split())
def test_templates_have_sixteen_steps(table):
    for text in getattr(patterns, table):
        pattern = patterns.parse_pattern(text)
        assert pattern.shape == (16,)
        assert 0 < pattern.max() <= 1


@pytest.mark.parametrize(
    ("hits", "length", "steps"),
    [(4, 16, [0, 4, 8, 12]), (3, 8, [0, 3, 6]), (5, 16, [0, 4, 7, 10, 13]), (0, 8, []), (8, 8, list(range(8)))],
)
def test_euclidean_rhythms(hits, length, steps):
    assert np.flatnonzero(patterns.euclid(hits, length)).tolist() == steps


def test_a_polymeter_repeats_to_the_end_of_the_bar():
    assert np.flatnonzero(patterns.polymeter(patterns.euclid(1, 3))).tolist() == [0, 3, 6, 9, 12, 15]


def test_all_pitches_of_a_harmony_belong_to_its_scale():
    for seed in range(60):
        rng = np.random.default_rng(seed)
        key = harmony.Harmony.random(rng, 0.7)
        allowed = {(key.root + note) % 12 for note in key.scale}
        for step in range(16):
            melody = [key.pitch(key.draw_degree(rng), step) for _ in range(4)]
            chords = [key.chord(voicing, step, inversion) for voicing in harmony.VOICINGS for inversion in range(3)]
            assert {note % 12 for note in [*melody, *(note for chord in chords for note in chord)]} <= allowed


def test_chords_move_with_the_progression():
    key = harmony.Harmony(33, (0, 2, 3, 5, 7, 8, 10), (0, 0, -2, 3))
    assert key.chord((0, 1, 2), 0) == (33, 36, 40)
    assert key.chord((0, 1, 2), 8) == (29, 33, 36)
    assert key.chord((0, 2, 5), 15) == (38, 45, 50)
    assert key.chord((0, 1, 2), 0, 1) == (45, 36, 40)
    assert key.pitch(-1) == 31


def test_an_answer_keeps_the_call():
    call, answered = patterns.parse_pattern("X..x..x........."), 0
    for seed in range(30):
        phrase = patterns.answer(np.random.default_rng(seed), call)
        np.testing.assert_array_equal(phrase[:8], call[:8])
        answered += bool(phrase[8:].any())
    assert answered > 25


def test_the_length_of_a_kick_is_that_of_its_sound():
    t = np.arange(20000) / RATE
    decaying = (np.exp(-t / 0.1) * np.sin(2 * np.pi * 50 * t)).astype(np.float32)
    assert kicks.length(decaying) == pytest.approx(0.1 * np.log(8), abs=0.02)


def test_swing_delays_odd_sixteenths_only():
    groove = patterns.Groove(0.25, 0.0, np.ones(16, np.float32))
    assert [groove.position(step) for step in range(3)] == [0, STEP * 5 // 4, 2 * STEP]


@pytest.mark.parametrize("draw", [patterns.random_percussion, lambda rng: patterns.random_pattern(rng, 0.0)])
def test_drawn_patterns_are_never_empty(draw):
    for seed in range(50):
        pattern = draw(np.random.default_rng(seed))
        assert pattern.shape == (16,)
        assert 0 < pattern.max() <= 1
