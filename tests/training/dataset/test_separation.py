"""Approximate stems: they add up to the loop, and each takes the kind of sound it is named after."""

import numpy as np
import pytest

from technogan.formats import FORMATS
from training.corpus import STEMS, bar
from training.dataset.separation import split_stems

BAR = FORMATS["bar"]


def test_stems_add_up_to_the_sound():
    samples = bar.render(3)
    stems = split_stems(samples, BAR)
    assert stems.shape == (len(STEMS), BAR.n_samples)
    assert np.abs(stems.sum(axis=0) - samples).max() < 1e-6


def test_a_steady_tone_is_music():
    tone = 0.5 * np.sin(2 * np.pi * 2048 * np.arange(BAR.n_samples) / BAR.n_samples).astype(np.float32)
    kick, drums, music = split_stems(tone, BAR)
    assert np.linalg.norm(music - tone) < 0.03 * np.linalg.norm(tone)
    assert max(np.linalg.norm(kick), np.linalg.norm(drums)) < 0.03 * np.linalg.norm(tone)


def test_a_click_belongs_to_drums():
    click = np.zeros(BAR.n_samples, np.float32)
    click[BAR.n_samples // 2] = 1
    energies = np.square(split_stems(click, BAR)).sum(axis=1)
    assert STEMS[int(np.argmax(energies))] == "drums"


def test_a_rotated_sound_gives_rotated_stems():
    samples = bar.render(3)
    shifted = np.roll(samples, 4096)
    assert split_stems(shifted, BAR) == pytest.approx(np.roll(split_stems(samples, BAR), 4096, axis=1), abs=1e-4)


def test_stems_of_corpus_bars_are_nearer_than_the_whole_sound():
    stems = bar.render_stems(3)
    sound = stems.sum(axis=0)
    found = split_stems(sound, BAR)
    missed, whole = (np.square(stems - other).sum() for other in (found, sound))
    assert missed < 0.5 * whole
