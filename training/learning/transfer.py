"""Initialise a network with the weights of a parent run for longer or shorter loops.

Convolutions do not depend on the length. A network for one beat that takes its weights from one for four generates the
first beat of the longer loop: its base is the beginning of the longer base, including the parts that no longer repeat.
In the other direction, the short loop is repeated until training changes that.
"""

import dataclasses

import numpy as np

from technogan.arrays import FloatArray
from technogan.errors import SpecMismatch
from training.networks.definition import NetworkDefinition, Weights


def require_compatible(child: NetworkDefinition, parent: NetworkDefinition) -> None:
    """Raise SpecMismatch if the networks differ in more than the length of the loops."""
    if child.latent_size != parent.latent_size:
        raise SpecMismatch("the latent size of the parent network", child.latent_size, parent.latent_size)
    if child.stems != parent.stems:
        raise SpecMismatch("the stems of the parent network", child.stems or "none", parent.stems or "none")
    if child.format.n_bins != parent.format.n_bins or _frames_per_beat(child) != _frames_per_beat(parent):
        frames = (f"{d.format.n_bins} rows, {_frames_per_beat(d):g} frames per beat" for d in (child, parent))
        raise SpecMismatch("the format of the parent network", *frames)
    own, other = (
        dataclasses.replace(d.generator, base=(d.generator.base[0], 1), tiled_beats=()) for d in (child, parent)
    )
    if own != other:
        raise SpecMismatch("the parent generator", f"that of {child.name}", f"that of {parent.name}")


def transfer_generator(child: NetworkDefinition, parent: NetworkDefinition, own: Weights, weights: Weights) -> Weights:
    """Convert the weights of a generator to another length.

    own: the child's weights, as `GeneratorModel.weights` returns them; its speckle is kept. weights: the parent's.
    """
    base = _base(child, parent, weights)
    return {**transfer_discriminator(own, weights), **{name: base[name] for name in base if name in own}}


def transfer_discriminator(own: Weights, weights: Weights) -> Weights:
    """Take the parent's weights wherever they do not depend on the length, and the child's own elsewhere."""
    found = {name: _fit(values, weights.get(name)) for name, values in own.items()}
    return {name: own[name] if values is None else values for name, values in found.items()}


def _frames_per_beat(definition: NetworkDefinition) -> float:
    return definition.format.n_frames / definition.format.beats


def _fit(own: FloatArray, weights: FloatArray | None) -> FloatArray | None:
    """Fit a parent's weights to the shape of the child's; None if that is impossible.

    Biases per frame, (1, frames, channels), are cut or repeated. Convolutions, (bins, frames, channels in, channels
    out), keep the weights of the inputs that both networks have.
    """
    if weights is None or own.shape == weights.shape:
        return weights
    if own.ndim == 3 and own.shape[0] == 1 and weights.shape[::2] == own.shape[::2]:
        return np.resize(weights[0], own.shape[1:])[np.newaxis]
    if own.ndim == 4 and own.shape[:2] == weights.shape[:2] and own.shape[3] == weights.shape[3]:
        inputs = min(own.shape[2], weights.shape[2])
        return np.concatenate([weights[:, :, :inputs], np.zeros_like(own[:, :, inputs:])], axis=2)
    return None


def _base(child: NetworkDefinition, parent: NetworkDefinition, weights: Weights) -> dict[str, FloatArray]:
    """Kernels and biases of the dense layers of the base."""
    beats, others = child.format.beats, parent.format.beats
    parts = {others: "base"} | {n: f"base_every_{n}" for n in parent.generator.tiled_beats}
    maps = {n: _base_map(weights, name, n, parent) for n, name in parts.items()}
    tiled = child.generator.tiled_beats
    rest = [_change_length(base_map, beats / n) for n, base_map in maps.items() if n not in tiled]
    inputs, bins, _, channels = maps[others].shape
    zeros = {n: np.zeros((inputs, bins, _frames(child, n), channels), np.float32) for n in (*tiled, beats)}
    found = {"base": sum(rest, zeros[beats])} | {f"base_every_{n}": maps.get(n, zeros[n]) for n in tiled}
    return {
        f"{name}/{kind}": part
        for name, base_map in found.items()
        for kind, part in (("kernel", base_map[:-1].reshape(inputs - 1, -1)), ("bias", base_map[-1].reshape(-1)))
    }


def _frames(definition: NetworkDefinition, beats: int) -> int:
    """Frames of the base in this many beats."""
    return definition.generator.base[1] * beats // definition.format.beats


def _base_map(weights: Weights, name: str, beats: int, definition: NetworkDefinition) -> FloatArray:
    """The kernel and, as the last input, the bias of a dense layer: (inputs + 1, bins, frames, channels)."""
    generator = definition.generator
    kernel = weights[f"{name}/kernel"]
    bias = weights.get(f"{name}/bias", np.zeros(kernel.shape[1], np.float32))
    size = (generator.base[0], _frames(definition, beats), generator.base_channels)
    return np.concatenate([kernel, bias[np.newaxis]]).reshape(-1, *size)


def _change_length(base_map: FloatArray, factor: float) -> FloatArray:
    """Cut or repeat the frames to `factor` times their number."""
    frames = round(base_map.shape[2] * factor)
    repeated = np.concatenate([base_map] * -(-frames // base_map.shape[2]), axis=2)
    return repeated[:, :, :frames]
