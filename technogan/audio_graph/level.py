"""`technogan.sound.level` in ONNX operators, for n loops at once.

Samples are (n, n_samples), or (n, n_stems, n_samples) by stem.
"""

from __future__ import annotations

import numpy as np
from onnx import TensorProto

from technogan.audio_graph.weighting import add_weighting
from technogan.formats import SpectrogramFormat
from technogan.graphs.builder import Graph
from technogan.sound import level
from technogan.transforms.base import TINY

_SAMPLES = 1


def add_levelling(
    graph: Graph, pieces: str, size: SpectrogramFormat, *, sample_rate: float, n_stems: int
) -> tuple[str, str]:
    """Bring loops to TARGET_LOUDNESS, with their true peaks below TRUE_PEAK_CEILING.

    pieces: samples in pieces of one hop, (n * max(n_stems, 1), frames, hop_length). size: the format of one loop; a
    sequence has a multiple of its frames. Returns the samples, and the samples by stem ("" if there are none), which
    add up to the first.
    """
    centred = graph.add("Sub", pieces, graph.add("ReduceMean", pieces, graph.integers(1, 2), keepdims=1))
    mixed = _sum_stems(graph, graph.group(centred, n_stems)) if n_stems else centred
    weighted = add_weighting(graph, mixed, sample_rate, hop_length=size.hop_length, n_frames=size.n_frames)
    gain = _gain(graph, graph.reshape(weighted, 0, -1), sample_rate)
    louder = graph.add("Mul", graph.reshape(mixed, 0, -1), gain)
    limit = _limit(graph, louder, level.look_ahead(sample_rate))
    if not n_stems:
        return graph.add("Mul", louder, limit), ""
    factor = graph.add("Unsqueeze", graph.add("Mul", gain, limit), graph.integers(1))
    stems = graph.add("Mul", graph.group(graph.reshape(centred, 0, -1), n_stems), factor)
    return _sum_stems(graph, stems), stems


def _sum_stems(graph: Graph, stems: str) -> str:
    return graph.add("ReduceSum", stems, graph.integers(1), keepdims=0)


def _gain(graph: Graph, weighted: str, sample_rate: float) -> str:
    """Return the gain that brings each loop to TARGET_LOUDNESS, (n, 1); 1 for silence."""
    power = _block_powers(graph, graph.add("Mul", weighted, weighted), sample_rate)
    heard = graph.add("Greater", power, graph.number(_power(level.ABSOLUTE_GATE)))
    gate = graph.add("Mul", _mean_where(graph, heard, power), graph.number(10 ** (level.RELATIVE_GATE / 10)))
    counted = graph.add("And", heard, graph.add("Greater", power, gate))
    mean = _mean_where(graph, counted, power)
    silent = graph.add("LessOrEqual", mean, graph.number(0))
    # The quotient must be finite for silence too, although it is not used.
    mean = graph.add("Max", mean, graph.number(float(TINY)))
    gain = graph.add("Sqrt", graph.add("Div", graph.number(_power(level.TARGET_LOUDNESS)), mean))
    gain = graph.add("Min", gain, graph.number(10 ** (level.MAX_RAISE_DB / 20)))
    return graph.add("Where", silent, graph.number(1), gain)


def _power(loudness: float) -> float:
    """Return the mean power of a loudness in LUFS."""
    return float(10 ** ((loudness - level.LOUDNESS_OFFSET) / 10))


def _mean_where(graph: Graph, chosen: str, power: str) -> str:
    """Return the mean of the chosen values, (n, 1); 0 if none is chosen."""
    total = graph.add("ReduceSum", graph.add("Where", chosen, power, graph.number(0)), graph.integers(1), keepdims=1)
    count = graph.add("ReduceSum", graph.cast(chosen, TensorProto.FLOAT), graph.integers(1), keepdims=1)
    return graph.add("Div", total, graph.add("Max", count, graph.number(1)))


