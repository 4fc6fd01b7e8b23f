"""The stems of a mix are independent; ducking and fills change what they should."""

import numpy as np
import pytest

from training.corpus import fills, patterns
from training.corpus.grid import N_SAMPLES, STEP
from training.corpus.melody import add_melody
from training.corpus.mix import Mix
from training.corpus.rhythm import add_rhythm
from training.corpus.styles import BY_NAME


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
        whole, alone = mix.render_stems(), muted.render_stems()[0]
        rest = whole[0] / max(np.abs(whole[0]).max(), 1e-6) - alone / max(np.abs(alone).max(), 1e-6)
        assert 10 * np.log10(np.mean(rest**2) + 1e-12) < -60


def test_a_muted_stem_is_silent_and_leaves_the_others():
    mix, muted = _mix_of(5, "dub"), _mix_of(5, "dub")
    muted.mute("music")
    whole, rest = mix.render_stems(), muted.render_stems()
    assert not rest[2].any()
    gain = np.abs(whole[0]).max() / np.abs(rest[0]).max()
    np.testing.assert_allclose(gain * rest[:2], whole[:2], atol=1e-5)


def test_a_longer_kick_ducks_the_music_for_longer():
    levels = []
    for length in (0.05, 0.4):
        mix = Mix(np.random.default_rng(1), BY_NAME["hard"])
        mix.kick_pattern, mix.kick_length = patterns.parse_pattern("X...X...X...X..."), length
        mix.music[:] = np.random.default_rng(2).standard_normal(N_SAMPLES)
        levels.append(mix.render_stems()[2].reshape(16, STEP).std(axis=1))
    short, long = (level[1::4].mean() / level[3::4].mean() for level in levels)
    assert long < 0.9 * short


@pytest.mark.parametrize("fill", fills.FILLS, ids=lambda fill: fill.__name__.strip("_"))
def test_a_fill_changes_only_the_end_of_the_drums(fill):
    mix = _mix_of(3, "tribal")
    before = mix.drums.copy()
    fill(mix)
    changed = np.flatnonzero(np.abs(mix.drums - before).reshape(16, STEP).max(axis=1) > 0.01)
    assert len(changed) > 0
    # Tails wrap around to the start of the bar.
    assert set(changed) <= {*range(7, 16), 0, 1, 2, 3}
    assert not mix.kick.any() or np.isfinite(mix.render_stems()).all()
