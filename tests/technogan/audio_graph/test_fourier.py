"""The four-step DFT of whole loops, compared with NumPy's."""

import numpy as np
import pytest

from technogan.audio_graph.fourier import LoopFourier
from tests.technogan.audio_graph.graphs import run_graph

SIZES = pytest.mark.parametrize("n", [48, 768, 2 * 7 * 11, 16384])


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@SIZES
def test_a_spectrum_gives_its_samples(n, rng):
    samples = rng.standard_normal((2, n))
    spectrum = np.fft.rfft(samples)
    parts = np.stack([spectrum.real, spectrum.imag], axis=1)
    (found,) = run_graph(lambda graph, x: [LoopFourier(graph, n, None).to_samples(x)], x=parts)
    np.testing.assert_allclose(found.reshape(2, n), samples, atol=1e-5)


@SIZES
def test_samples_give_their_spectrum_with_margins(n, rng):
    samples, margin = rng.standard_normal((2, n)), n // 8
    (found,) = run_graph(lambda graph, x: [LoopFourier(graph, n, margin).to_spectrum(x)], x=samples)
    wanted = np.fft.fft(samples)[:, np.arange(-margin, n // 2 + margin) % n]
    real, imaginary = np.moveaxis(found.reshape(2, 2, -1), 1, 0)
    np.testing.assert_allclose(real + 1j * imaginary, wanted, atol=1e-6 * n)
