"""Render one bar of techno from a seed."""

import numpy as np

from technogan.arrays import FloatArray
from technogan.errors import SettingError
from training.corpus import VERSION
from training.corpus.draw import choose_weighted
from training.corpus.melody import add_melody
from training.corpus.mix import Mix
from training.corpus.rhythm import add_rhythm
from training.corpus.styles import BY_NAME, STYLES, Style

_WEIGHTS = {style.name: style.weight for style in STYLES}


def render(seed: int, style: Style | None = None) -> FloatArray:
    """Render the bar of a seed, in its own style if `style` is None.

    Returns float32 (65536,), a seamless loop with a peak of 0.89 to 0.97 and no DC. Raises SettingError for a negative
    seed.
    """
    return np.asarray(render_stems(seed, style).sum(axis=0), np.float32)


def render_stems(seed: int, style: Style | None = None) -> FloatArray:
    """Render the stems of a bar, whose sum is the bar of `render`.

    Returns float32 (3, 65536) in the order of STEMS. A stem can be silent. Raises SettingError for a negative seed.
    """
    rng = _generator(seed)
    own = BY_NAME[choose_weighted(rng, _WEIGHTS)]
    mix = Mix(rng, style or own)
    add_rhythm(mix)
    add_melody(mix)
    return mix.render_stems()


def style_of(seed: int) -> Style:
    """Return the style that `render` draws for a seed."""
    return BY_NAME[choose_weighted(_generator(seed), _WEIGHTS)]


def find_style(name: str) -> Style:
    """Return the style of this name. Raises SettingError for an unknown name."""
    if name not in BY_NAME:
        raise SettingError("style", name, f"one of {', '.join(BY_NAME)}")
    return BY_NAME[name]


def _generator(seed: int) -> np.random.Generator:
    if seed < 0:
        raise SettingError("seed", seed, "0 or more")
    return np.random.default_rng([VERSION, seed])