def _block_powers(graph: Graph, squares: str, sample_rate: float) -> str:
    """Return the mean power of 400 ms every 100 ms around the circle, or of a shorter loop as a whole: (n, blocks)."""
    n_samples = graph.add("Gather", graph.add("Shape", squares), graph.constant(np.array(_SAMPLES)))
    length = graph.add("Min", n_samples, graph.constant(np.array(round(level.BLOCK_S * sample_rate))))
    overlapping = graph.add("Mul", n_samples, graph.constant(np.array(level.BLOCKS_PER_LENGTH)))
    count = _rounded_ratio(graph, overlapping, length)
    numbers = graph.add("Range", graph.constant(np.array(0)), count, graph.constant(np.array(1)))
    starts = graph.add("Div", graph.add("Mul", numbers, n_samples), count)
    end = graph.add("Unsqueeze", length, graph.integers(0))
    again = graph.add("Slice", squares, graph.integers(0), end, graph.integers(_SAMPLES))
    around = graph.add("Concat", squares, again, axis=_SAMPLES)
    # Double precision, because the result is a difference of two large sums.
    sums = graph.add("CumSum", graph.cast(around, TensorProto.DOUBLE), graph.constant(np.array(_SAMPLES)), exclusive=1)
    ends = graph.add("Gather", sums, graph.add("Add", starts, length), axis=_SAMPLES)
    total = graph.add("Sub", ends, graph.add("Gather", sums, starts, axis=_SAMPLES))
    return graph.add("Div", graph.cast(total, TensorProto.FLOAT), graph.cast(length, TensorProto.FLOAT))


def _rounded_ratio(graph: Graph, above: str, below: str) -> str:
    """Return a quotient as a whole number of at least 1."""
    ratio = graph.add("Div", *(graph.cast(x, TensorProto.DOUBLE) for x in (above, below)))
    return graph.add("Max", graph.cast(graph.add("Round", ratio), TensorProto.INT64), graph.constant(np.array(1)))


def _limit(graph: Graph, samples: str, reach: int) -> str:
    """Return the gain over time, (n, n_samples), that keeps the true peak of loops below TRUE_PEAK_CEILING."""
    ceiling = graph.number(10 ** (level.TRUE_PEAK_CEILING / 20))
    needed = graph.add("Div", ceiling, graph.add("Max", _peak_envelope(graph, samples), ceiling))
    gain = _lowest_within(graph, needed, reach)
    width = level.smoothing_width(reach)
    gain = graph.add("Min", _box_mean(graph, _box_mean(graph, gain, width), width), graph.number(1))
    # The varying gain can raise a peak between samples slightly.
    envelope = _peak_envelope(graph, graph.add("Mul", samples, gain))
    highest = graph.add("ReduceMax", envelope, graph.integers(_SAMPLES), keepdims=1)
    excess = graph.add("Max", graph.add("Div", highest, ceiling), graph.number(1))
    return graph.add("Div", gain, excess)


def _peak_envelope(graph: Graph, samples: str) -> str:
    """Return the highest absolute value at each sample and at the three points after it."""
    filters = level.interpolators()
    half = filters.shape[1] // 2
    around = graph.add("Unsqueeze", graph.pad_circular(samples, half - 1, half, _SAMPLES), graph.integers(1))
    between = graph.add("Abs", graph.add("Conv", around, graph.constant(filters[:, np.newaxis])))
    highest = graph.add("ReduceMax", between, graph.integers(1), keepdims=0)
    return graph.add("Max", graph.add("Abs", samples), highest)


def _lowest_within(graph: Graph, values: str, reach: int) -> str:
    """Return the lowest value within +-reach samples around the circle."""
    span, width = 1, 2 * reach + 1
    while span < width:
        shift = min(span, width - span)
        values = graph.add("Min", values, graph.roll(values, shift, _SAMPLES))
        span += shift
    return graph.roll(values, -reach, _SAMPLES)


def _box_mean(graph: Graph, values: str, width: int) -> str:
    """Return the circular mean of the `width` (odd) values around each value."""
    half = width // 2
    around = graph.cast(graph.pad_circular(values, half + 1, half, _SAMPLES), TensorProto.DOUBLE)
    sums = graph.add("CumSum", around, graph.constant(np.array(_SAMPLES)))
    total = graph.add("Sub", graph.slice(sums, width, None, _SAMPLES), graph.slice(sums, 0, -width, _SAMPLES))
    return graph.add("Div", graph.cast(total, TensorProto.FLOAT), graph.number(width))
