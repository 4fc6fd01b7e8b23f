"""Damage real files at random, and check that readers raise errors of TechnoGAN only."""

import hashlib
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from technogan.errors import TechnoganError

# Numbers that lengths and counts are replaced by.
_ODD = (b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f", b"\x01\0\0\0", b"\0\0\0\x80")


def mutate(data: bytes, dice: random.Random) -> bytes:
    """Return data with one to four random defects."""
    result = bytearray(data)
    for _ in range(dice.randrange(1, 5)):
        # Headers are more interesting than samples.
        most = len(result) if dice.random() < 0.3 else min(len(result), 200)
        place = dice.randrange(most + 1)
        match dice.randrange(6):
            case 0:
                result[place : place + 1] = bytes([dice.randrange(256)])
            case 1:
                result[place : place + 4] = dice.choice(_ODD)
            case 2:
                del result[place : place + dice.choice([1, 2, 4, 100])]
            case 3:
                result[place:place] = dice.randbytes(dice.choice([1, 2, 4, 100]))
            case 4:
                del result[place + len(result) // 2 :]
            case 5:
                other = dice.randrange(most + 1)
                result[place : place + 8] = result[other : other + 8]
    return bytes(result)


def mutations(samples: list[bytes], seed: int, *, count: int | None = None, seconds: float = 0) -> Iterator[bytes]:
    """Yield `count` damaged files, or as many as `seconds` allow."""
    dice = random.Random(seed)
    end = time.monotonic() + seconds
    while count is None or count > 0:
        if count is None and time.monotonic() > end:
            return
        count = None if count is None else count - 1
        yield mutate(dice.choice(samples), dice)


def check_reader(
    read: Callable[[Path], object], path: Path, damaged: Iterator[bytes], *, keep: Path | None = None
) -> int:
    """Call read(path) for each damaged file; return how many were refused.

    Args:
        read: the reader.
        path: where the files are written, one after another.
        damaged: the files.
        keep: a folder for the file that breaks the reader, with the suffix of `path`.
    """
    messages = []
    for data in damaged:
        path.write_bytes(data)
        try:
            read(path)
        except TechnoganError as error:
            messages.append(str(error))
        except BaseException:
            if keep is not None:
                keep.mkdir(parents=True, exist_ok=True)
                (keep / f"{hashlib.sha256(data).hexdigest()[:12]}{path.suffix}").write_bytes(data)
            raise
    assert not [message for message in messages if "\n" in message]
    return len(messages)
