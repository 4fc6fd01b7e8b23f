"""Tests of the web page: its colours, and its loops in a browser."""

import dataclasses
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import soundfile

from app.widgets.tokens import DARK, LIGHT, Tokens
from technogan.engine import Engine
from technogan.network.library import find_model
from technogan.seeds.seed import Seed
from tests.signals import convergence_at_best_gain

HERE = Path(__file__).resolve().parent
WEB = HERE.parents[1] / "resources" / "web"
# `make check-web` builds this page, with the smaller model.
PAGE = HERE.parents[1] / "build" / "web-beat" / "index.html"
NODE = shutil.which("node")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.mark.parametrize(("tokens", "place"), [(DARK, 0), (LIGHT, 1)])
def test_colours_are_those_of_the_window(tokens: Tokens, place):
    css = (WEB / "src" / "style.css").read_text(encoding="utf-8")
    block = re.findall(r":root \{(.*?)\}", css, re.DOTALL)[place]
    found = dict(re.findall(r"--([\w-]+): (#\w+);", block))
    slots = {"slot-a": tokens.slots[0], "slot-b": tokens.slots[2]}
    known = {field.name: getattr(tokens, field.name) for field in dataclasses.fields(tokens)} | slots
    assert len(found) > 10
    assert found == {name: known[name] for name in found}


@pytest.mark.slow
@pytest.mark.skipif(
    NODE is None or CHROMIUM is None or not PAGE.exists() or not (WEB / "node_modules").is_dir(),
    reason="needs Node, Chromium and the page: make check-web",
)
def test_page_works_in_chromium(tmp_path):
    wav = tmp_path / "zero.wav"
    places = {"TECHNOGAN_PAGE": str(PAGE), "TECHNOGAN_CHROMIUM": str(CHROMIUM), "TECHNOGAN_WAV": str(wav)}
    command = [str(NODE), "--test", str(HERE / "page.test.mjs")]
    done = subprocess.run(command, env=os.environ | places, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stdout[-4000:]

    engine = Engine(find_model("beat"))
    loop = engine.render(Seed.of([0.0] * 64))
    samples, rate = soundfile.read(wav, dtype="float32")
    assert (samples.shape, rate) == (loop.samples.shape, 34953)
    expected = convergence_at_best_gain(loop.samples, loop.magnitude, engine.spec.format)
    assert convergence_at_best_gain(samples, loop.magnitude, engine.spec.format) == pytest.approx(expected, abs=1)
