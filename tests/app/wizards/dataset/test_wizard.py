"""The dataset wizard from songs to a dataset that `technogan dataset check` accepts: real commands, real processes."""

from __future__ import annotations

import json
import os
import signal
import sys

import numpy as np
import pytest
import soundfile

from app.cli import run
from tests.app.wizards.dataset.stores import Table
from tests.training.track_makers import Truth, samples_of

pytest.importorskip("librosa", reason="needs the training extra")

pytestmark = [pytest.mark.keras, pytest.mark.skipif(sys.platform == "win32", reason="signals")]

PATIENCE_MS = 300_000


@pytest.fixture(scope="module")
def songs(tmp_path_factory):
    """Mono and stereo, 44.1 and 48 kHz, one off the beat of the other; and what cannot be used."""
    folder = tmp_path_factory.mktemp("songs")
    first = samples_of(Truth(7, 126.0, "peak-time", offset=0.7, bars=16))
    second = samples_of(Truth(3, 128.0, "dub", rate=48000, bars=16))
    soundfile.write(folder / "one.flac", first, 44100)
    soundfile.write(folder / "two.wav", np.stack([second, 0.8 * second], axis=1), 48000)
    soundfile.write(folder / "second.wav", first[:44100], 44100)
    soundfile.write(folder / "silent.wav", np.zeros(25 * 44100), 44100)
    (folder / "broken.mp3").write_bytes(b"ID3 no sound")
    whole = (folder / "two.wav").read_bytes()
    (folder / "cut.wav").write_bytes(whole[: len(whole) * 9 // 10])
    return folder


@pytest.fixture
def table(tmp_path):
    made = Table(tmp_path)
    yield made
    made.close()
    assert not made.failed


@pytest.fixture
def wizard(table, qtbot):
    made = table.wizard()
    qtbot.addWidget(made)
    made.show_wizard()
    yield made
    made.close()


def until(qtbot, what):
    qtbot.waitUntil(lambda: bool(what()), timeout=PATIENCE_MS)


def kill(wizard, page, qtbot):
    """As a machine does that has run out of memory."""
    folder = wizard.bench.run_folder(page.commands[0])
    until(qtbot, lambda: (folder / "events.jsonl").exists() and (folder / "events.jsonl").read_text().count("\n") > 0)
    started = json.loads((folder / "events.jsonl").read_text().splitlines()[0])
    os.kill(started["process"], signal.SIGKILL)
    until(qtbot, lambda: not page.work.running)


def test_from_songs_to_a_dataset(wizard, table, qtbot, songs):
    # Tracks: what cannot be used is named at once.
    wizard.choose_page.add([songs])
    until(qtbot, lambda: wizard.bench.project is not None)
    badges = {row.title: row.badge for row in wizard.choose_page.rows.rows}
    assert {title for title, badge in badges.items() if badge == "cannot be used"} == {"second.wav", "broken.mp3"}
    # Tempo: measured as soon as one comes; the child is killed, and goes on.
    wizard.next.click()
    kill(wizard, wizard.tempo_page, qtbot)
    assert "ended from outside" in wizard.tempo_page.work.trouble.what.text()
    wizard.tempo_page.work.trouble.retry.click()
    until(qtbot, lambda: wizard.tempo_page.complete() and not wizard.tempo_page.work.running)
    tracks = {track.name: track for track in wizard.bench.project.tracks}
    assert tracks["one"].bpm == pytest.approx(126.0, abs=0.01)
    assert tracks["two"].bpm == pytest.approx(128.0, abs=0.01)
    assert "silent" in tracks["silent"].problem
    assert "truncated" in tracks["cut"].problem
    assert wizard.bench.curve(tracks["one"]) is not None
    # One tempo.
    wizard.next.click()
    wizard.conform_page.start.click()
    until(qtbot, lambda: wizard.conform_page.complete() and not wizard.conform_page.work.running)
    # Slices: two are rejected by hand.
    wizard.next.click()
    wizard.slices_page.cut.click()
    until(qtbot, lambda: wizard.slices_page.complete() and wizard.slices_page.grid.slices)
    slices = wizard.slices_page.grid.slices
    assert 29 <= len(slices) <= 32
    rejected = [slices[0].path, slices[3].path]
    wizard.bench.reject(rejected, True)
    # Pictures: the child is killed, and goes on.
    wizard.next.click()
    until(qtbot, wizard.convert_page.start.isEnabled)
    wizard.convert_page.start.click()
    kill(wizard, wizard.convert_page, qtbot)
    wizard.convert_page.work.trouble.retry.click()
    until(qtbot, lambda: wizard.convert_page.complete() and not wizard.convert_page.work.running)
    # Round trip: both sides sound.
    wizard.next.click()
    until(qtbot, lambda: wizard.round_trip_page.loops)
    wizard.round_trip_page.plays["original"].click()
    assert table.audition.playing == "original"
    wizard.round_trip_page.plays["reconstruction"].click()
    assert table.audition.playing == "reconstruction"
    assert "dB" in wizard.round_trip_page.figure.text()
    # Summary, and on to training.
    wizard.next.click()
    until(qtbot, lambda: wizard.summary_page.report)
    assert "few" in wizard.summary_page.enough.text()
    wizard.summary_page.train.click()
    (dataset,) = table.trained
    assert run(["dataset", "check", str(dataset)]) == 0
    made = json.loads((dataset / "dataset.json").read_text())
    assert len(made["sources"]) == len(slices) - 2
    assert not {source["path"] for source in made["sources"]} & set(rejected)


def test_a_command_goes_on_without_its_window(table, qtbot, songs):
    wizard = table.wizard()
    qtbot.addWidget(wizard)
    wizard.show_wizard()
    wizard.choose_page.add([songs / "one.flac"])
    until(qtbot, lambda: wizard.bench.project is not None)
    wizard.next.click()
    assert wizard.tempo_page.work.running
    wizard.close()
    again = table.wizard()
    qtbot.addWidget(again)
    again.show_wizard()
    assert again.page is again.tempo_page
    until(qtbot, lambda: again.tempo_page.complete() and not again.tempo_page.work.running)
    assert again.bench.project.tracks[0].bpm == pytest.approx(126.0, abs=0.01)
    again.close()


def test_a_stop_keeps_what_is_done_and_goes_on(wizard, qtbot, songs):
    wizard.choose_page.add([songs / "one.flac", songs / "two.wav"])
    until(qtbot, lambda: wizard.bench.project is not None)
    wizard.next.click()
    until(qtbot, lambda: any(track.measured for track in wizard.bench.project.tracks))
    wizard.tempo_page.work.stop_work()
    until(qtbot, lambda: not wizard.tempo_page.work.running)
    assert wizard.bench.project.tracks[0].measured
    if wizard.bench.project.unmeasured():
        wizard.tempo_page.work.trouble.retry.click()
    until(qtbot, lambda: wizard.tempo_page.complete() and not wizard.tempo_page.work.running)


def test_a_wrong_tempo_is_corrected(wizard, qtbot, songs):
    wizard.choose_page.add([songs / "one.flac"])
    until(qtbot, lambda: wizard.bench.project is not None)
    wizard.next.click()
    page = wizard.tempo_page
    until(qtbot, lambda: page.complete() and not page.work.running)
    page.half.click()
    until(qtbot, lambda: not page.work.running and page.track.bpm < 100)
    assert page.track.bpm == pytest.approx(63.0, abs=0.05)
