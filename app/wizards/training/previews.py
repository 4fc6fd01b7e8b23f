"""The previews of a run, one checkpoint after another: to look at, and to hear."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.session.sound_file import read_sound
from app.widgets.button import Key
from app.widgets.panel import Panel, Quiet
from app.widgets.raster import Pixels
from app.widgets.tokens import GRID
from app.wizards.common.host import Desk
from app.wizards.training.preview_player import Preview, read_preview
from technogan.errors import SourceError
from technogan.sound.loop import Loop

_BPM = 128.0
_COLOUR_MAP = "Ember"

# (images, picture, sound), relative to the run's folder
Shown = tuple[int, str, str]


class PreviewPanel(Panel):
    """Follows the newest until one steps back."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk.tokens, "Dreams of the same sixteen seeds", parent)
        self._desk = desk
        self._folder = Path()
        self._previews: list[Shown] = []
        self._index = -1
        self._wanted: Path | None = None
        self.picture = Preview(desk.tokens)
        self.when = Quiet(desk.tokens)
        self.before = Key(desk.tokens, "Before", tip="The checkpoint before", small=True)
        self.after = Key(desk.tokens, "After", tip="The checkpoint after", small=True)
        self.play = Key(desk.tokens, "Play", icon="play", tip="Hear the first four, one after another", small=True)
        row = QHBoxLayout()
        row.setSpacing(GRID)
        row.addWidget(self.play)
        row.addStretch(1)
        for widget in (self.when, self.before, self.after):
            row.addWidget(widget)
        self.body.addWidget(self.picture, 1)
        self.body.addLayout(row)
        self.before.clicked.connect(lambda: self._go(self._index - 1))
        self.after.clicked.connect(lambda: self._go(self._index + 1))
        self.play.clicked.connect(self._play)
        desk.audition.changed.connect(self._show_playing)
        self._show()

    def show_previews(self, folder: Path, previews: Sequence[Shown]) -> None:
        """What there is now, oldest first."""
        if folder == self._folder and list(previews) == self._previews:
            return
        newest = folder != self._folder or self._index >= len(self._previews) - 1
        self._folder, self._previews = folder, list(previews)
        self._go(len(self._previews) - 1 if newest else min(self._index, len(self._previews) - 1))

    def stop(self) -> None:
        """Be silent, if it is this that plays."""
        if isinstance(self._desk.audition.playing, Path) and self._desk.audition.playing == self._sound():
            self._desk.audition.stop()

    def _go(self, index: int) -> None:
        self.stop()
        self._index = index
        self._show()

    def _sound(self) -> Path | None:
        return self._folder / self._previews[self._index][2] if 0 <= self._index < len(self._previews) else None

    def _show(self) -> None:
        there = 0 <= self._index < len(self._previews)
        self.when.setText(f"after {self._previews[self._index][0]:,} images" if there else "")
        self.before.setEnabled(there and self._index > 0)
        self.after.setEnabled(there and self._index < len(self._previews) - 1)
        self.play.setEnabled(there)
        self._show_playing()
        if not there:
            self._wanted = None
            self.picture.show_pixels(None)
            return
        path = self._folder / self._previews[self._index][1]
        self._wanted = path
        self._desk.background.submit(
            f"reading {path.name}", lambda _progress, _stop: _picture(path), lambda pixels: self._read(path, pixels)
        )

    def _read(self, path: Path, pixels: Pixels | None) -> None:
        if path == self._wanted:
            self.picture.show_pixels(pixels)

    def _play(self) -> None:
        path = self._sound()
        if path is None:
            return
        if self._desk.audition.playing == path:
            self._desk.audition.stop()
            return

        def heard(loop: Loop) -> None:
            if path == self._sound() and self.isVisible():
                self._desk.audition.play(loop, path)

        self._desk.background.submit(f"reading {path.name}", lambda _p, _s: read_sound(path, _BPM)[0], heard)

    def _show_playing(self) -> None:
        playing = self._desk.audition.playing is not None and self._desk.audition.playing == self._sound()
        self.play.setText("Stop" if playing else "Play")
        self.play.icon_name = "stop" if playing else "play"
        self.play.update()


def _picture(path: Path) -> Pixels | None:
    """None where it has gone: the next one comes soon."""
    try:
        return read_preview(path, _COLOUR_MAP)
    except SourceError:
        return None
