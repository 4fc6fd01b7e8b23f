"""The session that survives: what was there when the instrument ended, however it ended.

A file `running` lies beside the autosave while the instrument runs, so that it is there after a crash only. It counts
how often in a row the instrument crashed soon after bringing back the same session; the second time that session is
set aside, so that nothing keeps the instrument from starting.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path

from app.session.session_file import read_session, set_aside
from app.session.state import State
from technogan.atomic import write_whole
from technogan.errors import TechnoganError

_CRASHES = 2


@dataclass(frozen=True, slots=True)
class Recovered:
    """What was found. state: None for a fresh start. note: what to tell, "" for nothing. serious: whether it is bad."""

    state: State | None
    note: str = ""
    serious: bool = False


class Recovery:
    """The autosave in `folder`, and whether the last run ended well."""

    def __init__(self, folder: Path) -> None:
        self.autosave = folder / "autosave"
        self._running = folder / "running"

    def begin(self, *, safe: bool = False) -> Recovered:
        """To be called once, at the start. safe: what was saved is set aside, unread. Never raises."""
        crashes = self._crashes()
        with contextlib.suppress(TechnoganError):  # a disk that takes nothing shows itself at the first autosave
            write_whole(self._running, str(crashes + 1).encode())
        if not self.autosave.is_dir():
            return Recovered(None)
        if safe:
            return Recovered(None, f"Started afresh.{self._set_aside()}")
        if crashes >= _CRASHES:
            return Recovered(None, f"The last session ended TechnoGAN {crashes} times.{self._set_aside()}", True)
        try:
            state = read_session(self.autosave)
        except TechnoganError as error:
            return Recovered(None, f"The last session cannot be brought back: {error}.{self._set_aside()}", True)
        return Recovered(state, "TechnoGAN ended unexpectedly; everything is back as it was." if crashes else "")

    def settled(self) -> None:
        """The session has run for a while: a crash from now on is not the fault of bringing it back."""
        with contextlib.suppress(TechnoganError):
            write_whole(self._running, b"1")

    def end(self) -> None:
        """The instrument ends as it should."""
        with contextlib.suppress(OSError):
            self._running.unlink()

    def _crashes(self) -> int:
        try:
            return int(self._running.read_text())
        except FileNotFoundError:
            return 0
        except (OSError, ValueError):
            return 1

    def _set_aside(self) -> str:
        kept = set_aside(self.autosave)
        return f" What it held is kept in {kept}; it can be opened from there." if kept else ""
