"""The musical position of what leaves the speakers, for views that read it 60 times a second."""

from dataclasses import dataclass

_SMOOTHING = 0.05
_JUMP_S = 0.1


@dataclass(frozen=True, slots=True)
class Mark:
    """The music is at `beats` at the time `heard_at` (seconds), and moves on by `beats_per_second`."""

    heard_at: float = 0.0
    beats: float = 0.0
    beats_per_second: float = 0.0

    def at(self, now: float) -> float:
        """Return the position at a time, in beats since the clock started, never below 0."""
        return max(self.beats + (now - self.heard_at) * self.beats_per_second, 0.0)


class Playhead:
    """Follows blocks that are written at irregular times, and moves evenly between them.

    One thread calls `update`; any thread may read `latest`.
    """

    def __init__(self) -> None:
        self._offset: float | None = None
        self.latest = Mark()

    def update(self, now: float, *, written_s: float, beats: float, beats_per_second: float, latency: float) -> None:
        """Take note of a block that was just written.

        Args:
            now: seconds, of any steady clock.
            written_s: seconds of sound written so far.
            beats: the position at the block's end.
            beats_per_second: the tempo.
            latency: seconds of sound written but not heard yet.
        """
        offset = now - written_s
        if self._offset is None or abs(offset - self._offset) > _JUMP_S:
            self._offset = offset
        self._offset += _SMOOTHING * (offset - self._offset)
        self.latest = Mark(self._offset + written_s + latency, beats, beats_per_second)
