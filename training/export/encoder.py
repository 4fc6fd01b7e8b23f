"""An encoder's ONNX graph, from its definition and weights, and the file that it becomes beside a model's."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from technogan.arrays import FloatArray
from technogan.errors import BundleError
from technogan.network.bundle import ModelBundle
from technogan.network.encoder import Encoder, write_encoder
from training.export.axes import turned_encoder
from training.learning.checkpoints import CHECKPOINTS, ENCODER, GENERATOR, encoder_weights, load_checkpoint, numbered
from training.learning.run import Run, TrainConfig
from training.onnx.encoder import encoder_onnx
from training.onnx.generator import Weights

# How far the file's latents may be from the Keras model's: with weights in 32 and in 16 bits. A slider's step is .023.
TOLERANCE, TOLERANCE_HALVED = 1e-3, 2e-2
_IMAGES = 16


@dataclass(frozen=True, slots=True)
class ExportedEncoder:
    """path: of the file. images: real ones that the encoder had seen. difference: the largest from the Keras model's
    latents.
    """

    path: Path
    images: int
    difference: float


def export_encoder(
    run: Run, bundle: ModelBundle, generator_images: int, *, halved: bool, rotation: FloatArray | None = None
) -> ExportedEncoder | None:
    """Write a run's encoder beside an exported model, held against the Keras model; None where the run has none for
    the generator as it was after so many images.

    rotation: by which the generator has been turned, if it has; see `training.export.axes`.
    Raises BundleError where the file does other things than the Keras model, OutputError, SourceError for a damaged
    checkpoint.
    """
    kept = numbered(run.folder / ENCODER / CHECKPOINTS)
    if not kept:
        return None
    progress, arrays = load_checkpoint(kept[-1])
    if int(arrays.get(GENERATOR, -1)) != generator_images:
        return None
    weights: Weights = encoder_weights(arrays)
    weights = weights if rotation is None else turned_encoder(weights, rotation)
    network = encoder_onnx(run.config.network, weights, halved=halved)
    difference = _difference(run.config, weights, Encoder(bundle, network))
    tolerance = TOLERANCE_HALVED if halved else TOLERANCE
    if not difference <= tolerance:
        reason = f"its latents are up to {difference:.2g} from the Keras model's; {tolerance} is allowed"
        raise BundleError(bundle.path, f"its encoder cannot be written: {reason}")
    return ExportedEncoder(write_encoder(network, bundle), progress.images, difference)


def _difference(config: TrainConfig, weights: Weights, encoder: Encoder) -> float:
    """The largest between the file's latents and the Keras model's, over pictures of smooth noise."""
    from training.learning.start import prepare_keras

    prepare_keras(config)
    from keras import ops

    from training.networks.encoder import build_encoder
    from training.networks.layers import load_weights

    model = build_encoder(config.network)
    load_weights(model, weights)
    size = config.network.format
    rng = np.random.default_rng(0)
    images = np.tanh(rng.standard_normal((_IMAGES, size.n_bins, size.n_frames), np.float32) - 1)
    found = ops.convert_to_numpy(model(images[..., np.newaxis], training=False))
    return float(np.abs(encoder.encode_unclipped(images) - found).max())
