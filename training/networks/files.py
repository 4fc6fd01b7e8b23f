"""Read network definitions by name or from TOML files."""

from pathlib import Path

from technogan.atomic import explain
from technogan.errors import SettingError, SourceError, SpecError
from technogan.formats import FORMATS, SpectrogramFormat, find_format
from technogan.records import parse_toml, read_file
from training.networks.definition import NetworkDefinition

_FOLDER = Path(__file__).parent


def network_names() -> tuple[str, ...]:
    """Return the names of the networks that come with TechnoGAN."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.toml")))


def find_network(spectrogram_format: SpectrogramFormat) -> str:
    """Return the name of the network for a format, that of the built-in format of the same size.

    Raises SettingError if there is none.
    """
    name = spectrogram_format.name
    if name in FORMATS:
        name = find_format(name, rows=spectrogram_format.n_bins).name
    if name not in network_names():
        raise SettingError("network", name, f"one of {', '.join(network_names())} or a .toml file")
    return name


def read_network(name_or_path: str | Path) -> NetworkDefinition:
    """Read a network definition.

    name_or_path: one of `network_names`, or the path of a TOML file, whose name is also the default for the network's.
    Raises SettingError for an unknown name, SourceError for a file that cannot be read or is not a valid definition.
    """
    if name_or_path in network_names():
        path = _FOLDER / f"{name_or_path}.toml"
    else:
        path = Path(name_or_path)
        if path.suffix.lower() != ".toml":
            raise SettingError("network", str(name_or_path), f"one of {', '.join(network_names())} or a .toml file")
    try:
        values = parse_toml(read_file(path).decode())
        return NetworkDefinition.from_dict({"name": path.stem} | values)
    except OSError as error:
        raise SourceError(path, explain(error)) from error
    except UnicodeDecodeError as error:
        raise SourceError(path, "is not UTF-8 text") from error
    except SpecError as error:
        raise SourceError(path, str(error)) from error
