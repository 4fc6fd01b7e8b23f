"""Recovery: restores the session of the last run, even after a crash.

A file named `running` exists next to the autosave while the instrument runs, so it remains only after a crash. It
counts consecutive crashes that happen soon after a session was restored. After the second crash that session is set
aside, so that it cannot keep the instrument from starting. A damaged session is set aside at once: what can be read of
it is restored, otherwise the newest of the earlier sessions.
"""

import contextlib
from dataclasses import dataclass
from pathlib import Path

from app.session.earlier_sessions import EarlierSessions
from app.session.session_file import read_session, set_aside
from app.session.state import SessionState
from technogan.atomic import write_atomically
from technogan.errors import TechnoganError

_MAX_CRASHES = 2


@dataclass(frozen=True, slots=True)
class RecoveredSession:
    """The session to continue after the start, and a message about it.

    Attributes:
        state: the session to continue; None for a new one.
        note: a message for the musician, "" for none.
        serious: whether the message reports a failure.
    """

    state: SessionState | None
    note: str = ""
    serious: bool = False


class Recovery:
    """The autosave in `folder`, the sessions before it, and whether the last run ended normally."""

    def __init__(self, folder: Path) -> None:
        self.autosave = folder / "autosave"
        self.earlier = EarlierSessions(folder / "earlier")
        self._running = folder / "running"

    def begin(self, *, safe: bool = False) -> RecoveredSession:
        """Read the last session; call this once, at the start. Never raises.

        Args:
            safe: set the saved session aside without reading it.
        """
        crashes = self._crashes()
        with contextlib.suppress(TechnoganError):  # the first autosave reports a disk that cannot be written
            write_atomically(self._running, str(crashes + 1).encode())
        if not self.autosave.is_dir():
            return RecoveredSession(None)
        if safe:
            return RecoveredSession(None, f"Started a new session.{self._set_aside()}")
        if crashes >= _MAX_CRASHES:
            reason = f"TechnoGAN crashed {crashes} times with the last session."
            return RecoveredSession(None, f"{reason}{self._set_aside()}", serious=True)
        recovered = "TechnoGAN ended unexpectedly; your session has been recovered." if crashes else ""
        return self._read(recovered)

    def _read(self, recovered: str) -> RecoveredSession:
        problems: list[str] = []
        try:
            state = read_session(self.autosave, problems.append, partly=True)
        except TechnoganError as error:
            kept = self._set_aside(readable=False)
            return self._fall_back(f"The last session cannot be recovered: {error}.{kept}")
        if not problems:
            return RecoveredSession(state, recovered)
        lost = " ".join(f"{problem}." for problem in problems)
        return RecoveredSession(state, f"{recovered} {lost}{self._set_aside()}".strip(), serious=True)

    def _fall_back(self, reason: str) -> RecoveredSession:
        """Return the newest of the earlier sessions that can be read; a new one if there is none."""
        found = self.earlier.newest_good()
        if found is None:
            return RecoveredSession(None, reason, serious=True)
        state, path = found
        return RecoveredSession(state, f"{reason} This is the session of {path.stem}.", serious=True)

    def settle(self) -> None:
        """Stop counting crashes: the recovered session has run for a while and is not to blame for later ones."""
        with contextlib.suppress(TechnoganError):
            write_atomically(self._running, b"1")

    def end(self) -> None:
        """Record that the instrument ended normally."""
        with contextlib.suppress(OSError):
            self._running.unlink()

    def _crashes(self) -> int:
        try:
            return int(self._running.read_text())
        except FileNotFoundError:
            return 0
        except (OSError, ValueError):
            return 1

    def _set_aside(self, *, readable: bool = True) -> str:
        kept = set_aside(self.autosave)
        return f" It was moved to {kept}{'; you can open it from there' * readable}." if kept else ""
