"""The encoder that may stand beside a model: from a picture to a first guess at the seed that the model drew it from.

NAME.encoder.onnx beside NAME.onnx takes images as the model gives them and gives latents. It belongs to one network: an
entry of its metadata, `technogan.network.encoder`, names that network and its own by their checksums.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from technogan.arrays import FloatArray
from technogan.atomic import explain, write_atomically
from technogan.errors import BundleError, SpecError, SpecMismatch
from technogan.formats import SpectrogramFormat, read_format
from technogan.graphs.metadata import graph_digest, metadata_of, with_metadata
from technogan.network.bundle import ModelBundle
from technogan.network.generator import default_threads, summarise_error, open_session
from technogan.records import migrate, parse_json, read_record

ENCODER_KEY = "technogan.encoder"
SUFFIX = ".encoder.onnx"
SCHEMA = 1
# Of a picture's mean value, where pictures are brought to one: silence is not made louder without end.
LEAST_LEVEL = 1e-3


@dataclass(frozen=True, slots=True)
class EncoderMetadata:
    """format, latent_size: as its model's. generator, network: SHA-256 of its model's network and of its own."""

    format: SpectrogramFormat
    latent_size: int
    generator: str
    network: str

    def to_json(self) -> str:
        """One JSON object; the inverse of `from_json`."""
        values = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return json.dumps({"schema": SCHEMA} | values | {"format": self.format.to_dict()}, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read the metadata of an encoder. Raises SpecError if it is not valid JSON, of a newer schema or incomplete."""
        try:
            values = migrate(parse_json(text), SCHEMA, key="schema")
            return read_record(cls, values, {SpectrogramFormat: read_format})
        except SpecError as error:
            raise SpecError(f"the encoder's metadata cannot be used: {error}") from error


def encoder_path(model: Path) -> Path:
    """Where the encoder of the model at `model` is: NAME.encoder.onnx."""
    return model.with_name(model.stem + SUFFIX)


def read_encoder(bundle: ModelBundle) -> bytes:
    """The encoder's file, held against its model. Raises BundleError where there is none, it is damaged, or belongs to
    another model.
    """
    path = encoder_path(bundle.path)
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        reason = f"has no encoder: there is no {path.name} beside it; 'technogan train --encoder' makes one for a run"
        raise BundleError(bundle.path, reason) from error
    except OSError as error:
        raise BundleError(path, explain(error)) from error
    try:
        facts = EncoderMetadata.from_json(metadata_of(data, path).get(ENCODER_KEY, ""))
    except SpecError as error:
        raise BundleError(path, str(error)) from error
    if facts.network != graph_digest(data, path):
        raise BundleError(path, "the checksum is wrong: the file was changed or damaged after it was written")
    if facts.generator != graph_digest(bundle.read(), bundle.path):
        raise BundleError(path, f"belongs to another model than {bundle.path.name}, or to an earlier state of it")
    return data


def write_encoder(network: bytes, bundle: ModelBundle) -> Path:
    """Write an encoder's ONNX file beside its model, checked, whole or not at all; returns where.

    Raises BundleError or SpecMismatch where it is no encoder for this model, OutputError.
    """
    path = encoder_path(bundle.path)
    generator = graph_digest(bundle.read(), bundle.path)
    facts = EncoderMetadata(bundle.spec.format, bundle.spec.latent_size, generator, graph_digest(network, path))
    data = with_metadata(network, {ENCODER_KEY: facts.to_json()}, path)
    Encoder(bundle, data)
    write_atomically(path, data)
    return path


class Encoder:
    """An opened encoder. Safe to call from several threads.

    data: its file, if that is not to be read from beside the model. threads: for one inference; None leaves a core to
    audio. Raises BundleError as `read_encoder` and where ONNX Runtime refuses the graph, SpecMismatch where it takes
    or gives something else than the model.
    """

    def __init__(self, bundle: ModelBundle, data: bytes | None = None, *, threads: int | None = None) -> None:
        self.spec = bundle.spec
        self._path = encoder_path(bundle.path)
        data = data or read_encoder(bundle)
        try:
            self._session = open_session(data, threads or default_threads(), "cpu")
        except Exception as error:  # ONNX Runtime's errors share no base class
            raise BundleError(self._path, f"ONNX Runtime cannot open the encoder: {summarise_error(error)}") from error
        self._input = str(self._session.get_inputs()[0].name)
        self.encode(np.zeros((1, self.spec.format.n_bins, self.spec.format.n_frames), np.float32))

    def encode(self, images: FloatArray) -> FloatArray:
        """Latents of these images, within the sliders' reach; how loud a picture is makes no difference.

        images: float32 (n, n_bins, n_frames), [-1, 1]. Returns float32 (n, latent_size). Raises SpecMismatch for images
        of another shape, BundleError where the network fails or gives no numbers.
        """
        low, high = (edge * self.spec.slider_scale for edge in (self.spec.slider_min, self.spec.slider_max))
        return np.asarray(np.clip(self.unclipped(images), low, high), np.float32)

    def unclipped(self, images: FloatArray) -> FloatArray:
        """As `encode`, but as the network gives them."""
        spec = self.spec
        wanted = (spec.format.n_bins, spec.format.n_frames)
        if images.shape[1:] != wanted:
            raise SpecMismatch("images", f"(n, {wanted[0]}, {wanted[1]})", images.shape)
        latents: FloatArray = self._run(np.ascontiguousarray(images[:, np.newaxis], np.float32))
        if latents.shape != (len(images), spec.latent_size):
            raise SpecMismatch("encoder output", (len(images), spec.latent_size), latents.shape)
        if not np.isfinite(latents).all():
            raise BundleError(self._path, "the encoder gives NaN or infinity instead of a seed")
        return latents

    def _run(self, images: FloatArray) -> Any:
        try:
            return self._session.run(None, {self._input: images})[0]
        except Exception as error:
            raise BundleError(self._path, f"the encoder fails: {summarise_error(error)}") from error
