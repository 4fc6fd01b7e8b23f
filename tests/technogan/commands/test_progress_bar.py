"""The progress bar of commands."""

import io
import sys

import pytest

from technogan.commands.progress_bar import progress_bar


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(("quiet", "is_shown"), [(False, True), (True, False)])
def test_a_terminal_shows_the_bar_unless_it_is_quiet(monkeypatch, quiet, is_shown):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)  # in the test: pytest replaces it after the fixtures
    monkeypatch.setenv("TERM", "xterm")
    with progress_bar("rendering", quiet=quiet) as progress:
        progress(1, 4)
    assert ("rendering" in terminal.getvalue()) == is_shown


def test_without_a_terminal_nothing_is_shown(capsys):
    with progress_bar("rendering") as progress:
        progress(0.5)
    assert capsys.readouterr().err == ""
