"""Standard output and standard error of commands, which show control characters instead of obeying them.

A file name or the metadata of a file may contain any character, also those that clear a terminal, rename its window or
hide a part of the line.
"""

import contextlib
import io
import re
import sys
from collections.abc import Iterator
from typing import Any, TextIO, cast

# Control characters except for the end of a line and tabs, other ends of lines, marks that reverse the direction of
# the text, and halves of surrogate pairs, which stand for bytes that are not UTF-8.
_UNSAFE = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def escape_controls(text: str) -> str:
    """Return `text` with escapes, such as those of Python strings, in place of control characters."""
    return _UNSAFE.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def one_line(text: object) -> str:
    """Return text as one line without control characters."""
    return escape_controls(str(text)).replace("\n", "\\n")


@contextlib.contextmanager
def plain_output() -> Iterator[None]:
    """Show control characters in all that is printed within the block, and characters that the console lacks."""
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = map(_make_plain, before)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def raw_stream(stream: TextIO) -> TextIO:
    """Return the stream behind a plain one, for what controls the terminal."""
    return stream.stream if isinstance(stream, _PlainStream) else stream


class _PlainStream:
    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def write(self, text: str) -> int:
        self.stream.write(escape_controls(text))
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


def _make_plain(stream: TextIO | None) -> TextIO:
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")
    # A program without a console has no streams.
    return cast(TextIO, stream and _PlainStream(stream))
