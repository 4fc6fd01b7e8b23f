"""Network definitions by name, and from a user's own TOML files."""

from __future__ import annotations

import tomllib
from pathlib import Path

from technogan.atomic import explain
from technogan.errors import SettingError, SourceError, SpecError
from training.networks.definition import NetworkDefinition

_FOLDER = Path(__file__).parent


def network_names() -> tuple[str, ...]:
    """The networks that come with TechnoGAN."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.toml")))


def read_network(name_or_path: str | Path) -> NetworkDefinition:
    """The network of this name, or the one that a TOML file describes; without a name of its own it takes the file's.

    Raises SettingError for a name that nothing has, SourceError for a file that cannot be read or makes no sense.
    """
    if name_or_path in network_names():
        path = _FOLDER / f"{name_or_path}.toml"
    else:
        path = Path(name_or_path)
        if path.suffix.lower() != ".toml":
            raise SettingError("network", str(name_or_path), f"one of {', '.join(network_names())} or a .toml file")
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SourceError(path, explain(error)) from error
    except UnicodeDecodeError as error:
        raise SourceError(path, "is no text in UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise SourceError(path, f"is no TOML: {error}") from error
    try:
        return NetworkDefinition.from_dict({"name": path.stem} | values)
    except SpecError as error:
        raise SourceError(path, str(error)) from error
