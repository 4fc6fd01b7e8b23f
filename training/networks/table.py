"""Frozen dataclasses out of the tables of a TOML or JSON file, every value checked against its annotation."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeVar

from technogan.errors import SpecError

T = TypeVar("T")

Readers = Mapping[type, Callable[[object], Any]]

_WORDS = {int: "a whole number", float: "a number", bool: "true or false", str: "a text"}


def from_table(cls: type[T], table: Mapping[str, Any], readers: Readers = types.MappingProxyType({})) -> T:
    """Make a dataclass of int, float, bool, str, Literal, tuple and dataclass fields.

    readers: how fields of some types are read instead. Raises SpecError, led by the tables' names, where a key is
    unknown or missing or a value is of a wrong kind, and passes on what the dataclass itself has to say.
    """
    fields = {field.name: field for field in dataclasses.fields(cls)}  # type: ignore[arg-type]
    hints = typing.get_type_hints(cls)
    for key in table:
        if key not in fields:
            raise SpecError(f"unknown key {key!r}; known are {', '.join(fields)}")
    for name, field in fields.items():
        needed = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        if needed and name not in table:
            raise SpecError(f"{name} is missing")
    return cls(**{key: _value(key, value, hints[key], readers) for key, value in table.items()})


def _value(name: str, value: Any, wanted: Any, readers: Readers) -> Any:
    if wanted in readers:
        return readers[wanted](value)
    if dataclasses.is_dataclass(wanted):
        return _section(name, value, wanted, readers)
    if typing.get_origin(wanted) is tuple:
        return _tuple(name, value, typing.get_args(wanted), readers)
    if typing.get_origin(wanted) is Literal:
        choices = typing.get_args(wanted)
        if value not in choices:
            raise SpecError(f"{name} must be {' or '.join(map(repr, choices))}, not {value!r}")
        return value
    allowed = (int, float) if wanted is float else wanted
    if not isinstance(value, allowed) or (isinstance(value, bool) and wanted is not bool):
        raise SpecError(f"{name} must be {_WORDS[wanted]}, not {value!r}")
    return value


def _section(name: str, value: Any, wanted: Any, readers: Readers) -> Any:
    if not isinstance(value, Mapping):
        raise SpecError(f"{name} must be a table, not {value!r}")
    try:
        return from_table(wanted, value, readers)
    except SpecError as error:
        raise SpecError(f"{name}: {error}") from error


def _tuple(name: str, value: Any, items: tuple[Any, ...], readers: Readers) -> tuple[Any, ...]:
    if not isinstance(value, (list, tuple)):
        raise SpecError(f"{name} must be a list, not {value!r}")
    if items[-1] is not Ellipsis and len(value) != len(items):
        raise SpecError(f"{name} must be a list of {len(items)}, not {list(value)}")
    return tuple(_value(f"{name}[{i}]", item, items[0], readers) for i, item in enumerate(value))
