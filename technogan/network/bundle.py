"""A model: one .onnx file with its metadata inside.

Two entries of the file's metadata are TechnoGAN's: `technogan.spec`, the ModelSpec as JSON, and `technogan.sha256`, the
checksum of the network and of that JSON. The spec is the last entry of the file, so a truncated file has none.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from technogan.atomic import explain
from technogan.errors import BundleError, SpecError
from technogan.graphs.metadata import metadata_of, read_metadata
from technogan.network.spec import ModelSpec

SPEC_KEY = "technogan.spec"
CHECKSUM_KEY = "technogan.sha256"


@dataclass(frozen=True, slots=True)
class ModelBundle:
    """A model file and its metadata; the network is not opened yet.

    checksum: as the file states it, empty if it states none.
    """

    path: Path
    spec: ModelSpec
    checksum: str
    _data: bytes | None = field(default=None, repr=False, compare=False)

    @classmethod
    def open(cls, path: Path) -> Self:
        """Read the metadata of the model at `path`, not its network.

        Raises:
            BundleError: the file is missing, unreadable, truncated or not an ONNX model, or its metadata is not valid.
        """
        return cls._from_metadata(path, read_metadata(path), None)

    @classmethod
    def from_bytes(cls, data: bytes, path: Path) -> Self:
        """Read a model file's bytes that are, or will be, stored at `path`; see `open`."""
        return cls._from_metadata(path, metadata_of(data, path), data)

    @classmethod
    def _from_metadata(cls, path: Path, metadata: dict[str, str], data: bytes | None) -> Self:
        if SPEC_KEY not in metadata:
            raise BundleError(
                path, "has no TechnoGAN metadata; import a model of the prototype with 'technogan models import'"
            )
        try:
            spec = ModelSpec.from_json(metadata[SPEC_KEY])
        except SpecError as error:
            raise BundleError(path, str(error)) from error
        return cls(path, spec, metadata.get(CHECKSUM_KEY, ""), data)

    def read(self) -> bytes:
        """Return the whole file. Raises BundleError if it cannot be read."""
        if self._data is not None:
            return self._data
        try:
            return self.path.read_bytes()
        except OSError as error:
            raise BundleError(self.path, explain(error)) from error

    @property
    def source(self) -> str | bytes:
        """The path, so that ONNX Runtime need not copy the file, or the bytes if they are not in a file yet."""
        return str(self.path) if self._data is None else self._data
