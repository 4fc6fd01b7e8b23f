"""The progress bar of all commands."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from technogan.commands.console import plain_output, raw_stream
from technogan.progress import Progress, ignore_progress


@contextmanager
def progress_bar(what: str, *, quiet: bool = False) -> Iterator[Progress]:
    """Yield a function that moves a bar on standard error; without a terminal, or if `quiet`, it does nothing."""
    if quiet or not sys.stderr.isatty():
        yield ignore_progress
        return
    import rich.progress
    from rich.console import Console

    # While the bar is shown, Rich prints other output above it. Output for a file or another program must not go there.
    bar = rich.progress.Progress(
        console=Console(file=raw_stream(sys.stderr)), transient=True, redirect_stdout=sys.stdout.isatty()
    )
    with bar, plain_output():
        task = bar.add_task(what, total=None)
        yield lambda done, total=1.0: bar.update(task, completed=done, total=total or None)
