"""Read JSON and TOML files, and dataclasses from their tables.

Every value is checked against the annotation of its field. Messages name the key, the value and the expected type.
Files may come from strangers: their size, their depth and the size of their numbers are limited.
"""

from __future__ import annotations

import dataclasses
import json
import math
import types
import typing
from collections.abc import Callable, Mapping
from enum import Enum
from pathlib import Path
from typing import Any, Literal, TypeVar

from technogan.errors import SettingError, SpecError

T = TypeVar("T")

Table = Mapping[str, Any]
Readers = Mapping[Any, Callable[[object], Any]]
Migration = Callable[[dict[str, Any]], dict[str, Any]]

_NO_READERS: Readers = types.MappingProxyType({})
_WORDS = {int: "a whole number", float: "a number", bool: "true or false", str: "text", Path: "a path"}
_LONGEST_SHOWN = 60
_LONGEST_LINE = 4000

MAX_FILE_BYTES = 256 << 20
_MAX_DEPTH = 64
# Whole numbers of so many digits fit into 64 bits.
_MAX_DIGITS = 19
_MAX_WHOLE = 1 << 64


def read_file(path: Path, max_bytes: int = MAX_FILE_BYTES) -> bytes:
    """Return the content of a file.

    Raises:
        OSError: the file cannot be read.
        SpecError: it is not a regular file, or is larger than `max_bytes`.
    """
    # Opening a pipe would wait for a writer, and a device may never end.
    require(path.is_file() or not path.exists(), "it is a folder" if path.is_dir() else "it is not a regular file")
    with path.open("rb") as file:
        data = file.read(max_bytes + 1)
    require(len(data) <= max_bytes, f"it is larger than {max_bytes >> 20} MB")
    return data


def read_json(path: Path, max_bytes: int = MAX_FILE_BYTES) -> dict[str, Any]:
    """Read a file with a JSON object. Raises what `read_file` and `parse_json` raise."""
    return parse_json(read_file(path, max_bytes))


def parse_json(text: str | bytes) -> dict[str, Any]:
    """Parse a JSON object. Raises SpecError if `text` is not valid JSON, is nested too deeply or is not an object."""
    values = parse_json_value(text)
    if not isinstance(values, dict):
        raise SpecError(f"it must be a JSON object, not {format_value(values)}")
    return values


def parse_json_value(text: str | bytes) -> Any:
    """Parse a JSON value of any type. Raises SpecError if `text` is not valid JSON or is nested too deeply.

    Whole numbers that do not fit into 64 bits become floats, which may be infinite.
    """
    return _parse("JSON", lambda: json.loads(text, parse_int=_parse_whole))


def parse_toml(text: str) -> dict[str, Any]:
    """Parse a TOML document. Raises SpecError if `text` is not valid TOML or is nested too deeply."""
    import tomllib  # only few commands read TOML, and every command imports this module

    values: dict[str, Any] = _parse("TOML", lambda: tomllib.loads(text))
    return values


def _parse(language: str, parse: Callable[[], Any]) -> Any:
    try:
        values = parse()
    except RecursionError as error:
        raise SpecError(f"it is not valid {language}: nested too deeply") from error
    except ValueError as error:
        raise SpecError(f"it is not valid {language}: {error}") from error
    _require_flat(values)
    return values


def _parse_whole(digits: str) -> int | float:
    return int(digits) if len(digits.lstrip("-")) <= _MAX_DIGITS else float(digits)


def _require_flat(values: Any) -> None:
    """Raise SpecError if values are nested deeper than Python can print or write again."""
    level: list[Any] = [[values]]
    for _ in range(_MAX_DEPTH):
        items = (item for each in level for item in (each.values() if isinstance(each, dict) else each))
        level = [item for item in items if isinstance(item, (dict, list))]
    require(not level, f"it is nested more than {_MAX_DEPTH} levels deep")


def migrate(
    values: dict[str, Any], version: int, migrations: Mapping[int, Migration] = types.MappingProxyType({}), *, key: str
) -> dict[str, Any]:
    """Convert a table to the current version of its format, and remove its version number.

    Args:
        values: the table as read from the file.
        version: the version that this release reads.
        migrations: for each older version, a function that converts its tables to the next version.
        key: the key of the version number.

    Raises:
        SpecError: the version is missing, newer than `version`, or older than the oldest migration.
    """
    values = dict(values)
    found = values.pop(key, None)
    if not isinstance(found, int) or isinstance(found, bool):
        raise SpecError(f"{key} must be a whole number, not {format_value(found)}")
    if found > version:
        raise SpecError(f"{key} is {format_value(found)}: a newer TechnoGAN wrote it; this one reads up to {version}")
    for older in range(found, version):
        if older not in migrations:
            raise SpecError(f"{key} is {found}: this TechnoGAN can no longer read it")
        values = migrations[older](values)
    return values


def read_record(
    cls: type[T], table: Table, readers: Readers = _NO_READERS, *, ignore_unknown: bool = False, complete: bool = False
) -> T:
    """Build a dataclass from a table.

    Args:
        cls: a dataclass of int, float, bool, str, Path, Literal, Enum, tuple, frozenset, Mapping, optional and
            dataclass fields.
        table: its values by field name; fields with a default may be missing.
        readers: functions that read the fields of some types instead.
        ignore_unknown: skip keys that are not a field, as files of newer versions may have.
        complete: require every field, including those with a default.

    Raises:
        SpecError: a key is unknown or missing, or a value has the wrong type. Errors of the dataclass itself pass
            through.
    """
    fields = {field.name: field for field in dataclasses.fields(cls) if field.init}  # type: ignore[arg-type]
    hints = typing.get_type_hints(cls)
    unknown = [key for key in table if key not in fields]
    if unknown and not ignore_unknown:
        raise SpecError(f"unknown key {format_value(unknown[0])}; known are {', '.join(fields)}")
    for name, field in fields.items():
        needed = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        if (needed or complete) and name not in table:
            raise SpecError(f"{name} is missing")
    reader = _Reader(readers, ignore_unknown)
    return cls(**{key: reader.value(key, table[key], hints[key]) for key in fields if key in table})


