"""What a parent and its child process send to each other."""

from dataclasses import dataclass
from typing import Any

# The child sends a Beat this often.
BEAT_S = 0.25


@dataclass(frozen=True, slots=True)
class Call:
    """From the parent: handle a message and answer."""

    number: int
    message: Any


@dataclass(frozen=True, slots=True)
class Cancel:
    """From the parent: stop the work on a call."""

    number: int


@dataclass(frozen=True, slots=True)
class Beat:
    """From the child: it is alive.

    Attributes:
        busy_s: seconds since the current call started or last reported progress; 0 between calls.
        still_s: seconds without activity in a thread that must never rest.
    """

    busy_s: float
    still_s: float


@dataclass(frozen=True, slots=True)
class Started:
    """From the child: work on a call has begun."""

    number: int


@dataclass(frozen=True, slots=True)
class Progressed:
    """From the child: this share of a call's work is done, 0..1."""

    number: int
    share: float


@dataclass(frozen=True, slots=True)
class Answer:
    """From the child: the result of a call, or the error that it raised."""

    number: int
    value: Any
    error: Exception | None


@dataclass(frozen=True, slots=True)
class Event:
    """From the child: something that no call asked for."""

    value: Any
