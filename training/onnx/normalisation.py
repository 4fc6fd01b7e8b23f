"""Fold batch normalisation into the layer before it."""

import numpy as np

from technogan.arrays import FloatArray
from training.networks.definition import BATCH_NORM_EPSILON, Weights


def fold_normalisation(weights: Weights, layer: str) -> tuple[FloatArray, FloatArray]:
    """Return the scale and the shift of the batch normalisation after a layer, in inference."""
    name = f"{layer}_normalisation"
    mean, variance = weights[f"{name}/moving_mean"], weights[f"{name}/moving_variance"]
    scale = weights.get(f"{name}/gamma", np.ones_like(mean)) / np.sqrt(variance + BATCH_NORM_EPSILON)
    return scale, weights.get(f"{name}/beta", np.zeros_like(mean)) - mean * scale
