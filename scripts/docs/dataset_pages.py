"""Take the pictures of the dataset wizard, with a few minutes of synthetic techno.

Needs the training extra: the first scene lets the wizard create the dataset, and the others show it.
"""

import atexit
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path

import numpy as np
import soundfile
from PySide6.QtGui import QPixmap

from app.settings.paths import STATE_VARIABLE
from app.wizards.dataset.page import JobPage
from app.wizards.dataset.wizard import DatasetWizard
from scripts.docs.stage import WIZARD, Stage
from technogan.sound.resampling import resample
from training.corpus import bar

_RATE, _BARS = 44100, 24
# Name, tempo, first seed of the bars, and tempo deviation in seconds.
_SONGS = (("night train", 126.0, 40, 0.0), ("basement tape", 128.0, 75, 0.011), ("four walls", 127.5, 90, 0.0))
_ROUNDS = 6


def _take(name: str, prepare: Callable[[Stage, DatasetWizard], None], stage: Stage) -> QPixmap:
    """Open the wizard at a page, with a copy of the dataset in the stage's folder, and return its picture."""
    made = _dataset_folder(stage)
    wizard = _open_wizard(stage)
    shutil.copytree(made, stage.folder / made.name)
    wizard.store.open(stage.folder / made.name)
    wizard.go(name)
    stage.rest(0.5)
    prepare(stage, wizard)
    return wizard.grab()


def _open_wizard(stage: Stage) -> DatasetWizard:
    os.environ[STATE_VARIABLE] = str(stage.folder)
    stage.its.tool_windows.open_dataset()
    wizard = stage.its.tool_windows.window_of("dataset")
    assert isinstance(wizard, DatasetWizard)
    wizard.resize(*WIZARD)
    return wizard


def _dataset_folder(stage: Stage) -> Path:
    """Return the dataset that the wizard creates once for all scenes of this process."""
    folder = _place() / "night set"
    if not folder.exists():
        _make(stage, folder.parent)
    return folder


@cache
def _place() -> Path:
    place = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    return place


def _make(stage: Stage, place: Path) -> None:
    wizard = _open_wizard(stage)
    wizard.choose_page.home = place
    wizard.choose_page.title.setText("night set")
    wizard.choose_page.add([_songs(place / "songs")])
    stage.until(lambda: wizard.store.project is not None)
    wizard.go("tempo")
    _finish(stage, wizard.tempo_page)
    for page in (wizard.conform_page, wizard.slices_page, wizard.convert_page):
        wizard.go(page.name)
        stage.rest(0.5)
        page.begin()
        stage.rest(0.5)
        _finish(stage, page)
    wizard.close()


def _finish(stage: Stage, page: JobPage) -> None:
    """Wait for a page, several times longer than a scene normally waits."""
    for _ in range(_ROUNDS):
        try:
            stage.until(lambda: page.complete() and not page.job_panel.running)
        except TimeoutError:
            continue
        return
    raise TimeoutError(f"page {page.name} does not finish: {page.job_panel.error_panel.what.text()}")


def _songs(folder: Path) -> Path:
    folder.mkdir()
    for name, bpm, seed, wander in _SONGS:
        bars = [bar.render(seed + i // 8) for i in range(_BARS)]
        samples = resample(np.concatenate(bars), round(_BARS * 240 * _RATE / bpm))
        seconds = np.arange(len(samples)) / _RATE
        drawn = np.interp(seconds + wander * np.sin(2 * np.pi * seconds / 17), seconds, samples)
        soundfile.write(folder / f"{name}.flac", drawn, _RATE)
    (folder / "interview.mp3").write_bytes(b"ID3")
    return folder


def _nothing(_stage: Stage, _wizard: DatasetWizard) -> None:
    """Take the page as it opens."""


def _tempo(stage: Stage, wizard: DatasetWizard) -> None:
    rows = wizard.tempo_page.rows
    rows.choose(next(row.key for row in rows.rows if "tape" in row.key))
    stage.rest(1.0)


def _beat(stage: Stage, wizard: DatasetWizard) -> None:
    stage.rest(1.0)
    wizard.tempo_page.zooms["4 bars"].click()
    stage.rest(1.0)


def _slices(stage: Stage, wizard: DatasetWizard) -> None:
    grid = wizard.slices_page.grid
    stage.until(lambda: bool(grid.slices))
    wizard.store.set_rejected([grid.slices[i].path for i in (3, 9, 10)], True)
    grid.choose(grid.slices[13].path)
    grid.play_requested.emit(grid.slices[13].path)
    stage.rest(0.7)


def _round_trip(stage: Stage, wizard: DatasetWizard) -> None:
    stage.until(lambda: bool(wizard.round_trip_page.loops))
    wizard.round_trip_page.plays["reconstruction"].click()
    stage.rest(0.5)


def _summary(stage: Stage, wizard: DatasetWizard) -> None:
    stage.until(lambda: bool(wizard.summary_page.images.images))


# See `scripts.docs.pictures`.
SCENES: Mapping[str, Callable[[Stage], QPixmap]] = {
    "dataset-tracks": partial(_take, "tracks", _nothing),
    "dataset-tempo": partial(_take, "tempo", _tempo),
    "dataset-grid": partial(_take, "tempo", _beat),
    "dataset-conform": partial(_take, "conform", _nothing),
    "dataset-slices": partial(_take, "slices", _slices),
    "dataset-pictures": partial(_take, "convert", _nothing),
    "dataset-round-trip": partial(_take, "round_trip", _round_trip),
    "dataset-summary": partial(_take, "summary", _summary),
}
