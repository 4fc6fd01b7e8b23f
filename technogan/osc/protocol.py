"""Parse arguments into commands, and turn results and errors into replies.

These are pure functions over the tables of `technogan.osc.table`: no socket, no thread, no clock.
"""

import errno
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from technogan.errors import (
    BundleError,
    Cancelled,
    ModelNotFound,
    OutputError,
    RequestError,
    SeedError,
    SettingError,
    SpecError,
    SpecMismatch,
    TechnoganError,
)
from technogan.osc.commands import Command
from technogan.osc.table import ID, REPLIES, CommandRow, Parameter
from technogan.seeds.seed import SLIDER_MAX, SLIDER_MIN, Seed

NO_ID = -1

_INT_MIN, _INT_MAX = -(1 << 31), (1 << 31) - 1
_MAX_TEXT = 1000

# The error codes of the core's errors; the first match counts.
_CODES_OF: tuple[tuple[type[TechnoganError], str], ...] = (
    (SettingError, "out_of_range"),
    (SeedError, "wrong_arguments"),
    (OutputError, "cannot_write"),
    (ModelNotFound, "no_such_model"),
    (BundleError, "bad_model"),
    (SpecMismatch, "bad_model"),
    (SpecError, "bad_model"),
    (Cancelled, "cancelled"),
)


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply, or an unsolicited message. name: a key of REPLIES. values: in the order of its row."""

    name: str
    values: tuple[int | float | str, ...] = ()

    def __post_init__(self) -> None:
        parameters = REPLIES[self.name].parameters_of(len(self.values))
        if len(self.values) != len(parameters):
            raise ValueError(f"{self.name} has {len(parameters)} values, not {len(self.values)}")

    @property
    def tags(self) -> str:
        """The OSC type tags of the values."""
        return "".join(parameter.type for parameter in REPLIES[self.name].parameters_of(len(self.values)))


def parse_command(row: CommandRow, arguments: Sequence[Any], *, latent_size: int, gg: bool = False) -> Command:
    """Parse the arguments of a command. gg: use the forms of the prototype's code.

    Raises:
        RequestError: the number or the types of the arguments are wrong, or a value is not finite.
        SettingError: a value is out of range.
    """
    form = _form(row, arguments, latent_size, gg)
    if form is None:
        wanted = " or ".join(describe_arguments(form, latent_size) for form in _forms(row, gg))
        raise RequestError("wrong_arguments", f"{row.name} takes {wanted}, not {len(arguments)} arguments")
    return row.make(**_values(form, arguments, latent_size))


def id_of(row: CommandRow, arguments: Sequence[Any], *, latent_size: int, gg: bool = False) -> int:
    """Return the id for an error reply; the arguments may be faulty.

    It is 0 for a generating command without an id, and NO_ID for all others without one.
    """
    form = _form(row, arguments, latent_size, gg)
    if (form is None and all(ID in form for form in _forms(row, gg))) or (form is not None and ID in form):
        try:
            return _whole(ID, arguments[0])
        except (RequestError, SettingError, IndexError):
            return NO_ID
    return 0 if row.generates else NO_ID


def error_reply(name: str, id: int, error: BaseException) -> Reply:
    """Return the reply that reports an error. name: the command as it was sent."""
    if isinstance(error, RequestError):
        code, text = error.code, str(error)
    elif isinstance(error, OutputError) and _disk_is_full(error):
        code, text = "disk_full", str(error)
    elif isinstance(error, TechnoganError):
        code = next((code for kind, code in _CODES_OF if isinstance(error, kind)), "failed")
        text = str(error)
    else:
        code, text = "failed", f"a bug in TechnoGAN: {type(error).__name__}: {error}"
    return Reply("error", (name[:_MAX_TEXT], id, code, text[:_MAX_TEXT]))


def describe_arguments(form: Sequence[Parameter], latent_size: int | str) -> str:
    """Describe the arguments of a command or reply: `i id, f x 64 seed`."""
    shown = [f"f x {latent_size} {p.name}" if p.type == "seed" else f"{p.type} {p.name}" for p in form]
    return ", ".join(shown) or "nothing"


def _forms(row: CommandRow, gg: bool) -> tuple[tuple[Parameter, ...], ...]:
    return row.gg_forms if gg and row.gg_forms is not None else row.forms


def _form(row: CommandRow, arguments: Sequence[Any], latent_size: int, gg: bool) -> tuple[Parameter, ...] | None:
    return next((form for form in _forms(row, gg) if _size(form, latent_size) == len(arguments)), None)


def _size(form: Sequence[Parameter], latent_size: int) -> int:
    return sum(latent_size if parameter.type == "seed" else 1 for parameter in form)


def _values(form: Sequence[Parameter], arguments: Sequence[Any], latent_size: int) -> dict[str, Any]:
    values: dict[str, Any] = {}
    position = 0
    for parameter in form:
        field = parameter.field or parameter.name
        if parameter.type == "seed":
            seed, clipped = _seed(parameter, arguments[position : position + latent_size])
            values[field] = (*values.get(field, ()), seed)
            values["clipped"] = values.get("clipped", 0) + clipped
            position += latent_size
        else:
            values[field] = _CONVERTERS[parameter.type](parameter, arguments[position])
            position += 1
    return values


def _seed(parameter: Parameter, arguments: Sequence[Any]) -> tuple[Seed, int]:
    numbers = [_number(parameter, argument) for argument in arguments]
    beyond = sum(not SLIDER_MIN <= number <= SLIDER_MAX for number in numbers)
    return Seed.clipped(numbers), beyond


def _number(parameter: Parameter, argument: Any) -> float:
    if isinstance(argument, bool) or not isinstance(argument, int | float):
        raise RequestError("wrong_arguments", f"{parameter.name} must be a number, not {str(argument)[:40]!r}")
    if not math.isfinite(argument):
        raise RequestError("not_finite", f"{parameter.name} must be finite, not {argument}")
    return float(argument)


def _whole(parameter: Parameter, argument: Any) -> int:
    number = _number(parameter, argument)
    if number != int(number) or not _INT_MIN <= number <= _INT_MAX:
        raise SettingError(parameter.name, argument, "a whole number of 32 bits")
    return int(number)


def _string(parameter: Parameter, argument: Any) -> str:
    if not isinstance(argument, str):
        raise RequestError("wrong_arguments", f"{parameter.name} must be a string, not {str(argument)[:40]!r}")
    return argument


_CONVERTERS: dict[str, Callable[[Parameter, Any], Any]] = {"i": _whole, "f": _number, "s": _string}


def _disk_is_full(error: OutputError) -> bool:
    cause = error.__cause__
    return isinstance(cause, OSError) and cause.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
