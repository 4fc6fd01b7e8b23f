"""What commands print of names and metadata."""

import io
import sys

import numpy as np
import pytest

from app.cli import run
from technogan.commands.console import escape_controls, one_line, plain_output, raw_stream
from technogan.sound.wav import write_wav


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\tb\n", "a\tb\n"),
        ("\x1b]0;owned\x07", "\\x1b]0;owned\\x07"),
        ("\x1b[2J\r", "\\x1b[2J\\r"),
        ("\x9b2J", "\\x9b2J"),
        ("a\u2028b\u202egnp.exe", "a\\u2028b\\u202egnp.exe"),
        ("M\udcfcller", "M\\udcfcller"),
        ("Müller 東 👍", "Müller 東 👍"),
    ],
)
def test_control_characters_are_shown(text, shown):
    assert escape_controls(text) == shown


def test_a_message_is_one_line():
    assert one_line("a\nb\x1b") == "a\\nb\\x1b"


def test_characters_that_the_console_lacks_are_shown(monkeypatch):
    console = io.TextIOWrapper(io.BytesIO(), encoding="cp1252")
    monkeypatch.setattr(sys, "stdout", console)
    with plain_output():
        print("Müller 東 \udcfc")
        sys.stdout.flush()
    assert console.buffer.getvalue().decode("cp1252").rstrip() == "Müller \\u6771 \\udcfc"
    assert sys.stdout is console


def test_streams_that_are_missing_stay_so(monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    with plain_output():
        print("nothing")


def test_the_stream_of_the_terminal_is_found():
    with plain_output():
        assert raw_stream(raw_stream(sys.stderr)) is raw_stream(sys.stderr)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows allows no such names")
@pytest.mark.parametrize("name", ["\x1b[31m.wav", "a\nb.wav", "\udcfc.wav"])
def test_names_of_files_are_shown_by_the_command_line(tmp_path, monkeypatch, capsys, name):
    monkeypatch.chdir(tmp_path)
    write_wav(tmp_path / name, np.zeros(5, np.float32), 44100, bpm=120, beats=1, comment="\x1b[32m")
    for arguments in (["dataset", "tempo", name], ["render", "--seed", name, "-o", "x.wav"], ["encode", name]):
        assert run(arguments) == 1
        shown = capsys.readouterr()
        assert "\x1b" not in shown.out + shown.err
        assert any(one_line(name) in line for line in shown.err.splitlines())
