"""The whole instrument, without a screen and without a sound card, over an engine that needs no network."""

import json

import pytest

from app.window.instrument import Instrument
from technogan.errors import ModelNotFound
from technogan.formats import find_format
from technogan.network.spec import ModelSpec
from tests.app.fakes import SPEC, STEMS, FakeEngine

BAR = ModelSpec("bar", find_format("bar"))
WITH_STEMS = ModelSpec("stems", find_format("beat"), stems=STEMS)


def open_engine(name):
    specs = {"bar": BAR, "beat": SPEC, "stems": WITH_STEMS}
    if name not in specs:
        raise ModelNotFound(name, list(specs))
    return FakeEngine(specs[name])


@pytest.fixture
def _no_sound_card(monkeypatch, tmp_path):
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path}/none")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


@pytest.fixture
def start(qtbot, state_folder, _no_sound_card):
    """Start instruments on the same folder; each start closes the previous one."""
    running: list = []

    def close():
        while running:
            running.pop().window.close()

    def begin(*, settle=True, **options):
        close()
        settings = state_folder / "settings.json"
        if not settings.exists():
            settings.write_text(json.dumps({"osc": False}))
        instrument = Instrument(state_folder, open_engine=open_engine, **options)
        qtbot.addWidget(instrument.window)
        running.append(instrument)
        instrument.start()
        if settle:
            qtbot.waitUntil(lambda: instrument.session.loop is not None and not instrument.queue.busy, timeout=20_000)
        return instrument

    yield begin
    close()


@pytest.fixture
def its(start):
    return start()
