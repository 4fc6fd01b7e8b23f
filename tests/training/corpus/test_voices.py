"""The voices of the synthetic corpus: single hits fade to silence, lines of a bar are seamless."""

from functools import partial
from typing import Any

import numpy as np
import pytest

from training.corpus import breaks, drums, harmony, kicks, lines, patterns, stabs, tones
from training.corpus.grid import N_SAMPLES, RATE

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


def test_the_length_of_a_kick_is_that_of_its_sound():
    t = np.arange(20000) / RATE
    decaying = (np.exp(-t / 0.1) * np.sin(2 * np.pi * 50 * t)).astype(np.float32)
    assert kicks.length(decaying) == pytest.approx(0.1 * np.log(8), abs=0.02)
