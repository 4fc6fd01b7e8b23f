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


def test_results_for_another_program_do_not_go_to_the_terminal(monkeypatch):
    terminal, results = Terminal(), io.StringIO()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(sys, "stdout", results)
    monkeypatch.setenv("TERM", "xterm")
    with progress_bar("rendering"):
        print("a result")
        print("a message", file=sys.stderr)
    assert results.getvalue() == "a result\n"
    assert "a message" in terminal.getvalue()
    assert (sys.stdout, sys.stderr) == (results, terminal)


def test_control_characters_are_shown_above_the_bar(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    with progress_bar("rendering"):
        print("\x1b]0;owned\x07", file=sys.stderr)
    assert "\\x1b]0;owned\\x07" in terminal.getvalue()
    assert "\x1b]0" not in terminal.getvalue()
