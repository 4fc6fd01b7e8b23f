"""The mixer under hands that press everything at once."""

import numpy as np
import pytest

from app.audio.mixdown import When
from app.audio.mixer import Mixer
from tests.app.audio.loops import SAMPLE_RATE, heard, prepared, repeated

BEATS = {480.0: 1000, 300.0: 1600, 600.0: 800}
N_VOICES = 5
WHENS: tuple[When, ...] = ("now", "beat", "bar")


class Hands:
    """Presses at random, and remembers what should be heard once all has settled."""

    def __init__(self, rng):
        self.rng = rng
        self.bpm = 480.0
        self.mixer = Mixer(SAMPLE_RATE, self.bpm, N_VOICES)
        self.kinds = {}
        self.level = [1.0] * N_VOICES
        self.playing = [False] * N_VOICES
        self.muted = [False] * N_VOICES
        self.soloed = [False] * N_VOICES

    def loop(self, kind):
        """The same sound at the present tempo: `cycles` a beat, so nothing in it is fast."""
        beats, cycles = kind
        t = np.arange(beats * BEATS[self.bpm]) / BEATS[self.bpm]
        return prepared(0.05 * np.sin(2 * np.pi * cycles * t), beats)

    def press(self):
        rng, mixer = self.rng, self.mixer
        voice, when, what = int(rng.integers(N_VOICES)), WHENS[rng.integers(3)], rng.integers(9)
        if what <= 1:
            self.kinds[voice] = (int(rng.integers(1, 5)), int(rng.integers(1, 8)))
            mixer.set_loop(voice, self.loop(self.kinds[voice]), when=when)
        elif what == 2:
            self.kinds.pop(voice, None)
            mixer.set_loop(voice, None, when=when)
        elif what == 3:
            self.playing[voice] = not self.playing[voice]
            (mixer.start if self.playing[voice] else mixer.stop)(voice, when=when)
        elif what == 4:
            self.level[voice] = float(rng.uniform(0, 2))
            mixer.set_level(voice, self.level[voice])
        elif what == 5:
            self.muted[voice] = not self.muted[voice]
            mixer.set_muted(voice, self.muted[voice])
        elif what == 6:
            self.soloed[voice] = bool(rng.integers(4) == 0)
            mixer.set_solo(voice, self.soloed[voice])
        elif what == 7:
            self.bpm = list(BEATS)[rng.integers(3)]
            mixer.set_tempo(self.bpm, {v: self.loop(kind) for v, kind in self.kinds.items()})
        else:
            mixer.run(bool(rng.integers(4)))

    def settled(self, n_frames):
        """What is to be heard from the clock's position on."""
        frame = round(self.mixer.state.beats * BEATS[self.bpm]) - self.mixer.delay
        total = np.zeros(n_frames, np.float32)
        for voice, kind in self.kinds.items():
            if self.playing[voice] and not self.muted[voice] and (self.soloed[voice] or not any(self.soloed)):
                total += np.float32(self.level[voice]) * repeated(self.loop(kind), n_frames, frame)
        return total


@pytest.mark.parametrize("seed", range(6))
def test_whatever_is_pressed_the_sound_stays_whole_and_right(seed):
    rng = np.random.default_rng(seed)
    hands = Hands(rng)
    blocks = []
    for _ in range(600):
        for _ in range(rng.integers(4)):
            hands.press()
        blocks.append(heard(hands.mixer, int(rng.integers(1, 400))))
    sound = np.concatenate(blocks)
    assert sound.any()
    assert np.isfinite(sound).all()
    assert np.abs(sound).max() <= 0.95
    # Five voices at twice their level, 7 cycles in 800 frames, and gains that move by 2 in 80 frames.
    assert np.abs(np.diff(sound)).max() < 5 * 0.05 * (2 * 2 * np.pi * 7 / 800 + 2 * (2 + np.pi) / 80)
    hands.mixer.run(True)
    hands.mixer.mix(5 * BEATS[hands.bpm])
    wanted = hands.settled(4000)
    assert np.allclose(heard(hands.mixer, 4000), wanted, atol=1e-6)
