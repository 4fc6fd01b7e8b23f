"""The mixer under random calls."""

import operator

import numpy as np
import pytest

from app.audio.mixdown import When
from app.audio.mixer import Mixer
from tests.app.audio.loops import SAMPLE_RATE, mixed, prepared, prepared_stems, repeated

BEATS = {480.0: 1000, 300.0: 1600, 600.0: 800}
N_VOICES = 5
WHENS: tuple[When, ...] = ("now", "beat", "bar")


class RandomCalls:
    """Calls a mixer at random, and knows what should sound once all changes are made."""

    def __init__(self, rng):
        self.rng = rng
        self.bpm = 480.0
        self.mixer = Mixer(SAMPLE_RATE, self.bpm, N_VOICES)
        self.kinds = {}
        self.level = [1.0] * N_VOICES
        self.playing = [False] * N_VOICES
        self.muted = [False] * N_VOICES
        self.soloed = [False] * N_VOICES
        self.kick = [1.0] * N_VOICES

    def loop(self, kind):
        """Return a slow sine at the present tempo, with `cycles` cycles per beat; every other one has stems."""
        beats, cycles = kind
        t = np.arange(beats * BEATS[self.bpm]) / BEATS[self.bpm]
        tone = 0.05 * np.sin(2 * np.pi * cycles * t)
        return prepared_stems(beats, kick=tone / 2, drums=tone / 2) if cycles % 2 else prepared(tone, beats)

    def call(self):
        rng, mixer = self.rng, self.mixer
        voice, when, what = int(rng.integers(N_VOICES)), WHENS[rng.integers(3)], rng.integers(10)
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
            self.kick[voice] = float(rng.integers(3)) / 2
            mixer.set_stem(voice, "kick", self.kick[voice])
        elif what == 8:
            self.bpm = list(BEATS)[rng.integers(3)]
            mixer.set_tempo(self.bpm, {v: self.loop(kind) for v, kind in self.kinds.items()})
        else:
            mixer.run(bool(rng.integers(4)))

    def expected(self, n_frames):
        """Return what should sound from the clock's position on."""
        frame = round(self.mixer.state.beats * BEATS[self.bpm]) - self.mixer.delay
        total = np.zeros(n_frames, np.float32)
        any_soloed = any(map(operator.and_, self.soloed, self.playing))
        for voice, kind in self.kinds.items():
            if self.playing[voice] and not self.muted[voice] and (self.soloed[voice] or not any_soloed):
                share = (1 + self.kick[voice]) / 2 if kind[1] % 2 else 1.0
                total += np.float32(self.level[voice] * share) * repeated(self.loop(kind), n_frames, frame)
        return total


@pytest.mark.parametrize("seed", range(6))
def test_after_random_calls_the_sound_is_smooth_and_correct(seed):
    rng = np.random.default_rng(seed)
    calls = RandomCalls(rng)
    blocks = []
    for _ in range(600):
        for _ in range(rng.integers(4)):
            calls.call()
        blocks.append(mixed(calls.mixer, int(rng.integers(1, 400))))
    sound = np.concatenate(blocks)
    assert sound.any()
    assert np.isfinite(sound).all()
    assert np.abs(sound).max() <= 0.95
    # Five voices at twice their level, 7 cycles in 800 frames, gains that move by 2 in 80 frames, of stems by 0.5.
    assert np.abs(np.diff(sound)).max() < 5 * 0.05 * (2 * 2 * np.pi * 7 / 800 + 2 * (2 + 0.5 + np.pi) / 80)
    calls.mixer.run(True)
    calls.mixer.mix(5 * BEATS[calls.bpm])
    wanted = calls.expected(4000)
    assert np.allclose(mixed(calls.mixer, 4000), wanted, atol=1e-6)
