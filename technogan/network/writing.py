"""Write model files, and verify them."""

from dataclasses import replace
from pathlib import Path

from technogan.atomic import write_atomically
from technogan.errors import BundleError
from technogan.graphs.metadata import metadata_of, with_metadata
from technogan.network.bundle import CHECKSUM_KEY, SPEC_KEY, ModelBundle, checksum_of, require_checksum
from technogan.network.generator import Generator
from technogan.network.spec import ModelSpec


def write_bundle(network: bytes, spec: ModelSpec, target: Path) -> ModelBundle:
    """Verify an ONNX file and write it with its spec to `target`, atomically. The spec replaces an earlier one.

    Raises BundleError or SpecMismatch, as `verify`, and OutputError if the file cannot be written.
    """
    data = embed_spec(network, spec, target)
    verify(ModelBundle.from_bytes(data, target))
    write_atomically(target, data)
    return ModelBundle.open(target)


def embed_spec(network: bytes, spec: ModelSpec, path: Path) -> bytes:
    """Return an ONNX file with this spec in its metadata; `path` only names the file in a BundleError."""
    text = spec.to_json()
    return with_metadata(network, {CHECKSUM_KEY: checksum_of(network, text, path), SPEC_KEY: text}, path)


def verify(bundle: ModelBundle) -> None:
    """Check the checksum of a model, that its network opens and runs, and the shapes and range of its output.

    Only the bytes of the file count: weights in a second file would not travel with the model.

    Raises:
        BundleError: the file is damaged, or its network does not work.
        SpecMismatch: the network is not the one that the spec describes.
    """
    data = bundle.read()
    if not bundle.checksum:
        raise BundleError(bundle.path, "has no checksum; write it again with 'technogan models import'")
    require_checksum(data, metadata_of(data, bundle.path), bundle.path)
    Generator(replace(bundle, _data=data)).check()
