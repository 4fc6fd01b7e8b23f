"""Test the dataset wizard with real commands, from songs to a dataset that `technogan dataset check` accepts."""

import json
import os
import signal
import sys

import numpy as np
import pytest
import soundfile

from app.cli import run
from tests.app.wizards.dataset.wizard_host import WizardHost
from tests.training.track_makers import Truth, samples_of

pytest.importorskip("librosa", reason="needs the training extra")

pytestmark = [pytest.mark.keras, pytest.mark.skipif(sys.platform == "win32", reason="signals")]

PATIENCE_MS = 300_000


@pytest.fixture(scope="module")
def songs(tmp_path_factory):
    """Songs in mono and stereo, at 44.1 and 48 kHz and two tempos; and files that cannot be used."""
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
def host(tmp_path):
    made = WizardHost(tmp_path)
    yield made
    made.close()
    assert not made.failed


@pytest.fixture
def wizard(host, qtbot):
    made = host.open_wizard()
    qtbot.addWidget(made)
    made.show_wizard()
    yield made
    made.close()


def until(qtbot, what):
    qtbot.waitUntil(lambda: bool(what()), timeout=PATIENCE_MS)


def kill(wizard, page, qtbot):
    """Kill the command of a page, as a system does that has run out of memory."""
    folder = wizard.store.run_folder(page.commands[0])
    until(qtbot, lambda: (folder / "events.jsonl").exists() and (folder / "events.jsonl").read_text().count("\n") > 0)
    started = json.loads((folder / "events.jsonl").read_text().splitlines()[0])
    os.kill(started["process"], signal.SIGKILL)
    until(qtbot, lambda: not page.job_panel.running)


def test_from_songs_to_a_dataset(wizard, host, qtbot, songs):
    # Tracks: unusable files are reported at once.
    wizard.choose_page.add([songs])
    until(qtbot, lambda: wizard.store.project is not None)
    badges = {row.title: row.badge for row in wizard.choose_page.rows.rows}
    assert {title for title, badge in badges.items() if badge == "cannot be used"} == {"second.wav", "broken.mp3"}
    # Tempo: measured at once. The command is killed and resumes.
    wizard.next.click()
    kill(wizard, wizard.tempo_page, qtbot)
    assert "was killed (signal" in wizard.tempo_page.job_panel.error_panel.what.text()
    wizard.tempo_page.job_panel.error_panel.retry.click()
    until(qtbot, lambda: wizard.tempo_page.complete() and not wizard.tempo_page.job_panel.running)
    tracks = {track.name: track for track in wizard.store.project.tracks}
    assert tracks["one"].bpm == pytest.approx(126.0, abs=0.01)
    assert tracks["two"].bpm == pytest.approx(128.0, abs=0.01)
    assert "silent" in tracks["silent"].problem
    assert "truncated" in tracks["cut"].problem
    assert wizard.store.read_curve(tracks["one"]) is not None
    # One tempo.
    wizard.next.click()
    wizard.conform_page.start.click()
    until(qtbot, lambda: wizard.conform_page.complete() and not wizard.conform_page.job_panel.running)
    # Slices: two are rejected.
    wizard.next.click()
    wizard.slices_page.cut.click()
    until(qtbot, lambda: wizard.slices_page.complete() and wizard.slices_page.grid.slices)
    slices = wizard.slices_page.grid.slices
    assert 29 <= len(slices) <= 32
    rejected = [slices[0].path, slices[3].path]
    wizard.store.set_rejected(rejected, True)
    # Images: the command is killed and resumes.
    wizard.next.click()
    until(qtbot, wizard.convert_page.start.isEnabled)
    wizard.convert_page.start.click()
    kill(wizard, wizard.convert_page, qtbot)
    wizard.convert_page.job_panel.error_panel.retry.click()
    until(qtbot, lambda: wizard.convert_page.complete() and not wizard.convert_page.job_panel.running)
    # Round trip: both sides play.
    wizard.next.click()
    until(qtbot, lambda: wizard.round_trip_page.loops)
    wizard.round_trip_page.plays["original"].click()
    assert host.preview.playing == "original"
    wizard.round_trip_page.plays["reconstruction"].click()
    assert host.preview.playing == "reconstruction"
    assert "dB" in wizard.round_trip_page.convergence.text()
    # Summary, and on to training.
    wizard.next.click()
    until(qtbot, lambda: wizard.summary_page.report)
    assert "few" in wizard.summary_page.verdict.text()
    wizard.summary_page.train.click()
    (dataset,) = host.trained
    assert run(["dataset", "check", str(dataset)]) == 0
    made = json.loads((dataset / "dataset.json").read_text())
    assert len(made["sources"]) == len(slices) - 2
    assert not {source["path"] for source in made["sources"]} & set(rejected)


def test_a_command_continues_without_its_window(host, qtbot, songs):
    wizard = host.open_wizard()
    qtbot.addWidget(wizard)
    wizard.show_wizard()
    wizard.choose_page.add([songs / "one.flac"])
    until(qtbot, lambda: wizard.store.project is not None)
    wizard.next.click()
    assert wizard.tempo_page.job_panel.running
    wizard.close()
    again = host.open_wizard()
    qtbot.addWidget(again)
    again.show_wizard()
    assert again.page is again.tempo_page
    until(qtbot, lambda: again.tempo_page.complete() and not again.tempo_page.job_panel.running)
    assert again.store.project.tracks[0].bpm == pytest.approx(126.0, abs=0.01)
    again.close()


def test_a_stopped_command_keeps_its_results_and_resumes(wizard, qtbot, songs):
    wizard.choose_page.add([songs / "one.flac", songs / "two.wav"])
    until(qtbot, lambda: wizard.store.project is not None)
    wizard.next.click()
    until(qtbot, lambda: any(track.is_measured for track in wizard.store.project.tracks))
    wizard.tempo_page.job_panel.request_stop()
    until(qtbot, lambda: not wizard.tempo_page.job_panel.running)
    assert wizard.store.project.tracks[0].is_measured
    if wizard.store.project.unmeasured():
        wizard.tempo_page.job_panel.error_panel.retry.click()
    until(qtbot, lambda: wizard.tempo_page.complete() and not wizard.tempo_page.job_panel.running)


def test_a_wrong_tempo_can_be_corrected(wizard, qtbot, songs):
    wizard.choose_page.add([songs / "one.flac"])
    until(qtbot, lambda: wizard.store.project is not None)
    wizard.next.click()
    page = wizard.tempo_page
    until(qtbot, lambda: page.complete() and not page.job_panel.running)
    page.half.click()
    until(qtbot, lambda: not page.job_panel.running and page.track.bpm < 100)
    assert page.track.bpm == pytest.approx(63.0, abs=0.05)
