"""The optional encoder of a model: from an image to a first estimate of its latent.

NAME.encoder.onnx, next to NAME.onnx, takes images as the model generates them and returns latents. It belongs to one
network: its metadata entry `technogan.encoder` holds the checksums of that network and of its own.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from technogan.arrays import FloatArray
from technogan.atomic import explain, write_atomically
from technogan.errors import BundleError, SpecError, SpecMismatch
from technogan.formats import SpectrogramFormat
from technogan.graphs.metadata import graph_digest, metadata_of, with_metadata
from technogan.network.bundle import MAX_MODEL_BYTES, ModelBundle
from technogan.network.generator import default_threads
from technogan.network.inference import check_tensors, open_session, run_session, summarise_error
from technogan.network.spec import dump_metadata, load_metadata
from technogan.records import read_file

ENCODER_KEY = "technogan.encoder"
SUFFIX = ".encoder.onnx"
# The lowest mean that an image is normalised by, so that silence is not amplified without limit.
LEAST_LEVEL = 1e-3


@dataclass(frozen=True, slots=True)
class EncoderMetadata:
    """The metadata of an encoder's file.

    format, latent_size: those of its model. generator, network: SHA-256 of its model's network and of its own.
    """

    format: SpectrogramFormat
    latent_size: int
    generator: str
    network: str

    def to_json(self) -> str:
        """Return the metadata as one JSON object; the inverse of `from_json`."""
        return dump_metadata(self)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read an encoder's metadata. Raises SpecError if it is not valid JSON, of a newer schema or incomplete."""
        return load_metadata(cls, text, "encoder")


def encoder_path(model: Path) -> Path:
    """Return where the encoder of the model at `model` is: NAME.encoder.onnx."""
    return model.with_name(model.stem + SUFFIX)


def read_encoder(bundle: ModelBundle) -> bytes:
    """Return the file of a model's encoder.

    Raises:
        BundleError: the model has no encoder, or the encoder is damaged or belongs to another model.
    """
    path = encoder_path(bundle.path)
    try:
        data = read_file(path, MAX_MODEL_BYTES)
    except FileNotFoundError as error:
        reason = f"has no encoder: {path.name} does not exist; train one with 'technogan train --encoder'"
        raise BundleError(bundle.path, reason) from error
    except (OSError, SpecError) as error:
        raise BundleError(path, explain(error) if isinstance(error, OSError) else str(error)) from error
    try:
        metadata = EncoderMetadata.from_json(metadata_of(data, path).get(ENCODER_KEY, ""))
    except SpecError as error:
        raise BundleError(path, str(error)) from error
    if metadata.network != graph_digest(data, path):
        raise BundleError(path, "the checksum is wrong: the file was changed or damaged after it was written")
    if metadata.generator != graph_digest(bundle.read(), bundle.path):
        raise BundleError(path, f"belongs to a model other than {bundle.path.name}, or to an earlier version of it")
    return data


def write_encoder(network: bytes, bundle: ModelBundle) -> Path:
    """Check an encoder's ONNX file and write it next to its model, atomically; return its path.

    Raises BundleError or SpecMismatch if it is not an encoder of this model, OutputError if it cannot be written.
    """
    path = encoder_path(bundle.path)
    generator = graph_digest(bundle.read(), bundle.path)
    metadata = EncoderMetadata(bundle.spec.format, bundle.spec.latent_size, generator, graph_digest(network, path))
    data = with_metadata(network, {ENCODER_KEY: metadata.to_json()}, path)
    Encoder(bundle, data)
    write_atomically(path, data)
    return path


class Encoder:
    """An opened encoder. Safe to call from several threads.

    Args:
        bundle: its model.
        data: its file; read from next to the model if not given.
        threads: threads for one inference; None leaves one core to audio.

    Raises:
        BundleError: as `read_encoder`, or ONNX Runtime rejects the graph.
        SpecMismatch: its input or output does not fit the model.
    """

    def __init__(self, bundle: ModelBundle, data: bytes | None = None, *, threads: int | None = None) -> None:
        self.spec = bundle.spec
        self._path = encoder_path(bundle.path)
        data = data or read_encoder(bundle)
        try:
            self._session = open_session(data, threads or default_threads(), "cpu")
        except Exception as error:  # ONNX Runtime's errors share no base class
            raise BundleError(self._path, f"ONNX Runtime cannot open the encoder: {summarise_error(error)}") from error
        self._input = check_tensors(self._session, self._path)
        self.encode(np.zeros((1, self.spec.format.n_bins, self.spec.format.n_frames), np.float32))

    def encode(self, images: FloatArray) -> FloatArray:
        """Return the latents of images, clipped to the range of the sliders. The level of an image has no influence.

        Args:
            images: float32 (n, n_bins, n_frames), in [-1, 1].

        Returns:
            float32 (n, latent_size).

        Raises:
            SpecMismatch: the images have another shape.
            BundleError: the network fails, or returns NaN or infinity.
        """
        low, high = (edge * self.spec.slider_scale for edge in (self.spec.slider_min, self.spec.slider_max))
        return np.asarray(np.clip(self.encode_unclipped(images), low, high), np.float32)

    def encode_unclipped(self, images: FloatArray) -> FloatArray:
        """Return the latents of images as the network computes them; see `encode`."""
        spec = self.spec
        wanted = (spec.format.n_bins, spec.format.n_frames)
        if images.shape[1:] != wanted:
            raise SpecMismatch("images", f"(n, {wanted[0]}, {wanted[1]})", images.shape)
        latents: FloatArray = self._run(np.ascontiguousarray(images[:, np.newaxis], np.float32))
        if latents.shape != (len(images), spec.latent_size):
            raise SpecMismatch("encoder output", (len(images), spec.latent_size), latents.shape)
        if not np.isfinite(latents).all():
            raise BundleError(self._path, "the encoder returns NaN or infinity instead of a seed")
        return latents

    def _run(self, images: FloatArray) -> Any:
        try:
            return run_session(self._session, {self._input: images})
        except Exception as error:  # ONNX Runtime's errors share no base class
            raise BundleError(self._path, f"the encoder failed: {summarise_error(error)}") from error
