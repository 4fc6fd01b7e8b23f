"""A small model with structured images, and its encoder."""

import numpy as np
from onnx import helper

from technogan.network.encoder import write_encoder
from technogan.network.writing import write_bundle
from tests.networks import LATENT_SIZE, N_BINS, N_FRAMES, model_of, tiny_network, tiny_spec

_SQUARE = 8


def patterns():
    """Return weights for `tiny_network`: the image of each slider, in squares of 8 by 8 pixels."""
    squares = np.random.default_rng(0).standard_normal((LATENT_SIZE, N_BINS // _SQUARE, N_FRAMES // _SQUARE))
    return 0.3 * squares.repeat(_SQUARE, axis=1).repeat(_SQUARE, axis=2).reshape(LATENT_SIZE, -1).astype(np.float32)


def tiny_encoder(*, gain=1.0, latent_size=LATENT_SIZE, frames=N_FRAMES):
    """Return latents = gain * images @ inverse of `patterns`, nearly correct where the network's tanh is linear."""
    inverse = np.linalg.pinv(patterns())[: N_BINS * frames, :latent_size]
    nodes = [
        helper.make_node("Flatten", ["images"], ["a"]),
        helper.make_node("MatMul", ["a", "w"], ["b"]),
        helper.make_node("Mul", ["b", "gain"], ["latents"]),
    ]
    constants = {"w": inverse, "gain": np.float32(gain).reshape(1)}
    inputs = [("images", ["n", 1, N_BINS, frames])]
    return model_of(nodes, constants, inputs, [("latents", ["n", latent_size])])


def plain_model(path, name="tiny", **values):
    """Write a model without an encoder."""
    return write_bundle(tiny_network(batch="n", matrix=patterns()), tiny_spec(name, **values), path)


def tiny_model(path, name="tiny", **values):
    """Write a model and its encoder."""
    bundle = plain_model(path, name, **values)
    write_encoder(tiny_encoder(), bundle)
    return bundle
