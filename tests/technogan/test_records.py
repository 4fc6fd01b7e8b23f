import os
from dataclasses import dataclass, field, replace
from enum import Enum
from math import inf
from pathlib import Path
from typing import Any, Literal

import pytest

from technogan.errors import SettingError, SpecError
from technogan.records import (
    migrate,
    parse_json,
    parse_json_value,
    parse_toml,
    read_file,
    read_json,
    read_record,
    read_record_leniently,
)


class Colour(Enum):
    red = "red"


@dataclass(frozen=True)
class Inner:
    size: int = 1


@dataclass(frozen=True)
class Record:
    name: str = "a"
    level: float = 0.0
    on: bool = False
    mode: Literal["x", "y"] = "x"
    colour: Colour = Colour.red
    pair: tuple[int, int] = (1, 2)
    numbers: tuple[float, ...] = ()
    tags: frozenset[str] = frozenset()
    place: Path | None = None
    inner: Inner = Inner()
    extra: dict[str, Any] = field(default_factory=dict)
    named: dict[str, Inner] = field(default_factory=dict)

    def __post_init__(self):
        if self.level > 6:
            raise SettingError("level", self.level, "at most 6")


def test_every_kind_of_field_is_read():
    table = {
        "name": "b",
        "level": 1,
        "on": True,
        "mode": "y",
        "colour": "red",
        "pair": [3, 4],
        "numbers": [1, 2.5],
        "tags": ["t"],
        "place": "/tmp",
        "inner": {"size": 2},
        "extra": {"anything": [1]},
        "named": {"one": {"size": 3}},
    }
    record = read_record(Record, table)
    wanted = Record(
        "b", 1.0, True, "y", Colour.red, (3, 4), (1.0, 2.5), frozenset({"t"}), Path("/tmp"), Inner(2), {"anything": [1]}
    )
    assert record == replace(wanted, named={"one": Inner(3)})
    assert isinstance(record.level, float)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"named": {"one": {"size": "big"}}}, "named.one: size must be a whole number, not 'big'"),
        ({"nam": "b"}, "unknown key 'nam'; known are name, level"),
        ({"name": 3}, "name must be text, not 3"),
        ({"level": "loud"}, "level must be a number, not 'loud'"),
        ({"level": True}, "level must be a number, not True"),
        ({"level": 10**400}, "level must be a number that fits into 64 bits, not a number of more than 60 digits"),
        ({"pair": [1, 10**400]}, "pair[1] must be a whole number that fits into 64 bits, not a number of more than 60"),
        ({"place": "a\0b"}, "place must be a path, not 'a\\x00b'"),
        ({"x" * 1000: 1}, "unknown key 'xxx"),
        ({"on": 1}, "on must be true or false, not 1"),
        ({"mode": "z"}, "mode must be 'x' or 'y', not 'z'"),
        ({"mode": ["x"]}, "mode must be 'x' or 'y', not ['x']"),
        ({"colour": "blue"}, "colour must be 'red', not 'blue'"),
        ({"pair": [1]}, "pair must be a list of 2, not [1]"),
        ({"pair": [1, "2"]}, "pair[1] must be a whole number, not '2'"),
        ({"numbers": 3}, "numbers must be a list, not 3"),
        ({"place": 3}, "place must be a path, not 3"),
        ({"inner": {"size": "big"}}, "inner: size must be a whole number, not 'big'"),
        ({"inner": []}, "inner must be a table, not []"),
        ({"extra": []}, "extra must be a table, not []"),
    ],
)
def test_messages_name_the_key_the_value_and_the_expected_type(table, message):
    with pytest.raises(SpecError) as caught:
        read_record(Record, table)
    assert message in str(caught.value)


def test_long_values_are_shortened_in_messages():
    with pytest.raises(SpecError) as caught:
        read_record(Record, {"level": "x" * 10_000})
    assert len(str(caught.value)) < 120


def test_missing_and_unknown_keys_are_refused():
    with pytest.raises(SpecError, match="name is missing"):
        read_record(Record, {}, complete=True)
    assert read_record(Record, {"new": 1}, ignore_unknown=True) == Record()


def test_lenient_reading_replaces_invalid_values_by_defaults():
    record, problems = read_record_leniently(Record, {"name": "b", "on": "yes", "level": 7, "new": 1})
    assert record == Record(name="b")
    assert problems == ["level is 7.0; it must be at most 6", "on must be true or false, not 'yes'"]


@pytest.mark.parametrize("text", ["", "{", "[]", "3", "null", '{"a":' * 100_000, b"\xff\xfe"])
def test_text_that_is_not_a_json_object_is_refused(text):
    with pytest.raises(SpecError):
        parse_json(text)


@pytest.mark.parametrize("text", ["[" * 100 + "]" * 100, '{"a":[' * 50 + "]}" * 50, "[" * 100_000])
def test_deep_values_are_refused(text):
    with pytest.raises(SpecError, match="deep"):
        parse_json_value(text)


@pytest.mark.parametrize("text", ["a = ", "a = " + "[" * 100 + "]" * 100, "a = " + "[" * 9999, "a = " + "9" * 9999])
def test_toml_that_cannot_be_used_is_refused(text):
    with pytest.raises(SpecError, match=r"valid TOML|levels deep"):
        parse_toml(text)


@pytest.mark.parametrize(
    ("digits", "value"), [("7", 7), ("9" * 19, int("9" * 19)), ("9" * 400, inf), ("9" * 9999, inf)]
)
def test_whole_numbers_beyond_64_bits_become_floats(digits, value):
    assert parse_json_value(digits) == value
    assert parse_json_value(f"[-{digits}]") == [-value]


def test_a_version_of_400_digits_is_refused():
    with pytest.raises(SpecError, match="version must be a whole number"):
        migrate(parse_json('{"version": %s}' % ("9" * 400)), 3, key="version")


def test_only_files_of_a_limited_size_are_read(tmp_path):
    path = tmp_path / "a.json"
    path.write_bytes(b"x" * 100)
    assert len(read_file(path, 100)) == 100
    with pytest.raises(SpecError, match="larger"):
        read_file(path, 99)
    with pytest.raises(SpecError, match="is a folder"):
        read_file(tmp_path)
    with pytest.raises(FileNotFoundError):
        read_json(tmp_path / "missing.json")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with a name")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(SpecError, match="is not a regular file"):
        read_json(tmp_path / "pipe")


def test_older_versions_are_migrated_one_by_one():
    migrations = {1: lambda table: table | {"b": table["a"]}, 2: lambda table: table | {"c": table["b"]}}
    assert migrate({"version": 1, "a": 5}, 3, migrations, key="version") == {"a": 5, "b": 5, "c": 5}
    assert migrate({"version": 3, "a": 5}, 3, migrations, key="version") == {"a": 5}


@pytest.mark.parametrize(
    ("version", "message"),
    [
        (4, "version is 4: a newer TechnoGAN wrote it; this one reads up to 3"),
        (0, "version is 0: this TechnoGAN can no longer read it"),
        ("3", "version must be a whole number, not '3'"),
        (True, "version must be a whole number, not True"),
        (None, "version must be a whole number, not None"),
    ],
)
def test_unknown_versions_are_refused(version, message):
    with pytest.raises(SpecError, match=message):
        migrate({"version": version}, 3, {1: dict, 2: dict}, key="version")
