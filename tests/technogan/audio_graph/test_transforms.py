"""The transforms of the exported file, compared with the engine's."""

from dataclasses import replace

import numpy as np
import pytest

from technogan.audio_graph.band_blocks import BandBlocks
from technogan.audio_graph.constant_q import ConstantQGraph
from technogan.audio_graph.stft import StftGraph
from technogan.errors import SpecError
from technogan.formats import FORMATS, ConstantQSettings, SpectrogramFormat, StftSettings
from technogan.transforms import transform_of
from technogan.transforms.constant_q_layout import BandLayout, layout_of
from tests.technogan.audio_graph.graphs import run_graph

SMALL = SpectrogramFormat("small", 48, 32, beats=1, hop_length=16, transform=StftSettings(64))
SMALL_CQ = replace(SMALL, n_bins=24, hop_length=8, transform=ConstantQSettings(widest_spacing=1 / 4))
GEOMETRIC = replace(FORMATS["half-cq"], transform=ConstantQSettings(fmin=8.175 / 34952.53, bins_per_octave=24))

FORMATS_TESTED = pytest.mark.parametrize(
    "size", [SMALL, SMALL_CQ, GEOMETRIC, FORMATS["beat-256"], FORMATS["beat"]], ids=lambda size: size.name
)
CONSTANT_Q = pytest.mark.parametrize("size", [SMALL_CQ, GEOMETRIC, FORMATS["beat"]], ids=lambda size: size.name)
LOOPS = pytest.mark.parametrize("n_loops", [1, 3])


def make(graph, size, sequence=False):
    if isinstance(size.transform, StftSettings):
        return StftGraph(graph, n_fft=size.transform.n_fft, hop_length=size.hop_length, n_bins=size.n_bins)
    return ConstantQGraph(graph, size, size.transform, graph.integers(1) if sequence else None)


def polar(graph, transform, magnitude, turns):
    """Return coefficients of a magnitude and a phase in turns."""
    angle = graph.add("Mul", transform.arrange_turns(turns), graph.number(2 * np.pi))
    parts = graph.add("Concat", graph.add("Cos", angle), graph.add("Sin", angle), axis=transform.parts_axis)
    return graph.add("Mul", parts, transform.arrange(magnitude))


def coefficients_of(size, n_loops=1):
    """Return the magnitude and the phase, in turns, of noise: (1, n_frames, n_bins)."""
    transform = transform_of(size, n_loops)
    samples = np.random.default_rng(0).standard_normal(transform.n_samples).astype(np.float32)
    found = transform.forward(samples)[:, : size.n_bins if transform.kind == "stft" else None]
    return np.abs(found)[np.newaxis], np.angle(found)[np.newaxis] / (2 * np.pi)


def project(size, n_loops, magnitude, turns):
    """Return the samples of coefficients, and the magnitude of their transform in the graph's layout."""

    def build(graph, magnitude, turns):
        transform = make(graph, size, n_loops > 1)
        signal = transform.project(polar(graph, transform, magnitude, turns))
        found = graph.add("ReduceL2", transform.forward(signal), graph.integers(transform.parts_axis), keepdims=1)
        return transform.to_pieces(signal), found

    return run_graph(build, magnitude=magnitude, turns=turns)


