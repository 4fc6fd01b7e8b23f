"""Execute every command and every Python listing of the documents, page by page, from top to bottom."""

import re
import shlex
import sys

import pytest
import typer

from app.cli import build
from tests.documents.pages import MARKS, READ, REASONS, ROOT, RUN, fences, pages, prose
from tests.documents.preparations import PREPARATIONS
from tests.documents.reader import Reader, missing_tool

PAGES = {page.relative_to(ROOT).as_posix(): page for page in pages()}
RUNNING = {name: [fence for fence in fences(page) if fence.runs] for name, page in PAGES.items()}

LONG = {"minutes", "training"}

on_unix = pytest.mark.skipif(sys.platform == "win32", reason="the commands are written for a Unix shell")


def pages_with(mark):
    return [name for name, found in RUNNING.items() if any(mark in fence.marks for fence in found)]


def follow(name, folder, *, also=""):
    """Execute a page. also: include the listings with this mark."""
    left_out = LONG - {also}
    listings = [fence for fence in fences(PAGES[name]) if not left_out & set(fence.marks)]
    missing = missing_tool(listings)
    if missing:
        pytest.skip(f"needs {missing}")
    PREPARATIONS.get(name, lambda _folder: None)(folder)
    with Reader(folder) as reader:
        for fence in listings:
            reader.follow(fence)


@on_unix
@pytest.mark.parametrize(
    "name", [name for name, found in RUNNING.items() if any(not LONG & set(f.marks) for f in found)]
)
def test_every_command_works(name, tmp_path):
    follow(name, tmp_path)


@on_unix
@pytest.mark.slow
@pytest.mark.parametrize("name", pages_with("minutes"))
def test_every_command_that_takes_minutes_works(name, tmp_path):
    follow(name, tmp_path, also="minutes")


@on_unix
@pytest.mark.slow
@pytest.mark.keras
@pytest.mark.parametrize("name", pages_with("training"))
def test_every_command_that_trains_works(name, tmp_path):
    pytest.importorskip("keras", reason="needs the training extra")
    follow(name, tmp_path, also="training")


@pytest.mark.parametrize("name", PAGES)
def test_every_saved_file_is_used(name):
    found = fences(PAGES[name])
    for i, fence in enumerate(found):
        module = fence.marks.get("file", "").removesuffix(".py")
        assert any(module in other.text for other in found[i + 1 :]) or not module, str(fence)


@pytest.mark.parametrize("name", PAGES)
def test_every_listing_runs_or_has_a_reason(name):
    for fence in fences(PAGES[name]):
        assert fence.language in (*RUN, *READ), f"{fence}: unknown language {fence.language!r}"
        assert fence.marks.get("not run", REASONS[0]) in REASONS, str(fence)
        assert not set(fence.marks) - MARKS, str(fence)
        if fence.language == "text":
            assert not re.search(r"^(\$ |technogan |make |pip )", fence.text, re.M), f"{fence} contains a command"


# Every `technogan ...` in prose.
MENTIONED = {
    f"{name}: {text}": text
    for name, page in PAGES.items()
    for text in re.findall(r"`technogan ([^`\n]+)`", prose(page))
}


@pytest.mark.parametrize("text", MENTIONED.values(), ids=MENTIONED)
def test_commands_in_prose_exist(text):
    command = typer.main.get_command(build())
    words = shlex.split(text)
    while hasattr(command, "commands") and words and not words[0].startswith("-"):
        name = words.pop(0)
        if name == "...":
            return
        assert name in command.commands, name
        command = command.commands[name]
    known = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in words if word.startswith("-")} <= known | {"--help"}
