"""How far a long command is: a bar on standard error where that is a terminal, and one line at the end."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def shown(what: str, total: int | None = None) -> Iterator[Callable[..., None]]:
    """A function that is told how many are done, and how many there are if that was not known; also says what to do
    after Ctrl-C.
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
        except KeyboardInterrupt:
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
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
