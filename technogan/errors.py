"""What can go wrong and be explained to the person who plays.

TechnoganError
├── SeedError            slider values that are no seed: wrong count, NaN, out of range, unreadable text
├── SpecError            facts of a model or format that contradict themselves
├── SpecMismatch         an array or a graph that has another shape than the spec says
├── BundleError          a model file that cannot be opened, is damaged or lies about itself
├── ModelNotFound        a model name that no library folder holds
├── SourceError          an audio, picture or seed file that cannot be read
├── OutputError          a file or folder that cannot be written
├── SettingError         an option whose value makes no sense (steps 0, an unknown method)
├── RequestError         an OSC message that cannot be followed: unknown, wrong arguments, superseded
├── PortError            a UDP port that cannot be opened
├── DeviceError          a sound device that cannot be opened, or that has gone
├── RendererLost         the process that makes loops ended in the middle of its work
└── Cancelled            the user stopped the work; nothing was kept

They carry their data as attributes, and are caught at the edges only: command line, worker, OSC service, wizard.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any


class TechnoganError(Exception):
    """Anything TechnoGAN can explain to its user. Travels between processes with its data."""

    def __reduce__(self) -> tuple[Any, ...]:
        # Python would make an exception anew from its message alone, and ours want a path and a reason.
        return _arriving, (type(self), self.args), self.__dict__


class SeedError(TechnoganError):
    """Values that are no seed."""


class SpecError(TechnoganError):
    """Facts of a model or of a spectrogram format that contradict themselves."""


class SpecMismatch(TechnoganError):
    """An array or a graph whose shape is not the one its spec promises."""

    def __init__(self, what: str, expected: object, actual: object) -> None:
        super().__init__(f"{what}: expected {expected}, got {actual}")
        self.what = what
        self.expected = expected
        self.actual = actual


class BundleError(TechnoganError):
    """A model file cannot be used."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path.name}: {reason}")
        self.path = path
        self.reason = reason


class ModelNotFound(TechnoganError):
    """No library folder holds a model of this name."""

    def __init__(self, name: str, available: Iterable[str]) -> None:
        self.name = name
        self.available = tuple(available)
        known = ", ".join(self.available) or "none installed"
        super().__init__(
            f"no model named {name!r} (there are: {known}); name one of these or give the path of an .onnx file"
        )


class SourceError(TechnoganError):
    """A file given as input cannot be read."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


class OutputError(TechnoganError):
    """A file or folder cannot be written; what stood there before is untouched."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"cannot write {path}: {reason}")
        self.path = path
        self.reason = reason


class SettingError(TechnoganError):
    """An option's value makes no sense."""

    def __init__(self, name: str, value: object, wanted: str) -> None:
        super().__init__(f"{name} is {value!r}; it must be {wanted}")
        self.name = name
        self.value = value
        self.wanted = wanted


class RequestError(TechnoganError):
    """A request over OSC cannot be followed. code: one word for programs; the text is for people."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


class PortError(TechnoganError):
    """A UDP port cannot be opened."""

    def __init__(self, host: str, port: int, reason: str) -> None:
        super().__init__(f"UDP port {port} on {host}: {reason}")
        self.host = host
        self.port = port
        self.reason = reason


class DeviceError(TechnoganError):
    """A sound device cannot be opened, or has gone; everything but playing goes on."""


class RendererLost(TechnoganError):
    """The process that makes loops has ended. exit_code: negative for the signal that ended it; None if not known."""

    def __init__(self, exit_code: int | None) -> None:
        super().__init__(f"making loops broke off (exit code {exit_code}); it begins anew with the next loop asked for")
        self.exit_code = exit_code


class Cancelled(TechnoganError):
    """The work was stopped on request; nothing of it was kept."""

    def __init__(self) -> None:
        super().__init__("cancelled")


def _arriving(kind: type[TechnoganError], message: tuple[Any, ...]) -> TechnoganError:
    error = kind.__new__(kind)
    error.args = message
    return error
