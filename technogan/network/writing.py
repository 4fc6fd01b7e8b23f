"""Write model files, and verify them."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

from technogan.atomic import write_atomically
from technogan.errors import BundleError
from technogan.graphs.metadata import graph_digest, metadata_of, with_metadata
from technogan.network.bundle import CHECKSUM_KEY, SPEC_KEY, ModelBundle
from technogan.network.generator import Generator
from technogan.network.spec import ModelSpec


def write_bundle(network: bytes, spec: ModelSpec, target: Path) -> ModelBundle:
    """Write an ONNX file's bytes with these facts to `target`, verified first; whole or not at all.

    Facts of ours that `network` already carries are replaced. Raises BundleError or SpecMismatch where the network
    does not stand up to `verify`, OutputError where the file cannot be written.
    """
    data = embed_spec(network, spec, target)
    verify(ModelBundle.from_bytes(data, target))
    write_atomically(target, data)
    return ModelBundle.open(target)


def embed_spec(network: bytes, spec: ModelSpec, path: Path) -> bytes:
    """An ONNX file's bytes with these facts; `path` only names them in a BundleError."""
    text = spec.to_json()
    return with_metadata(network, {CHECKSUM_KEY: _checksum(network, text, path), SPEC_KEY: text}, path)


def verify(bundle: ModelBundle) -> None:
    """Check all that can be checked: the checksum, that the network opens and runs, its shapes and its range.

    The bytes alone must do: weights in a second file do not travel with a model. Raises BundleError, or
    SpecMismatch where the network is not the one the facts describe.
    """
    data = bundle.read()
    if not bundle.checksum:
        raise BundleError(bundle.path, "carries no checksum; write it again with 'technogan models import'")
    if bundle.checksum != _checksum(data, metadata_of(data, bundle.path).get(SPEC_KEY, ""), bundle.path):
        raise BundleError(bundle.path, "the checksum is wrong: the file was changed or damaged after it was written")
    Generator(replace(bundle, _data=data)).check()


def _checksum(data: bytes, spec_text: str, path: Path) -> str:
    return hashlib.sha256(f"{graph_digest(data, path)}\n{spec_text}".encode()).hexdigest()
