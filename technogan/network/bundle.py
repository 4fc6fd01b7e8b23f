"""A model: one .onnx file with its facts inside.

Two entries of the file's metadata are ours: `technogan.spec`, the ModelSpec as JSON, and `technogan.sha256`, the
checksum of the network and of that JSON. The spec stands last in the file, so a file that is cut short has none.
"""

from __future__ import annotations

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
    """A model file and what it says of itself; the network is not opened yet.

    checksum: as the file states it, empty where it states none.
    """

    path: Path
    spec: ModelSpec
    checksum: str
    _data: bytes | None = field(default=None, repr=False, compare=False)

    @classmethod
    def open(cls, path: Path) -> Self:
        """Read the facts of the model at `path`, not its network.

        Raises BundleError where the file is missing, unreadable, cut short, no ONNX model, or carries no valid facts.
        """
        return cls._described(path, read_metadata(path), None)

    @classmethod
    def from_bytes(cls, data: bytes, path: Path) -> Self:
        """As `open`, for a model file's bytes that are (or will be) stored at `path`."""
        return cls._described(path, metadata_of(data, path), data)

    @classmethod
    def _described(cls, path: Path, metadata: dict[str, str], data: bytes | None) -> Self:
        if SPEC_KEY not in metadata:
            reason = "says nothing about itself; a prototype's model is brought in with 'technogan models import'"
            raise BundleError(path, reason)
        try:
            spec = ModelSpec.from_json(metadata[SPEC_KEY])
        except (SpecError, RecursionError) as error:  # JSON nested too deep is a RecursionError
            raise BundleError(path, f"its facts cannot be used: {error}") from error
        return cls(path, spec, metadata.get(CHECKSUM_KEY, ""), data)

    def read(self) -> bytes:
        """The whole file. Raises BundleError where it cannot be read."""
        if self._data is not None:
            return self._data
        try:
            return self.path.read_bytes()
        except OSError as error:
            raise BundleError(self.path, explain(error)) from error

    @property
    def source(self) -> str | bytes:
        """What ONNX Runtime opens: the path, which spares a copy of the file, or bytes that are in no file yet."""
        return str(self.path) if self._data is None else self._data
