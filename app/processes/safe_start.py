"""Keep child processes from running files of the current folder, which may be a stranger's project."""

import os

# A child process runs `python -c`, which would import from its current folder first. PYTHONSAFEPATH prevents that.
# On Windows, the other variable stops the search for programs in the current folder.
SAFE_START = {"PYTHONSAFEPATH": "1", "NoDefaultCurrentDirectoryInExePath": "1"}


def protect_child_processes() -> None:
    """Let every process started from now on import modules, and find programs, only where they are installed."""
    os.environ.update(SAFE_START)
