"""A model: one .onnx file with its metadata inside.

Two entries of the file's metadata are TechnoGAN's: `technogan.spec`, the ModelSpec as JSON, and `technogan.sha256`, the
checksum of the network and of that JSON. The spec is the last entry of the file, so a truncated file has none.
"""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from technogan.atomic import explain
from technogan.errors import BundleError, SpecError
from technogan.graphs.metadata import graph_digest, metadata_of, read_metadata
from technogan.network.spec import ModelSpec
from technogan.records import read_file

SPEC_KEY = "technogan.spec"
CHECKSUM_KEY = "technogan.sha256"
# Larger ONNX files cannot exist: protobuf's limit.
MAX_MODEL_BYTES = (1 << 31) - 1

# The files that were intact, by path: their inode, size and time of change.
_intact: dict[Path, tuple[int, int, int]] = {}


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
            return read_file(self.path, MAX_MODEL_BYTES)
        except OSError as error:
            raise BundleError(self.path, explain(error)) from error
        except SpecError as error:
            raise BundleError(self.path, str(error)) from error

    def require_intact(self) -> None:
        """Compare the file with its checksum, if it states one, once after each change of the file.

        Raises:
            BundleError: the file is damaged or cannot be read.
        """
        if self._data is not None:
            return
        try:
            found = self.path.stat()
        except OSError as error:
            raise BundleError(self.path, explain(error)) from error
        stamp = (found.st_ino, found.st_size, found.st_mtime_ns)
        if _intact.get(self.path) != stamp:
            data = self.read()
            require_checksum(data, metadata_of(data, self.path), self.path)
            _intact[self.path] = stamp

    @property
    def source(self) -> str | bytes:
        """The path, so that ONNX Runtime need not copy the file, or the bytes if they are not in a file yet."""
        return str(self.path) if self._data is None else self._data


def require_checksum(data: bytes, metadata: dict[str, str], path: Path) -> None:
    """Raise BundleError if an ONNX file's metadata states a checksum that is not that of the file."""
    stated = metadata.get(CHECKSUM_KEY)
    if stated and stated != checksum_of(data, metadata.get(SPEC_KEY, ""), path):
        raise BundleError(path, "the checksum is wrong: the file was changed or damaged after it was written")


def checksum_of(data: bytes, spec_text: str, path: Path) -> str:
    """Return the checksum of an ONNX file with this spec; `path` only names the file in a BundleError."""
    return hashlib.sha256(f"{graph_digest(data, path)}\n{spec_text}".encode()).hexdigest()
