"""One bar of techno from one seed."""

from __future__ import annotations

import numpy as np

from technogan.arrays import FloatArray
from technogan.errors import SettingError
from training.corpus import VERSION
from training.corpus.draw import weighted
from training.corpus.melody import add_melody
from training.corpus.mix import Mix
from training.corpus.rhythm import add_rhythm
from training.corpus.styles import BY_NAME, STYLES, Style

_WEIGHTS = {style.name: style.weight for style in STYLES}


def render(seed: int, style: Style | None = None) -> FloatArray:
    """The bar of a seed, in its own style unless another is asked for.

    Returns float32 (65536,): peak .89 to .97, no DC; the sample after the last is the first. Raises SettingError for a
    negative seed.
    """
    rng = _generator(seed)
    own = BY_NAME[weighted(rng, _WEIGHTS)]
    mix = Mix(rng, style or own)
    add_rhythm(mix)
    add_melody(mix)
    return mix.loop()


def style_of(seed: int) -> Style:
    """The style that a seed's bar has by itself."""
    return BY_NAME[weighted(_generator(seed), _WEIGHTS)]


def style_named(name: str) -> Style:
    """Raises SettingError for an unknown one."""
    if name not in BY_NAME:
        raise SettingError("style", name, f"one of {', '.join(BY_NAME)}")
    return BY_NAME[name]


def _generator(seed: int) -> np.random.Generator:
    if seed < 0:
        raise SettingError("seed", seed, "0 or more")
    return np.random.default_rng([VERSION, seed])
