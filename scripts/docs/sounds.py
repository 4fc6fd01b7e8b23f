"""Render the sounds of the documents with the included models: `make pictures`."""

from pathlib import Path

import numpy as np
import soundfile

from technogan.engine import Engine
from technogan.network.library import find_model
from technogan.seeds.paths import fade, walk
from technogan.seeds.seed import Seed
from technogan.sound.loop import Loop

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "sounds"

_RATE = 44100
_ENDS = (14, 42, 5)


def _loop() -> list[Loop]:
    return [Engine(find_model("bar")).render(Seed.from_integer(_ENDS[0]))] * 4


def _morph() -> list[Loop]:
    first, second, third = map(Seed.from_integer, _ENDS)
    seeds = [first, *fade(first, second, 4), second, *fade(second, third, 4)[1:], third]
    return [Engine(find_model("bar")).render_sequence(seeds)]


def _walk() -> list[Loop]:
    seeds = walk(Seed.from_integer(8), 24, 24, np.random.default_rng(1))
    return [Engine(find_model("beat")).render_sequence(seeds)]


def main() -> None:
    """Render all sounds."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, make in (("loop", _loop), ("morph", _morph), ("walk", _walk)):
        samples = np.concatenate([loop.resampled(_RATE).samples for loop in make()])
        soundfile.write(
            FOLDER / f"{name}.mp3", samples, _RATE, format="MP3", bitrate_mode="VARIABLE", compression_level=0.5
        )


if __name__ == "__main__":
    main()
