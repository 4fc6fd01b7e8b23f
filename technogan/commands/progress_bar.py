"""The progress bar of all commands."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from technogan.progress import Progress, ignore_progress


@contextmanager
def progress_bar(what: str, *, quiet: bool = False) -> Iterator[Progress]:
    """Yield a function that moves a bar on standard error; without a terminal, or if `quiet`, it does nothing."""
    if quiet or not sys.stderr.isatty():
        yield ignore_progress
        return
    import rich.progress
    from rich.console import Console

    with rich.progress.Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total=1.0: bar.update(task, completed=done, total=total or None)
