"""Report the progress of a long command to the user on standard error, and to programs through a run folder.

The events of the run folder are "started" (process, command), "progress" (what, done, total), "item" (one item of the
result), "warning" and "skipped" (message), "paused", "resumed" and "result" (path of a file with the output of --json).
The last one is "finished", "stopped" or "failed" (message). The commands "stop", "pause" and "resume" are obeyed.
"""

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from technogan.atomic import write_atomically
from technogan.commands.console import one_line
from technogan.commands.progress_bar import progress_bar
from technogan.errors import Cancelled, SourceError, TechnoganError
from technogan.progress import Progress
from technogan.run_folder import RunFolder, cause_of

RESULT = "result.json"

# Seconds between two "progress" events, and between two polls for a command while paused.
_INTERVAL = 0.2

RunOption = Annotated[
    Path | None, typer.Option("--run", help="Folder for events and commands, for programs that monitor the run.")
]


class Report:
    """The report of one command; without a run folder it goes to the user only."""

    def __init__(self, run: RunFolder | None = None) -> None:
        self._run = run
        self._reported_at = 0.0

    def add_item(self, item: Any) -> None:
        """Report one item of the result as soon as it is done."""
        self._append("item", value=item)

    def skip(self, error: SourceError) -> None:
        """Report an input that is left out."""
        print(f"left out: {one_line(error)}", file=sys.stderr)
        self._append("skipped", path=str(error.path), message=error.reason)

    def warn(self, text: str) -> None:
        """Report a warning."""
        print(f"warning: {one_line(text)}", file=sys.stderr)
        self._append("warning", message=text)

    def write_result(self, result: Any) -> None:
        """Write the whole result, as --json prints it. Raises OutputError."""
        if self._run is not None:
            write_atomically(self._run.folder / RESULT, json.dumps(result).encode())
            self._append("result", path=RESULT)

    @contextmanager
    def progress(self, what: str, total: int = 0) -> Iterator[Progress]:
        """Yield a function that reports progress, waits while paused and raises Cancelled after "stop"."""
        with show_progress(what, total) as show:
            self._report_progress(what, 0, total)

            def progress(done: float, total: float = 1.0, /) -> None:
                show(done, total)
                self._report_progress(what, done, total)

            yield progress

    def obey(self) -> None:
        """Wait while paused. Raises Cancelled after "stop"."""
        if self._run is None:
            return
        paused = False
        while (command := self._run.take_command()) or paused:
            if command == "stop":
                raise Cancelled
            if command in ("pause", "resume") and paused != (command == "pause"):
                paused = command == "pause"
                self._append("paused" if paused else "resumed")
            time.sleep(_INTERVAL if paused else 0)

    def _report_progress(self, what: str, done: float, total: float) -> None:
        if done in (0, total) or time.monotonic() - self._reported_at >= _INTERVAL:
            self._reported_at = time.monotonic()
            self._append("progress", what=what, done=done, total=total)
        self.obey()

    def _append(self, event: str, **values: Any) -> None:
        if self._run is not None:
            self._run.append_event(event, **values)


@contextmanager
def open_report(folder: Path | None, command: str) -> Iterator[Report]:
    """Report a command from start to end; without a run folder, to the user only.

    Raises OutputError if another process uses the folder, or it cannot be written.
    """
    if folder is None:
        yield Report()
        return
    run = RunFolder(folder)
    with run.lock():
        run.append_event("started", process=os.getpid(), command=command)
        try:
            yield Report(run)
        except (Cancelled, KeyboardInterrupt):
            run.append_event("stopped")
            raise
        except Exception as error:
            known = isinstance(error, TechnoganError)
            message = str(error) if known else f"a bug in TechnoGAN: {error!r}"
            run.append_event("failed", message=message, **cause_of(error))
            raise
        run.append_event("finished")


@contextmanager
def show_progress(what: str, total: int = 0) -> Iterator[Progress]:
    """Show progress on standard error: a bar if that is a terminal, and a summary at the end."""
    started = time.monotonic()
    first: float = 0
    last: float = 0
    with progress_bar(what) as show:
        show(0, total)

        def progress(done: float, total: float = 1.0, /) -> None:
            nonlocal first, last
            first, last = first or done, done
            show(done, total)

        try:
            yield progress
        except (KeyboardInterrupt, Cancelled):
            print(f"stopped after {last} {what}; run the same command again to resume", file=sys.stderr)
            raise
    # A resumed run starts with the number of things that were done before.
    n_done = last - first + 1 if last else 0
    seconds = max(time.monotonic() - started, 1e-3)
    print(f"{n_done} {what} in {seconds:.1f} s, {n_done / seconds:.1f} per second", file=sys.stderr)
