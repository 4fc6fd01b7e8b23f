"""Take the pictures of the documents from the real window: `python -m scripts.docs.pictures [NAME ...]`.

Without names it takes all pictures. Each scene has its own instrument and runs without a screen, so the pictures do not
depend on the machine. Ports 10101 and 10102 must be free.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path

from PIL import Image
from PySide6.QtCore import QPoint
from PySide6.QtGui import QImage, QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QWidget
from pythonosc.udp_client import SimpleUDPClient

from app.widgets.style import load_typeface
from app.widgets.tokens import font
from scripts.docs.dataset_pages import SCENES as DATASET
from scripts.docs.stage import SEEDS, Stage
from scripts.docs.training_pages import SCENES as TRAINING
from technogan.osc.ports import LOOPBACK

# Set-up, and preparation of a scene, which returns its picture unless that is the window.
Scene = tuple[Callable[..., Stage], Callable[[Stage], QPixmap | None]]

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "pictures"

# These paths are visible in the pictures.
_HOME = "/home/you"
_PLACE = Path(tempfile.gettempdir()) / "set"

_QUALITY = 90
_SCALE = "QT_SCALE_FACTOR"


def _empty(_stage: Stage) -> None:
    """Take the window as it opens."""


def _welcome(stage: Stage) -> None:
    stage.its.first_run.begin(play=True)
    stage.until_beat(0.6)


def _playing(stage: Stage) -> None:
    session = stage.its.session
    stage.keep(0, 1, 2, 3)
    stage.load(SEEDS[4])
    for i in (5, 20, 21):
        session.toggle_lock(i)
    session.set_seed_value(0, 60)
    session.set_slot(1, muted=True)
    session.set_slot(2, level_db=-6.0)
    stage.settle()
    stage.play(0, 2)
    stage.until_beat(1.4)


def _morphing(stage: Stage) -> None:
    session, panel = stage.its.session, stage.its.window.morph
    stage.keep(0, 1)
    stage.play(0)
    session.set_morph(steps=32)
    session.move_morph(0.35)
    stage.settle()
    stage.its.sequences.make("fade")
    stage.until(lambda: panel.progress.done is not None and panel.progress.done > 0.4)


def _error(stage: Stage) -> None:
    stage.keep(0, 1)
    broken = stage.folder / "take 7.wav"
    broken.write_bytes(b"RIFF\x04\0\0\0WAVE")
    stage.its.transfer.load_files([str(broken)], 2)
    stage.until(lambda: stage.its.window.messages.shown is not None)


def _no_device(stage: Stage) -> None:
    stage.until(lambda: stage.its.window.messages.shown is not None)


def _small(stage: Stage) -> None:
    stage.its.window.resize(stage.its.window.minimumSize())
    stage.keep(0, 1, 2)
    stage.play(0, 2)
    stage.until_beat(2.3)


def _osc(stage: Stage) -> QPixmap:
    its = stage.its
    stage.until(lambda: its.bridge.running)
    its.osc_window.show()
    its.osc_window.panel.resize(760, 280)
    client = SimpleUDPClient(LOOPBACK, its.preferences.now.osc_port)
    place = str(stage.folder / "loops")
    for name, value in (("isAlive", []), ("status", []), ("set_target_dir", place), ("set_bpm", 132.0)):
        client.send_message(f"/cc/{name}", value)
        stage.rest(0.2)
    client.send_message("/cc/generate_single_wav_id", [3, *range(-32, 32)])
    stage.until(lambda: its.session.state.slots[2].clip is not None)
    stage.rest(0.6)
    return its.osc_window.panel.grab()


def _menu(stage: Stage) -> QPixmap:
    stage.keep(0, 1, 2)
    window, menu = stage.its.window, stage.its.menus.menu
    key = window.transport.menu
    edit = next(action for action in menu.actions() if action.text() == "Edit")
    place = key.mapTo(window, key.rect().bottomLeft())
    menu.adjustSize()
    menu.setActiveAction(edit)
    picture = stage.grab()
    _lay_over(picture, menu, place)
    opened = edit.menu()
    assert isinstance(opened, QWidget)
    opened.adjustSize()
    _lay_over(picture, opened, place + QPoint(menu.width(), menu.actionGeometry(edit).top()))
    return picture


def _lay_over(picture: QPixmap, widget: QWidget, place: QPoint) -> None:
    painter = QPainter(picture)
    painter.drawPixmap(place, widget.grab())
    painter.end()


# Set-up and scene by file name.
SCENES: Mapping[str, Scene] = {
    "empty": (Stage, _empty),
    "welcome": (Stage, _welcome),
    "playing": (Stage, _playing),
    "morphing": (Stage, _morphing),
    "error": (Stage, _error),
    "no-device": (partial(Stage, sound=False), _no_device),
    "small": (Stage, _small),
    "light": (partial(Stage, theme="Light"), _playing),
    "osc": (partial(Stage, osc=True), _osc),
    "menu": (Stage, _menu),
    **{name: (Stage, scene) for name, scene in (*DATASET.items(), *TRAINING.items())},
}
# At twice the size, as on a screen scaled to 200 %.
LARGE: Mapping[str, Scene] = {"large": (Stage, _playing)}


def take(names: Iterable[str], folder: Path) -> None:
    """Take these pictures in this process."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ["HOME"] = _HOME
    application = QApplication([sys.argv[0]])
    application.setStyle("Fusion")
    load_typeface()
    application.setFont(font())
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        set_up, scene = {**SCENES, **LARGE}[name]
        _PLACE.mkdir()
        try:
            stage = set_up(_PLACE)
            _write(scene(stage) or stage.grab(), folder / f"{name}.webp")
            stage.close()
        finally:
            shutil.rmtree(_PLACE)


def _write(picture: QPixmap, path: Path) -> None:
    """Write a WebP file: a quarter of the size of a PNG, without a visible difference."""
    image = picture.toImage().convertToFormat(QImage.Format.Format_RGB888)
    size, rows = (image.width(), image.height()), bytes(image.constBits())
    Image.frombytes("RGB", size, rows, "raw", "RGB", image.bytesPerLine(), 1).save(path, quality=_QUALITY, method=6)


def main() -> None:
    """Take the named pictures, or all."""
    wanted = sys.argv[1:] or [*SCENES, *LARGE]
    here = [name for name in wanted if name in SCENES or os.environ.get(_SCALE)]
    large = [name for name in wanted if name not in here]
    if large:
        # Qt reads the scale once, when it starts.
        command = [sys.executable, "-m", "scripts.docs.pictures", *large]
        subprocess.run(command, env=os.environ | {_SCALE: "2"}, check=True)
    take(here, FOLDER)


if __name__ == "__main__":
    main()
