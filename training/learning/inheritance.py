"""A network begins with what another one of the same make, but for longer or shorter loops, has learned.

A generator for four beats cut to one draws the first of the four at once: convolutions know no length, and the base of
a shorter loop is the beginning of the longer one's, parts that repeat added where they repeat no more. The other way, a
short loop is drawn again and again until something else is learned.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np

from technogan.arrays import FloatArray
from technogan.errors import SpecMismatch
from training.networks.definition import NetworkDefinition

Weights = Mapping[str, FloatArray]


def require_relation(heir: NetworkDefinition, parent: NetworkDefinition) -> None:
    """Raises SpecMismatch where more than the length of the loops differs."""
    if heir.latent_size != parent.latent_size:
        raise SpecMismatch("the latent size of the network to begin with", heir.latent_size, parent.latent_size)
    if heir.format.n_bins != parent.format.n_bins or _frames_a_beat(heir) != _frames_a_beat(parent):
        raise SpecMismatch("the format of the network to begin with", heir.format.name, parent.format.name)
    ours, theirs = (
        dataclasses.replace(d.generator, base=(d.generator.base[0], 1), tiled_beats=()) for d in (heir, parent)
    )
    if ours != theirs:
        raise SpecMismatch("the generator to begin with", f"that of {heir.name}", f"that of {parent.name}")


def inherited_generator(heir: NetworkDefinition, parent: NetworkDefinition, own: Weights, weights: Weights) -> Weights:
    """A generator's weights for one length out of those for another.

    own: the heir's at first, of which the speckle stays. weights: the parent's. Both as `GeneratorModel.weights`.
    """
    found = {name: _fitted(values, weights.get(name)) for name, values in own.items()}
    found |= _base(heir, parent, weights)
    return {name: own[name] if values is None else values for name, values in found.items() if name in own}


def inherited_discriminator(own: Weights, weights: Weights) -> Weights:
    """What knows no length is taken over, the rest stays as it is."""
    found = {name: _fitted(values, weights.get(name)) for name, values in own.items()}
    return {name: own[name] if values is None else values for name, values in found.items()}


def _frames_a_beat(definition: NetworkDefinition) -> float:
    return definition.format.n_frames / definition.format.beats


def _fitted(own: FloatArray, weights: FloatArray | None) -> FloatArray | None:
    """Weights that belong to moments, (1, frames, channels), are cut or repeated; of convolutions, (bins, frames, in,
    out), those of inputs that both have are taken. Others fit or do not.
    """
    if weights is None or own.shape == weights.shape:
        return weights
    if own.ndim == 3 and own.shape[0] == 1 and weights.shape[::2] == own.shape[::2]:
        return np.resize(weights[0], own.shape[1:])[np.newaxis]
    if own.ndim == 4 and own.shape[:2] == weights.shape[:2] and own.shape[3] == weights.shape[3]:
        inputs = min(own.shape[2], weights.shape[2])
        return np.concatenate([weights[:, :, :inputs], np.zeros_like(own[:, :, inputs:])], axis=2)
    return None


def _base(heir: NetworkDefinition, parent: NetworkDefinition, weights: Weights) -> dict[str, FloatArray]:
    """Kernels and biases of the dense layers that make the first picture."""
    beats, others = heir.format.beats, parent.format.beats
    parts = {others: "base"} | {n: f"base_every_{n}" for n in parent.generator.tiled_beats}
    pictures = {n: _picture(weights, name, n, parent) for n, name in parts.items()}
    tiled = heir.generator.tiled_beats
    rest = [_of_length(picture, beats / n) for n, picture in pictures.items() if n not in tiled]
    inputs, bins, _, channels = pictures[others].shape
    nothing = {n: np.zeros((inputs, bins, _frames(heir, n), channels), np.float32) for n in (*tiled, beats)}
    found = {"base": sum(rest, nothing[beats])} | {f"base_every_{n}": pictures.get(n, nothing[n]) for n in tiled}
    return {
        f"{name}/{kind}": part
        for name, picture in found.items()
        for kind, part in (("kernel", picture[:-1].reshape(inputs - 1, -1)), ("bias", picture[-1].reshape(-1)))
    }


def _frames(definition: NetworkDefinition, beats: int) -> int:
    """Of the first picture's, in so many beats."""
    return definition.generator.base[1] * beats // definition.format.beats


def _picture(weights: Weights, name: str, beats: int, definition: NetworkDefinition) -> FloatArray:
    """A dense layer's kernel and, last, its bias: (inputs + 1, bins, frames, channels)."""
    made = definition.generator
    kernel = weights[f"{name}/kernel"]
    bias = weights.get(f"{name}/bias", np.zeros(kernel.shape[1], np.float32))
    size = (made.base[0], _frames(definition, beats), made.base_channels)
    return np.concatenate([kernel, bias[np.newaxis]]).reshape(-1, *size)


def _of_length(picture: FloatArray, factor: float) -> FloatArray:
    """Cut, or repeated, to so many times its frames."""
    frames = round(picture.shape[2] * factor)
    repeated = np.concatenate([picture] * -(-frames // picture.shape[2]), axis=2)
    return repeated[:, :, :frames]
