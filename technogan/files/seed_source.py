"""Seeds as people give them: "random", a whole number, numbers with commas between, or a file that carries one."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path
from typing import Any

from technogan.atomic import explain
from technogan.errors import SeedError, SourceError
from technogan.seeds.origin import Origin
from technogan.seeds.seed import Seed

RANDOM = "random"
_MAX_JSON_BYTES = 1 << 20


def random_number() -> int:
    """A number to expand with `Seed.from_integer`, short enough to be noted down."""
    return random.SystemRandom().randrange(1_000_000_000)


def whole_number(text: str) -> int | None:
    """The whole number that `text` is, or None."""
    return int(text) if re.fullmatch(r"\s*[+-]?\d{1,18}\s*", text) else None


def read_seed(text: str, size: int) -> Seed:
    """The seed that `text` means, with `size` values.

    A file may be JSON (a list of numbers, or an object with "seed" or "values"), or a WAV or PNG that TechnoGAN wrote.
    Raises SeedError or SourceError with what is wrong with it.
    """
    if text == RANDOM:
        return Seed.from_integer(random_number(), size)
    number = whole_number(text)
    if number is not None:
        return Seed.from_integer(number, size)
    if "," in text and not _is_file(text):
        return _of_numbers(text.split(","), size)
    return seed_of_file(Path(text).expanduser(), size)


def seed_of_file(path: Path, size: int) -> Seed:
    """The first seed inside a file. Raises SourceError where there is none that fits."""
    try:
        if path.suffix.lower() in (".wav", ".png"):
            origin = origin_of_file(path)
            if origin is None:
                raise SourceError(path, "carries no seed: TechnoGAN did not write it")
            return Seed.of(origin.seeds[0].values, size)
        return _of_json(path, size)
    except SeedError as error:
        raise SourceError(path, str(error)) from error


def origin_of_file(path: Path) -> Origin | None:
    """What a WAV or PNG says of its origin, None where it says nothing. Raises SourceError for an unreadable file."""
    if path.suffix.lower() == ".png":
        from technogan.files.png import read_png

        comment = read_png(path)[1]
    else:
        from technogan.sound.wav import read_comment

        comment = read_comment(path)
    try:
        return Origin.from_json(comment) if comment else None
    except SeedError:
        return None


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except (OSError, ValueError):  # too long for a name, or with a NUL in it
        return False


def _of_json(path: Path, size: int) -> Seed:
    try:
        with path.open("rb") as file:
            text = file.read(_MAX_JSON_BYTES)
    except OSError as error:
        known = "'random', a whole number, or numbers with commas between them"
        raise SeedError(f"cannot be read as a seed file ({explain(error)}); a seed is a file, {known}") from error
    try:
        content: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SeedError("is no seed file: neither JSON nor a WAV or PNG of TechnoGAN") from error
    if isinstance(content, dict):
        content = next((content[key] for key in ("seed", "values") if key in content), content)
    if not isinstance(content, list):
        raise SeedError('is no seed file: its JSON holds no list of numbers, and no "seed"')
    return _of_numbers(content, size)


def _of_numbers(values: list[Any], size: int) -> Seed:
    try:
        numbers = [float(value) for value in values]
    except (TypeError, ValueError) as error:
        raise SeedError(f"a seed is made of numbers ({error})") from error
    return Seed.of(numbers, size)
