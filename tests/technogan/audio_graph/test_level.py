"""The levelling of the exported file, compared with the engine's."""

import numpy as np
import pytest

from technogan.audio_graph.level import add_levelling
from technogan.formats import FORMATS
from technogan.sound.level import level_stems
from tests.technogan.audio_graph.graphs import run_graph

SIZE = FORMATS["beat"]
RATE = SIZE.sample_rate(128.0)


def noise(n, gains):
    """Return noise with offsets, (n, n_samples), in bursts of these gains."""
    samples = np.random.default_rng(0).standard_normal((n, SIZE.n_samples)) + 0.1
    return (samples * np.repeat(gains, SIZE.n_samples // len(gains))).astype(np.float32)


@pytest.mark.parametrize("n_stems", [0, 3])
@pytest.mark.parametrize("gains", [[0.1], [1, 0.01, 0.1, 0.1], [1e-4]], ids=["even", "peaks", "quiet"])
def test_loops_are_levelled_as_the_engine_does(n_stems, gains):
    parts = noise(2 * max(n_stems, 1), gains)
    pieces = parts.reshape(-1, SIZE.n_frames, SIZE.hop_length)
    samples, stems = run_graph(
        lambda graph, x: [tensor or x for tensor in add_levelling(graph, x, SIZE, sample_rate=RATE, n_stems=n_stems)],
        x=pieces,
    )
    for found, loop in zip(samples.reshape(2, -1), parts.reshape(2, -1, SIZE.n_samples), strict=True):
        held, _ = level_stems(loop, RATE)
        np.testing.assert_allclose(found, held.sum(axis=0), atol=2e-3)
    if n_stems:
        stems = stems.reshape(2, n_stems, -1)
        np.testing.assert_allclose(stems.sum(axis=1), samples.reshape(2, -1), atol=1e-6)
        np.testing.assert_allclose(stems[1], level_stems(parts[n_stems:], RATE)[0], atol=2e-3)
