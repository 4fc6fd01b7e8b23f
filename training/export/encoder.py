"""Export a run's encoder alongside its model."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from technogan.arrays import FloatArray
from technogan.errors import BundleError
from technogan.network.bundle import ModelBundle
from technogan.network.encoder import Encoder, write_encoder
from training.export.axes import rotate_encoder
from training.learning import checkpoints
from training.learning.checkpoints import CHECKPOINTS, ENCODER, GENERATOR
from training.learning.run import Run, TrainConfig
from training.learning.start import prepare_keras
from training.networks.definition import Weights
from training.onnx.encoder import build_encoder_onnx

# Largest difference of the file's latents from the Keras model's, with weights in 32 and in 16 bits. A slider's step
# is 0.023.
TOLERANCE, TOLERANCE_HALVED = 1e-3, 2e-2
_IMAGES = 16


@dataclass(frozen=True, slots=True)
class ExportedEncoder:
    """An exported encoder. images: seen in training. difference: largest one from the Keras model's latents."""

    path: Path
    images: int
    difference: float


def export_encoder(
    run: Run, bundle: ModelBundle, generator_images: int, *, halved: bool, rotation: FloatArray | None = None
) -> ExportedEncoder | None:
    """Write a run's encoder alongside an exported model, and compare it with the Keras model.

    Returns None if the run has no encoder for the generator after `generator_images` images. rotation: of the latent
    space, if it was rotated. Raises BundleError if the file differs from the Keras model, OutputError, SourceError.
    """
    paths = checkpoints.list_checkpoints(run.folder / ENCODER / CHECKPOINTS)
    if not paths:
        return None
    progress, arrays = checkpoints.load_checkpoint(paths[-1])
    if int(arrays.get(GENERATOR, -1)) != generator_images:
        return None
    weights: Weights = checkpoints.encoder_weights(arrays)
    weights = weights if rotation is None else rotate_encoder(weights, rotation)
    network = build_encoder_onnx(run.config.network, weights, halved=halved)
    difference = _largest_difference(run.config, weights, Encoder(bundle, network))
    tolerance = TOLERANCE_HALVED if halved else TOLERANCE
    if not difference <= tolerance:
        reason = f"its latents differ by up to {difference:.2g} from the Keras model's; {tolerance} is allowed"
        raise BundleError(bundle.path, f"its encoder cannot be written: {reason}")
    return ExportedEncoder(write_encoder(network, bundle), progress.images, difference)


def _largest_difference(config: TrainConfig, weights: Weights, encoder: Encoder) -> float:
    """The largest difference of the file's latents from the Keras model's, for images of noise."""
    prepare_keras(config)
    from keras import ops

    from training.networks.encoder import build_encoder
    from training.networks.layers import load_weights

    model = build_encoder(config.network)
    load_weights(model, weights)
    size = config.network.format
    rng = np.random.default_rng(0)
    images = np.tanh(rng.standard_normal((_IMAGES, size.n_bins, size.n_frames), np.float32) - 1)
    expected = ops.convert_to_numpy(model(images[..., np.newaxis], training=False))
    return float(np.abs(encoder.encode_unclipped(images) - expected).max())
