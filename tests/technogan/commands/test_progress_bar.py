"""The progress bar of commands."""

import sys

import pytest

from technogan.commands.progress_bar import progress_bar


@pytest.fixture
def terminal(monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")


def test_a_terminal_shows_a_bar(terminal, capsys):
    with progress_bar("rendering") as progress:
        progress(1, 4)
    assert "rendering" in capsys.readouterr().err


def test_a_quiet_bar_shows_nothing(terminal, capsys):
    with progress_bar("rendering", quiet=True) as progress:
        progress(1, 4)
    assert capsys.readouterr().err == ""


def test_without_a_terminal_nothing_is_shown(capsys):
    with progress_bar("rendering") as progress:
        progress(0.5)
    assert capsys.readouterr().err == ""
