"""Errors that TechnoGAN can explain to its user.

TechnoganError
├── SeedError            values that are not a seed: wrong count, NaN, out of range, unreadable text
├── SpecError            settings of a model, a format or a file that are missing, invalid or contradict each other
├── SpecMismatch         an array or a graph whose shape differs from its specification
├── BundleError          a model file that cannot be opened, is damaged or does not match its metadata
├── ModelNotFound        a name that no installed model has
├── SourceError          an audio, picture or seed file that cannot be read
├── OutputError          a file or folder that cannot be written
├── SettingError         an option with an invalid value (steps 0, an unknown method)
├── RequestError         an OSC message that cannot be executed: unknown, wrong arguments, superseded
├── PortError            a UDP port that cannot be opened
├── DeviceError          a sound device that cannot be opened or was disconnected
├── RendererLost         the renderer's process ended unexpectedly
└── Cancelled            the work was cancelled; nothing was kept

Each error carries its data as attributes and can be pickled. Errors are caught at the edges only: the command line,
the workers, the OSC service and the wizards.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

_LONGEST_VALUE = 200


class TechnoganError(Exception):
    """The base class of all errors of this package; its text is a message for the user."""

    def __reduce__(self) -> tuple[Any, ...]:
        # By default pickle calls the class with the message alone, which the constructors below do not accept.
        return _restore, (type(self), self.args), self.__dict__


class SeedError(TechnoganError):
    """Values that are not a seed."""


class SpecError(TechnoganError):
    """Settings that are missing, invalid or contradict each other."""


class SpecMismatch(TechnoganError):
    """An array or a graph whose shape differs from its specification."""

    def __init__(self, what: str, expected: object, actual: object) -> None:
        super().__init__(f"{what}: expected {expected}, got {actual}")
        self.what = what
        self.expected = expected
        self.actual = actual


class BundleError(TechnoganError):
    """A model file that cannot be used."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path.name}: {reason}")
        self.path = path
        self.reason = reason


class ModelNotFound(TechnoganError):
    """A name that no installed model has."""

    def __init__(self, name: str, available: Iterable[str]) -> None:
        self.name = name
        self.available = tuple(available)
        installed = ", ".join(self.available) or "none"
        super().__init__(f"no model named {name!r} (installed: {installed}); use a name or the path of an .onnx file")


class SourceError(TechnoganError):
    """An input file that cannot be read."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


class OutputError(TechnoganError):
    """A file or folder that cannot be written; what was there before is unchanged."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"cannot write {path}: {reason}")
        self.path = path
        self.reason = reason


class ModelExists(OutputError):
    """A model that cannot be installed, because a model of that name is."""

    def __init__(self, path: Path, name: str) -> None:
        super().__init__(path, f"there is already a model named {name}; remove it or replace it")
        self.name = name


class SettingError(TechnoganError):
    """An option with an invalid value."""

    def __init__(self, name: str, value: object, wanted: str) -> None:
        shown = repr(value)
        shown = shown if len(shown) <= _LONGEST_VALUE else f"{shown[:_LONGEST_VALUE]}..."
        super().__init__(f"{name} is {shown}; it must be {wanted}")
        self.name = name
        self.value = value
        self.wanted = wanted


class RequestError(TechnoganError):
    """An OSC request that cannot be executed; `code` is one word for programs, the text is for people."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


class PortError(TechnoganError):
    """A UDP port that cannot be opened."""

    def __init__(self, host: str, port: int, reason: str) -> None:
        super().__init__(f"UDP port {port} on {host}: {reason}")
        self.host = host
        self.port = port
        self.reason = reason


class DeviceError(TechnoganError):
    """A sound device that cannot be opened or was disconnected; everything except playback keeps working."""


class RendererLost(TechnoganError):
    """The process that renders loops ended unexpectedly.

    Attributes:
        exit_code: negative for the signal that ended it; None if unknown.
        hung: True if it was ended because it did not respond.
    """

    def __init__(self, exit_code: int | None, *, hung: bool = False) -> None:
        reason = "did not respond" if hung else f"stopped (exit code {exit_code})"
        super().__init__(f"the renderer {reason}; it restarts with the next loop")
        self.exit_code = exit_code
        self.hung = hung


class Cancelled(TechnoganError):
    """The work was cancelled; nothing was kept."""

    def __init__(self) -> None:
        super().__init__("cancelled")


def _restore(kind: type[TechnoganError], arguments: tuple[Any, ...]) -> TechnoganError:
    error = kind.__new__(kind)
    error.args = arguments
    return error
