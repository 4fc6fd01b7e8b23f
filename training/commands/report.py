"""What a long command says while it works: to people on standard error, and to whoever watches its run folder.

There it tells "started" (process, command), "progress" (what, done, total), "item" (one of what the result will hold),
"warning" and "skipped" (message), "paused", "resumed", "result" (path of the file with what --json prints), and at last
"finished", "stopped" or "failed" (message). It obeys "stop", "pause" and "resume".
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from technogan.atomic import write_whole
from technogan.errors import Cancelled, SourceError, TechnoganError
from technogan.progress import Progress
from technogan.run_folder import RunFolder, cause_of

RESULT = "result.json"

# Seconds between two "progress" events, and between two looks for an order while paused.
_OFTEN = 0.2

RunOption = Annotated[
    Path | None, typer.Option("--run", help="A folder for events, lock and orders, for programs that watch.")
]


class Report:
    """What one command says. run: where it is told to programs too; None for people only."""

    def __init__(self, run: RunFolder | None = None) -> None:
        self._run = run
        self._told_at = 0.0

    def item(self, facts: Any) -> None:
        """One of what the result will hold, for those who do not wait for all."""
        self._tell("item", value=facts)

    def skip(self, error: SourceError) -> None:
        """Something was left out."""
        print(f"left out: {error}", file=sys.stderr)
        self._tell("skipped", path=str(error.path), message=error.reason)

    def warn(self, text: str) -> None:
        """Something that does not end the work."""
        print(f"warning: {text}", file=sys.stderr)
        self._tell("warning", message=text)

    def result(self, facts: Any) -> None:
        """All that came out, as --json prints it. Raises OutputError."""
        if self._run is not None:
            write_whole(self._run.folder / RESULT, json.dumps(facts).encode())
            self._tell("result", path=RESULT)

    @contextmanager
    def progress(self, what: str, total: int | None = None) -> Iterator[Progress]:
        """A function that is told how many are done, and how many there are if that was not known.

        It raises Cancelled after an order to stop, and waits while paused.
        """
        with shown(what, total) as show:
            self._progressed(what, 0, total or 0)

            def progress(done: int, all_of_them: int | None = None) -> None:
                show(done, all_of_them)
                self._progressed(what, done, all_of_them or total or 0)

            yield progress

    def obey(self) -> None:
        """Wait while paused. Raises Cancelled after an order to stop."""
        if self._run is None:
            return
        paused = False
        while (order := self._run.taken_command()) or paused:
            if order == "stop":
                raise Cancelled
            if order in ("pause", "resume") and paused != (order == "pause"):
                paused = order == "pause"
                self._tell("paused" if paused else "resumed")
            time.sleep(_OFTEN if paused else 0)

    def _progressed(self, what: str, done: int, total: int) -> None:
        if done in (0, total) or time.monotonic() - self._told_at >= _OFTEN:
            self._told_at = time.monotonic()
            self._tell("progress", what=what, done=done, total=total)
        self.obey()

    def _tell(self, event: str, **facts: Any) -> None:
        if self._run is not None:
            self._run.tell(event, **facts)


@contextmanager
def reporting(folder: Path | None, command: str) -> Iterator[Report]:
    """What a command says from its beginning to its end. folder: of the run; None for people only.

    Raises OutputError where another process works in that folder, or it cannot be written.
    """
    if folder is None:
        yield Report()
        return
    run = RunFolder(folder)
    with run.locked():
        run.tell("started", process=os.getpid(), command=command)
        try:
            yield Report(run)
        except (Cancelled, KeyboardInterrupt):
            run.tell("stopped")
            raise
        except Exception as error:
            known = isinstance(error, TechnoganError)
            message = str(error) if known else f"a fault in TechnoGAN: {error!r}"
            run.tell("failed", message=message, **cause_of(error))
            raise
        run.tell("finished")


@contextmanager
def shown(what: str, total: int | None = None) -> Iterator[Progress]:
    """A function that is told how many are done, and how many there are if that was not known: a bar on standard error
    where that is a terminal, and one line at the end; after a stop, what to do.
    """
    started = time.monotonic()
    state = {"first": 0, "done": 0, "total": total or 0}
    with _bar(what) as show:

        def progress(done: int, all_of_them: int | None = None) -> None:
            state["first"] = state["first"] or done
            state.update(done=done, total=all_of_them or state["total"])
            show(done, state["total"])

        try:
            yield progress
        except (KeyboardInterrupt, Cancelled):
            print(f"stopped after {state['done']} {what}; the same command goes on from there", file=sys.stderr)
            raise
    made = state["done"] - state["first"] + 1 if state["done"] else 0
    seconds = max(time.monotonic() - started, 1e-3)
    print(f"{made} {what} in {seconds:.1f} s, {made / seconds:.1f} a second", file=sys.stderr)


@contextmanager
def _bar(what: str) -> Iterator[Callable[[int, int], None]]:
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import Progress as Bars

    with Bars(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
