"""Read seeds as users give them: "random", a whole number, numbers separated by commas, or a file with a seed."""

import random
import re
from pathlib import Path
from typing import Any

from technogan.atomic import explain
from technogan.errors import SeedError, SourceError, SpecError
from technogan.records import parse_json_value, read_file
from technogan.seeds.origin import Origin
from technogan.seeds.seed import LATENT_SIZE, Seed

RANDOM = "random"
_LOOP_SUFFIXES = (".wav", ".png")
_MAX_JSON_BYTES = 1 << 20


def random_number() -> int:
    """Return a random number for `Seed.from_integer`, short enough to write down."""
    return random.SystemRandom().randrange(1_000_000_000)


def parse_whole_number(text: str) -> int | None:
    """Return `text` as a whole number, or None if it is not one."""
    return int(text) if re.fullmatch(r"\s*[+-]?\d{1,18}\s*", text) else None


def read_seed(source: str | Path, size: int = LATENT_SIZE) -> Seed:
    """Read a seed from text or from a file.

    Args:
        source: "random", a whole number, numbers separated by commas, or the path of a file: a WAV or PNG that
            TechnoGAN wrote, or JSON (a list of numbers, or an object with "seed" or "values").
        size: the required number of values.

    Raises:
        SeedError: the text is not a seed.
        SourceError: the file contains no seed of this size.
    """
    if isinstance(source, Path):
        return read_seed_file(source, size)
    text = source
    if text == RANDOM:
        return Seed.from_integer(random_number(), size)
    number = parse_whole_number(text)
    if number is not None:
        return Seed.from_integer(number, size)
    if "," in text and not is_file(text):
        return _parse_numbers(text.split(","), size)
    return read_seed_file(Path(text).expanduser(), size)


def read_seed_file(path: Path, size: int) -> Seed:
    """Return the first seed in a file. Raises SourceError if it contains none with `size` values."""
    if "\0" in str(path):
        raise SeedError(f"a seed cannot be {str(path)!r:.60}")
    try:
        if path.suffix.lower() in _LOOP_SUFFIXES:
            origin = read_origin(path)
            if origin is None:
                raise SourceError(path, "contains no seed: TechnoGAN did not write it")
            return Seed.of(origin.seeds[0].values, size)
        return _parse_json_file(path, size)
    except SeedError as error:
        raise SourceError(path, str(error)) from error


def read_origin(path: str | Path) -> Origin | None:
    """Return the origin that a WAV or PNG stores, or None if it has none. Raises SourceError if it is unreadable."""
    path = Path(path)
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


def find_origin(source: str) -> Origin | None:
    """Return the origin of a seed as `read_seed` reads it, or None if the source states none."""
    path = Path(source).expanduser()
    return read_origin(path) if path.suffix.lower() in _LOOP_SUFFIXES and is_file(str(path)) else None


def is_file(text: str) -> bool:
    """Return whether text is the path of a file."""
    try:
        return Path(text).is_file()
    except (OSError, ValueError):  # too long for a name, or contains NUL
        return False


def _parse_json_file(path: Path, size: int) -> Seed:
    try:
        content: Any = parse_json_value(read_file(path, _MAX_JSON_BYTES))
    except OSError as error:
        known = "'random', a whole number, or numbers separated by commas"
        raise SeedError(f"cannot be read as a seed file ({explain(error)}); a seed is a file, {known}") from error
    except SpecError as error:
        raise SeedError("is not a seed file: it is neither JSON nor a WAV or PNG of TechnoGAN") from error
    if isinstance(content, dict):
        content = next((content[key] for key in ("seed", "values") if key in content), content)
    if not isinstance(content, list):
        raise SeedError('is not a seed file: its JSON contains neither a list of numbers nor a "seed"')
    return _parse_numbers(content, size)


def _parse_numbers(values: list[Any], size: int) -> Seed:
    try:
        numbers = [float(value) for value in values]
    except (TypeError, ValueError) as error:
        raise SeedError(f"a seed consists of numbers ({error!s:.100})") from error
    return Seed.of(numbers, size)