def read_record_leniently(cls: type[T], table: Table, readers: Readers = _NO_READERS) -> tuple[T, list[str]]:
    """Build a dataclass whose fields all have defaults from a table, using the default in place of each invalid value.

    Returns the dataclass and one message for each invalid value. Unknown keys are ignored.
    """
    record, problems = cls(), []
    hints = typing.get_type_hints(cls)
    reader = _Reader(readers, ignore_unknown=True)
    for field in dataclasses.fields(cls):  # type: ignore[arg-type]
        if field.name in table:
            try:
                value = reader.value(field.name, table[field.name], hints[field.name])
                record = dataclasses.replace(record, **{field.name: value})  # type: ignore[type-var]
            except (SpecError, SettingError) as error:
                problems.append(str(error))
    return record, problems


@dataclasses.dataclass(frozen=True, slots=True)
class _Reader:
    readers: Readers
    ignore_unknown: bool

    def value(self, name: str, value: Any, wanted: Any) -> Any:
        origin, arguments = typing.get_origin(wanted), typing.get_args(wanted)
        if wanted in self.readers:
            return self.readers[wanted](value)
        if wanted is Any:
            return value
        if origin in (typing.Union, types.UnionType):
            return self._optional(name, value, arguments)
        if origin in (tuple, frozenset):
            return self._items(name, value, origin, arguments)
        if origin is Literal:
            return _choice(name, value, {choice: choice for choice in arguments})
        if origin is not None:
            return {
                key: self.value(f"{name}.{key}", item, arguments[1]) for key, item in self._table(name, value).items()
            }
        if dataclasses.is_dataclass(wanted):
            return self._record(name, value, wanted)
        if issubclass(wanted, Enum):
            return _choice(name, value, {member.value: member for member in wanted})
        return _plain(name, value, wanted)

    def _optional(self, name: str, value: Any, arguments: tuple[Any, ...]) -> Any:
        (wanted,) = (argument for argument in arguments if argument is not type(None))
        return None if value is None else self.value(name, value, wanted)

    def _items(self, name: str, value: Any, kind: Any, arguments: tuple[Any, ...]) -> Any:
        if not isinstance(value, (list, tuple)):
            raise SpecError(f"{name} must be a list, not {format_value(value)}")
        if kind is tuple and arguments[-1] is not Ellipsis and len(value) != len(arguments):
            raise SpecError(f"{name} must be a list of {len(arguments)}, not {format_value(value)}")
        items = (self.value(f"{name}[{i}]", item, arguments[0]) for i, item in enumerate(value))
        return kind(items)

    def _table(self, name: str, value: Any) -> Any:
        if not isinstance(value, Mapping):
            raise SpecError(f"{name} must be a table, not {format_value(value)}")
        return value

    def _record(self, name: str, value: Any, wanted: Any) -> Any:
        table = self._table(name, value)
        try:
            return read_record(wanted, table, self.readers, ignore_unknown=self.ignore_unknown)
        except SpecError as error:
            raise SpecError(f"{name}: {error}") from error


def _plain(name: str, value: Any, wanted: Any) -> Any:
    accepted = {float: (int, float), Path: (str,)}.get(wanted, (wanted,))
    if not isinstance(value, accepted) or (isinstance(value, bool) and wanted is not bool):
        raise SpecError(f"{name} must be {_WORDS[wanted]}, not {format_value(value)}")
    if wanted is int and abs(value) >= _MAX_WHOLE:
        raise SpecError(f"{name} must be a whole number that fits into 64 bits, not {format_value(value)}")
    if wanted is Path and "\0" in value:
        raise SpecError(f"{name} must be {_WORDS[Path]}, not {format_value(value)}")
    if wanted is not float:
        return Path(value) if wanted is Path else value
    try:
        return float(value)
    except OverflowError as error:
        raise SpecError(f"{name} must be {_WORDS[float]} that fits into 64 bits, not {format_value(value)}") from error


def _choice(name: str, value: Any, choices: Mapping[Any, Any]) -> Any:
    for choice, meaning in choices.items():
        if type(value) is type(choice) and value == choice:
            return meaning
    raise SpecError(f"{name} must be {' or '.join(map(repr, choices))}, not {format_value(value)}")


def format_value(value: Any) -> str:
    """Return a value as messages show it, shortened if it is long."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 10**_LONGEST_SHOWN:
        return "a number of more than 60 digits"
    text = repr(list(value)) if isinstance(value, tuple) else repr(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."


def require(condition: bool, message: str) -> None:
    """Raise SpecError with `message` unless the condition holds."""
    if not condition:
        raise SpecError(message)


def require_range(name: str, value: float, lowest: float, highest: float) -> None:
    """Raise SpecError unless lowest <= value <= highest."""
    require(lowest <= value <= highest, f"{name} must be from {lowest:g} to {highest:g}, not {format_value(value)}")


def require_line(name: str, text: str) -> None:
    """Raise SpecError unless a text is one line that every terminal can show, and not too long for one."""
    fits = text.isprintable() and len(text) <= _LONGEST_LINE
    require(fits, f"{name} must be one line of text, not {format_value(text)}")


def require_positive(name: str, value: float) -> None:
    """Raise SpecError unless the value is a finite number above 0."""
    require(math.isfinite(value) and value > 0, f"{name} must be a positive number, not {format_value(value)}")