def frames_of(bands, size, n_loops):
    """Return coefficients of a constant-Q graph as (n_frames, n_bins), without the contexts of a sequence's loops."""
    n_bins = transform_of(size).n_bins
    n_slice = bands.size // n_loops // n_bins
    block = BandBlocks(n_slice, size.hop_length, layout_of(size.n_bins, size.hop_length, size.transform)).size
    frames = bands.reshape(n_loops, n_slice // block, n_bins, block).transpose(0, 3, 1, 2)
    context = (n_slice - size.n_frames) // 2
    return frames.reshape(n_loops, n_slice, n_bins)[:, context : context + size.n_frames].reshape(-1, n_bins)


@LOOPS
@FORMATS_TESTED
def test_projection_returns_the_samples_of_their_coefficients(size, n_loops):
    magnitude, turns = coefficients_of(size, n_loops)
    transform = transform_of(size, n_loops)
    coefficients = np.zeros((transform.n_frames, transform.n_bins), np.complex64)
    coefficients[:, : magnitude.shape[2]] = (magnitude * np.exp(2j * np.pi * turns))[0]
    found, _ = project(size, n_loops, magnitude, turns)
    wanted = transform.inverse(coefficients)
    error = np.linalg.norm(found - wanted) / np.linalg.norm(wanted)
    # Short slices of a sequence end within the windows of the lowest bands.
    assert error < (2e-3 if n_loops > 1 else 2e-6)


@LOOPS
@CONSTANT_Q
def test_transform_of_a_signal_has_its_magnitude(size, n_loops):
    magnitude, turns = coefficients_of(size, n_loops)
    found = frames_of(project(size, n_loops, magnitude, turns)[1], size, n_loops)
    error = np.linalg.norm(found - magnitude[0]) / np.linalg.norm(magnitude)
    assert error < (2e-3 if n_loops > 1 else 2e-6)


@CONSTANT_Q
def test_any_coefficients_are_projected_as_the_engine_does(size):
    transform = transform_of(size)
    rng = np.random.default_rng(1)
    magnitude, turns = rng.random((2, 1, transform.n_frames, transform.n_bins)).astype(np.float32)
    found, again = project(size, 1, magnitude, turns)
    wanted = transform.inverse((magnitude * np.exp(2j * np.pi * turns))[0].astype(np.complex64))
    np.testing.assert_allclose(found, wanted, atol=5e-6 * np.abs(wanted).max())
    assert np.linalg.norm(again) == pytest.approx(np.linalg.norm(transform.forward(wanted)), rel=1e-5)


def test_even_and_odd_bands_determine_the_samples():
    size = FORMATS["beat"]
    transform = transform_of(size)
    magnitude, turns = coefficients_of(size)
    wanted = transform.inverse((magnitude * np.exp(2j * np.pi * turns))[0])

    def build(graph, magnitude, turns):
        whole = make(graph, size)
        coefficients = polar(graph, whole, magnitude, turns)
        assert len(whole.parts()) == 2
        for bands, part in whole.parts():
            chosen = graph.slice(coefficients, bands.start, bands.stop, part.bins_axis, bands.step)
            yield whole.to_pieces(part.project(chosen))
            yield part.forward(whole.project(coefficients))
            yield chosen

    results = run_graph(build, magnitude=magnitude, turns=turns)
    for samples, found, chosen in (results[:3], results[3:]):
        np.testing.assert_allclose(samples, wanted, atol=2e-5)
        np.testing.assert_allclose(found, chosen, atol=1e-5 * np.abs(chosen).max())


@FORMATS_TESTED
def test_phase_steps_are_the_engines(size):
    magnitude, _ = coefficients_of(size)
    magnitude[:, 5:8, 3:9] = 0
    found = run_graph(lambda graph, x: make(graph, size).phase_steps(x), x=magnitude)
    transform, n_bins = transform_of(size), magnitude.shape[2]
    whole = np.zeros((transform.n_frames, transform.n_bins), np.float32)
    whole[:, :n_bins] = magnitude
    for ours, theirs in zip(found, transform.phase_steps(whole), strict=True):
        # The STFT's highest bin is next to the silent Nyquist bin, which the graph leaves out.
        wanted = theirs[:, : n_bins - 1]
        np.testing.assert_allclose(ours.reshape(magnitude.shape)[0, :, :-1], wanted, atol=2e-3, rtol=1e-3)


def test_bins_between_rows_are_interpolated_as_the_engine_does():
    rows = np.random.default_rng(0).random((1, GEOMETRIC.n_frames, GEOMETRIC.n_bins)).astype(np.float32)
    (found,) = run_graph(lambda graph, x: [make(graph, GEOMETRIC).from_rows(x)], x=rows)
    np.testing.assert_allclose(found, transform_of(GEOMETRIC).from_rows(rows[0]).ravel(), atol=1e-6)


@pytest.mark.parametrize(
    ("frames", "hop", "reach", "reason"), [(50, 16, 1 / 64, "multiple of 4"), (48, 2, 0.4, "too close")]
)
def test_unusual_bands_are_refused(frames, hop, reach, reason):
    layout = BandLayout(np.array([0.1, 0.2]), np.array([reach, reach]), np.arange(2))
    with pytest.raises(SpecError, match=reason):
        BandBlocks(frames, hop, layout)
