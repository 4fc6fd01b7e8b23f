"""Damage files as a disk, a broken download or a stranger does."""

from typing import Any

# Values that a stranger may write anywhere in a JSON file.
NASTY: tuple[Any, ...] = (
    None, True, 0, -1, 1 << 31, 1 << 63, 10**400, 1e38, -1e38, 1e-38, float("nan"), float("inf"), 0.5,
    "", "x", "../../x", "a\0b", "\ud800", "x" * 100_000, [], [[]], {}, {"a": 1}, [float("nan")] * 8,
)  # fmt: skip


def mutate(data, rng):
    """Flip a bit, cut the end off, repeat a part or leave it out."""
    place, end = sorted(int(each) for each in rng.integers(0, len(data), 2))
    match rng.integers(4):
        case 0:
            return data[:place] + bytes([data[place] ^ (1 << int(rng.integers(8)))]) + data[place + 1 :]
        case 1:
            return data[:place]
        case 2:
            return data[:end] + data[place:]
        case _:
            return data[:place] + data[end:]


def places(value, path=()):
    """Return the path of every value in a table."""
    yield path
    for key, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(item, (*path, key))


def with_value(table, path, value):
    if not path:
        return value
    copy = dict(table) if isinstance(table, dict) else list(table)
    copy[path[0]] = with_value(copy[path[0]], path[1:], value)
    return copy
