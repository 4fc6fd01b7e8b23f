"""The reference in docs/ agrees with the code."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from technogan.osc.reference import EXAMPLES, render
from technogan.osc.table import CODES, COMMANDS, REPLIES

REFERENCE = Path(__file__).resolve().parents[3] / "docs" / "osc.md"


def test_the_committed_reference_is_the_generated_one():
    assert REFERENCE.read_text(encoding="utf-8") == render(), "run scripts/docs/osc_reference.py"


def test_it_contains_all_commands_replies_and_codes():
    text = render()
    for name in [*(f"/{row.name}" for row in COMMANDS), *(f"/{name}" for name in REPLIES), *CODES]:
        assert f"`{name}`" in text


@pytest.mark.skipif(sys.platform == "win32", reason="the examples are written for a Unix shell")
@pytest.mark.parametrize(("sent", "received"), EXAMPLES)
def test_the_examples_are_correct(liblo_bridge, sent, received):
    sent = sent.replace("load_model s beat", "load_model s tiny")
    shell = "F=$(printf 'f%.0s' {1..64}); A=$(seq 1 64); B=$(seq 2 65); oscsend 127.0.0.1 "
    subprocess.run(["bash", "-c", f"{shell}{liblo_bridge.port} {sent}"], check=True)
    subprocess.run(["oscsend", "127.0.0.1", str(liblo_bridge.port), "/cc/sync", "i", "9"], check=True)
    lines = liblo_bridge.dump.until("/ccret/synced", "9")
    for line, promised in zip(lines, received, strict=True):
        address, tags, *values = [*shlex.split(promised), ""]
        assert line[:2] == (address, tags)
        for got, value in zip(shlex.split(line[2]), values, strict=False):
            if not re.search(r"[/.]", value) and value != "beat":
                assert got == value
