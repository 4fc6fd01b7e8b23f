"""Earlier sessions: the last ten that were replaced by another one, to go back to."""

import contextlib
from datetime import datetime
from pathlib import Path

from app.session.session_file import SUFFIX, read_session, same_content, write_session
from app.session.state import SessionState
from technogan.errors import TechnoganError
from technogan.file_names import unique_name

MAX_EARLIER = 10


class EarlierSessions:
    """The session files in a folder, which are named after the time at which they were kept. For any thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def paths(self) -> list[Path]:
        """Return the files, the newest first."""
        with contextlib.suppress(OSError):
            found = [path for path in self._folder.glob(f"*{SUFFIX}") if path.is_file()]
            return sorted(found, key=lambda path: (path.stat().st_mtime_ns, path.name), reverse=True)
        return []

    def keep(self, state: SessionState) -> None:
        """Write a session, unless it is the newest one already; delete the oldest if there are too many.

        Raises OutputError.
        """
        kept = self.paths()
        if kept and same_content(state, kept[0]):
            return
        time = f"{datetime.now():%Y-%m-%d %H.%M.%S}"
        name = unique_name(time, lambda name: (self._folder / f"{name}{SUFFIX}").exists())
        write_session(state, self._folder / f"{name}{SUFFIX}")
        for path in self.paths()[MAX_EARLIER:]:
            with contextlib.suppress(OSError):
                path.unlink()

    def newest_good(self) -> tuple[SessionState, Path] | None:
        """Return the newest session that can be read, and its file; None if there is none."""
        for path in self.paths():
            with contextlib.suppress(TechnoganError):
                return read_session(path), path
        return None
