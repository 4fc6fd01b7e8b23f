"""A model: one .onnx file with its facts inside.

Two entries of the file's metadata are ours: `technogan.spec`, the ModelSpec as JSON, and `technogan.sha256`, the
checksum of the network and of that JSON. The spec stands last in the file, so a file that is cut short has none.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

from technogan.atomic import explain, write_whole
from technogan.errors import BundleError, SettingError, SpecError
from technogan.graphs import optimise
from technogan.graphs.metadata import graph_digest, metadata_of, read_metadata, with_metadata
from technogan.network.spec import ConstantQSettings, ModelSpec, SpectrogramFormat, format_named

SPEC_KEY = "technogan.spec"
CHECKSUM_KEY = "technogan.sha256"

# How the prototype sampled: 16384 samples a beat at 128 beats a minute.
PROTOTYPE_SAMPLE_RATE = 16384 * 128 / 60
_PROTOTYPE_FMIN_HZ = 8.175
_PROTOTYPE_BINS_PER_OCTAVE = 24
_PROTOTYPE_POWERS = {"beat": 3.0, "half": 3.0, "bar": 2.0, "half-cq": 2.0}


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
    def of_bytes(cls, data: bytes, path: Path) -> Self:
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

    def verify(self) -> None:
        """Check all that can be checked: the checksum, that the network opens and runs, its shapes and its range.

        The bytes alone must do: weights in a second file do not travel with a model. Raises BundleError, or
        SpecMismatch where the network is not the one the facts describe.
        """
        from technogan.network.generator import Generator

        data = self.read()
        if not self.checksum:
            raise BundleError(self.path, "carries no checksum; write it again with 'technogan models import'")
        if self.checksum != _checksum(data, metadata_of(data, self.path).get(SPEC_KEY, ""), self.path):
            raise BundleError(self.path, "the checksum is wrong: the file was changed or damaged after it was written")
        Generator(replace(self, _data=data)).check()


@dataclass(frozen=True, slots=True)
class ImportedModel:
    """What `import_prototype` made, and what it has to say about it."""

    bundle: ModelBundle
    notes: tuple[str, ...]


def write_bundle(network: bytes, spec: ModelSpec, target: Path) -> ModelBundle:
    """Write an ONNX file's bytes with these facts to `target`, verified first; whole or not at all.

    Facts of ours that `network` already carries are replaced. Raises BundleError or SpecMismatch where the network
    does not stand up to `ModelBundle.verify`, OutputError where the file cannot be written.
    """
    data = bundled(network, spec, target)
    ModelBundle.of_bytes(data, target).verify()
    write_whole(target, data)
    return ModelBundle.open(target)


def bundled(network: bytes, spec: ModelSpec, path: Path) -> bytes:
    """An ONNX file's bytes with these facts; `path` only names them in a BundleError."""
    text = spec.to_json()
    return with_metadata(network, {CHECKSUM_KEY: _checksum(network, text, path), SPEC_KEY: text}, path)


def prototype_spec(
    name: str,
    format_name: str,
    *,
    power: float | None = None,
    fmin_hz: float | None = None,
    bins_per_octave: int | None = None,
) -> ModelSpec:
    """The facts of a prototype's model, which itself says nothing: (1, 256, 256, 1) may be two formats.

    power: None takes what the prototype trained with, 3 for 128 and 256 frames, 2 for 512 frames and for constant-Q.
    Constant-Q only: fmin_hz, centre of the lowest row in Hz at the prototype's 34952.53 Hz (16384 samples a beat at
    128 BPM), by default 8.175, and bins_per_octave, by default 24. Raises SettingError for an unknown format or a
    senseless value.
    """
    base = format_named(format_name)
    transform = base.transform
    if isinstance(transform, ConstantQSettings):
        lowest = _PROTOTYPE_FMIN_HZ if fmin_hz is None else fmin_hz
        spacing = _PROTOTYPE_BINS_PER_OCTAVE if bins_per_octave is None else bins_per_octave
        transform = _constant_q(lowest, spacing, base)
    elif fmin_hz is not None or bins_per_octave is not None:
        raise SettingError("format", format_name, "a constant-Q format where fmin or bins per octave are given")
    try:
        described = replace(base, power=_PROTOTYPE_POWERS[format_name] if power is None else power, transform=transform)
    except SpecError as error:
        raise SettingError("power", power, "a positive number") from error
    return ModelSpec(name, described, training="imported from a prototype's model")


def _constant_q(fmin_hz: float, bins_per_octave: int, base: SpectrogramFormat) -> ConstantQSettings:
    fmin = fmin_hz / PROTOTYPE_SAMPLE_RATE
    if not (bins_per_octave > 0 and 0 < fmin * 2 ** ((base.n_bins - 1) / bins_per_octave) < 0.5):
        wanted = f"such that {base.n_bins} rows stay between 0 and {PROTOTYPE_SAMPLE_RATE / 2:.0f} Hz"
        raise SettingError("fmin with bins per octave", f"{fmin_hz} Hz, {bins_per_octave}", wanted)
    return ConstantQSettings(fmin, bins_per_octave)


def import_prototype(source: Path, target: Path, spec: ModelSpec, *, optimise: bool = True) -> ImportedModel:
    """Copy a model without facts to `target`, `spec` written in, its graph made faster where that changes nothing.

    The network takes (1 or n, latent_size) and gives (1 or n, n_bins, n_frames, 1) or (1 or n, 1, n_bins, n_frames).
    Without the onnx package the graph stays as it is, and a note says so. Raises BundleError, SpecMismatch or
    OutputError as `write_bundle`.
    """
    read_metadata(source)
    try:
        network = source.read_bytes()
    except OSError as error:
        raise BundleError(source, explain(error)) from error
    notes: tuple[str, ...] = ()
    if optimise:
        network, notes = _optimised(network)
    try:
        return ImportedModel(write_bundle(network, spec, target), notes)
    except BundleError as error:
        raise BundleError(source, error.reason) from error


def _optimised(network: bytes) -> tuple[bytes, tuple[str, ...]]:
    try:
        data, report = optimise.optimise(network)
    except ImportError:
        return network, ("the onnx package is not installed, so the graph is left as it is and may run slower",)
    return data, (str(report),)


def _checksum(data: bytes, spec_text: str, path: Path) -> str:
    return hashlib.sha256(f"{graph_digest(data, path)}\n{spec_text}".encode()).hexdigest()
