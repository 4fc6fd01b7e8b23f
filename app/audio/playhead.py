"""Where the music is that leaves the speakers at this moment, for eyes that look 60 times a second."""

from __future__ import annotations

from dataclasses import dataclass

_SMOOTHING = 0.05
_JUMP_S = 0.1


@dataclass(frozen=True, slots=True)
class Mark:
    """At `heard_at` (seconds) the music is at `beats`, and goes on at so many a second."""

    heard_at: float = 0.0
    beats: float = 0.0
    beats_a_second: float = 0.0

    def at(self, now: float) -> float:
        """Position of what is heard, in beats since the clock started, never below 0."""
        return max(self.beats + (now - self.heard_at) * self.beats_a_second, 0.0)


class Playhead:
    """Follows blocks that are handed over in fits and starts, and runs evenly between them.

    Times are in seconds: `now` of any steady clock, `given` the length of all sound handed over so far, `latency` what
    of it has not been heard yet. One thread marks, any may look.
    """

    def __init__(self) -> None:
        self._offset: float | None = None
        self.latest = Mark()

    def mark(self, now: float, *, given: float, beats: float, beats_a_second: float, latency: float) -> None:
        """A block has just been handed over, whose end is at `beats`."""
        offset = now - given
        if self._offset is None or abs(offset - self._offset) > _JUMP_S:
            self._offset = offset
        self._offset += _SMOOTHING * (offset - self._offset)
        self.latest = Mark(self._offset + given + latency, beats, beats_a_second)

    def beats(self, now: float) -> float:
        """Position of what is heard: see `Mark.at`."""
        return self.latest.at(now)
