"""Import models of the prototype, which carry no metadata."""

from dataclasses import dataclass, replace
from pathlib import Path

from technogan.atomic import explain
from technogan.errors import BundleError, SettingError, SpecError
from technogan.formats import ConstantQSettings, SpectrogramFormat, find_format
from technogan.graphs import optimise
from technogan.graphs.metadata import read_metadata
from technogan.network.bundle import ModelBundle
from technogan.network.spec import ModelSpec
from technogan.network.writing import write_bundle

# The prototype's sample rate in Hz: 16384 samples per beat at 128 BPM.
PROTOTYPE_SAMPLE_RATE = 16384 * 128 / 60
_PROTOTYPE_FMIN_HZ = 8.175
_PROTOTYPE_BINS_PER_OCTAVE = 24
_PROTOTYPE_ROWS = 256
_PROTOTYPE_POWERS = {"beat-256": 3.0, "half-256": 3.0, "bar-256": 2.0, "half-cq": 2.0}


@dataclass(frozen=True, slots=True)
class ImportedModel:
    """The model that `import_prototype` wrote, and notes for the user."""

    bundle: ModelBundle
    notes: tuple[str, ...]


def prototype_spec(
    name: str,
    format_name: str,
    *,
    power: float | None = None,
    fmin_hz: float | None = None,
    bins_per_octave: int | None = None,
) -> ModelSpec:
    """Return the spec of a prototype's model. Its shape does not determine it: (1, 256, 256, 1) fits two formats.

    Args:
        name: the name for the model.
        format_name: the name of its format, with or without "-256".
        power: the format's power; by default the prototype's, 3 for one and two beats, and 2 for a bar and "half-cq".
        fmin_hz: constant-Q only: the centre of the lowest row at PROTOTYPE_SAMPLE_RATE, by default 8.175 Hz.
        bins_per_octave: constant-Q only: rows per octave, by default 24.

    Raises:
        SettingError: the format is unknown, or a value cannot be used with it.
    """
    base = find_format(format_name, rows=_PROTOTYPE_ROWS)
    transform = base.transform
    if isinstance(transform, ConstantQSettings):
        lowest = _PROTOTYPE_FMIN_HZ if fmin_hz is None else fmin_hz
        spacing = _PROTOTYPE_BINS_PER_OCTAVE if bins_per_octave is None else bins_per_octave
        transform = _constant_q(lowest, spacing, base)
    elif fmin_hz is not None or bins_per_octave is not None:
        raise SettingError("format", format_name, "a constant-Q format if fmin or bins per octave is given")
    try:
        described = replace(base, power=_PROTOTYPE_POWERS[base.name] if power is None else power, transform=transform)
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
    """Copy a model without metadata to `target`, with `spec` embedded and its graph optimised.

    Without the onnx package the graph is not optimised, and a note says so.

    Args:
        source: an ONNX file: (1 or n, latent_size) -> (1 or n, n_bins, n_frames, 1) or (1 or n, 1, n_bins, n_frames).
        target: the file to write.
        spec: the metadata; see `prototype_spec`.
        optimise: False copies the graph as it is.

    Raises:
        BundleError: the source cannot be used.
        SpecMismatch: its network is not the one that `spec` describes.
        OutputError: the target cannot be written.
    """
    read_metadata(source)
    try:
        network = source.read_bytes()
    except OSError as error:
        raise BundleError(source, explain(error)) from error
    notes: tuple[str, ...] = ()
    if optimise:
        network, notes = _optimise(network)
    try:
        return ImportedModel(write_bundle(network, spec, target), notes)
    except BundleError as error:
        raise BundleError(source, error.reason) from error


def _optimise(network: bytes) -> tuple[bytes, tuple[str, ...]]:
    try:
        data, report = optimise.optimise(network)
    except ImportError:
        return network, ("the onnx package is not installed: the graph was not optimised and may run slower",)
    return data, (str(report),)
