"""The previews of a run, one per checkpoint, to look at and to play."""

from collections.abc import Sequence
from pathlib import Path

from app.session.sound_file import read_sound
from app.widgets.button import Button
from app.widgets.layout import STRETCH, add_items, make_row
from app.widgets.panel import Panel, QuietLabel
from app.widgets.raster import Pixels
from app.widgets.tokens import GRID
from app.wizards.common.host import Host
from app.wizards.training.preview_image import PreviewImage, read_preview
from technogan.sound.loop import Loop

_BPM = 128.0
_COLOUR_MAP = "Ember"

# (images, image file, sound file), relative to the run's folder
PreviewFiles = tuple[int, str, str]


class PreviewPanel(Panel):
    """Shows the newest preview until the user steps back."""

    def __init__(self, host: Host) -> None:
        super().__init__(host.tokens, "The same sixteen seeds at every checkpoint")
        self._host = host
        self._folder = Path()
        self._previews: list[PreviewFiles] = []
        self._index = -1
        self._shown: Path | None = None
        self.image = PreviewImage(host.tokens)
        self.when = QuietLabel(host.tokens)
        self.previous = Button(host.tokens, "Previous", tip="Previous checkpoint", small=True)
        self.next = Button(host.tokens, "Next", tip="Next checkpoint", small=True)
        self.play = Button(host.tokens, "Play", icon="play", tip="Play the first four, one after another", small=True)
        row = make_row(self.play, STRETCH, self.when, self.previous, self.next, spacing=GRID)
        add_items(self.body, (self.image, 1), row)
        self.previous.clicked.connect(lambda: self._go(self._index - 1))
        self.next.clicked.connect(lambda: self._go(self._index + 1))
        self.play.clicked.connect(self._toggle)
        host.preview.changed.connect(self._show_playing)
        self._show()

    def show_previews(self, folder: Path, previews: Sequence[PreviewFiles]) -> None:
        """Replace the previews; they are in order, oldest first."""
        if folder == self._folder and list(previews) == self._previews:
            return
        newest = folder != self._folder or self._index >= len(self._previews) - 1
        self._folder, self._previews = folder, list(previews)
        self._go(len(self._previews) - 1 if newest else min(self._index, len(self._previews) - 1))

    def stop(self) -> None:
        """Stop playback if it is a preview that plays."""
        if self._is_playing:
            self._host.preview.stop()

    def _go(self, index: int) -> None:
        self.stop()
        self._index = index
        self._show()

    @property
    def _sound(self) -> Path | None:
        return self._folder / self._previews[self._index][2] if 0 <= self._index < len(self._previews) else None

    @property
    def _is_playing(self) -> bool:
        return self._sound is not None and self._host.preview.playing == self._sound

    def _show(self) -> None:
        exists = 0 <= self._index < len(self._previews)
        self.when.setText(f"after {self._previews[self._index][0]:,} images" if exists else "")
        self.previous.setEnabled(exists and self._index > 0)
        self.next.setEnabled(exists and self._index < len(self._previews) - 1)
        self.play.setEnabled(exists)
        self._show_playing()
        path = self._folder / self._previews[self._index][1] if exists else None
        self._shown = path
        if path is None:
            self.image.show_pixels(None)
            return

        def show(pixels: Pixels | None) -> None:
            if path == self._shown:
                self.image.show_pixels(pixels)

        # A file that is missing leaves an empty image: the next preview comes soon.
        work = lambda *_: read_preview(path, _COLOUR_MAP)  # noqa: E731
        self._host.submit(f"reading {path.name}", work, show, lambda _error: show(None))

    def _toggle(self) -> None:
        path = self._sound
        if path is None:
            return
        if self._is_playing:
            self._host.preview.stop()
            return

        def play(loop: Loop) -> None:
            if path == self._sound and self.isVisible():
                self._host.preview.play(loop, path)

        self._host.background.submit(f"reading {path.name}", lambda *_: read_sound(path, _BPM)[0], play)

    def _show_playing(self) -> None:
        self.play.setText("Stop" if self._is_playing else "Play")
        self.play.set_icon("stop" if self._is_playing else "play")
