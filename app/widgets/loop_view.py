"""The centre of the window: spectrogram and waveform of the live loop, and the spectrum of the output."""

from PySide6.QtWidgets import QGridLayout

from app.drawing.spectrogram_image import compute_levels
from app.widgets.button import Button
from app.widgets.layout import STRETCH, add_items
from app.widgets.live_spectrum import LiveSpectrum
from app.widgets.panel import Panel, QuietLabel
from app.widgets.spectrogram_view import SpectrogramView
from app.widgets.tokens import GRID, Tokens
from app.widgets.waveform_view import WaveformView
from technogan.sound.loop import Loop

_WAVE_HEIGHT = 64


class LoopView(Panel):
    """The spectrogram above the waveform and next to the live spectrum, with shared axes."""

    def __init__(self, tokens: Tokens) -> None:
        super().__init__(tokens, "Loop")
        self.spectrogram = SpectrogramView(tokens)
        self.waveform = WaveformView(tokens)
        self.spectrum = LiveSpectrum(tokens)
        self.details = QuietLabel(tokens)
        self.busy = QuietLabel(tokens)
        self.axis = Button(
            tokens, "Log", tip="Logarithmic or linear frequency axis", shortcut="F", small=True, flat=True
        )
        self.map = Button(tokens, "Ember", tip="Next colour map", shortcut="C", small=True, flat=True)
        add_items(self.head, 2 * GRID, self.details, STRETCH, self.busy, self.axis, self.map)
        self.waveform.setFixedHeight(_WAVE_HEIGHT)
        grid = QGridLayout()
        grid.setSpacing(GRID)
        grid.addWidget(self.spectrogram, 0, 0)
        grid.addWidget(self.spectrum, 0, 1)
        grid.addWidget(self.waveform, 1, 0)
        grid.setRowStretch(0, 1)
        self.body.addLayout(grid, 1)
        self._nyquist, self._logarithmic = 20000.0, True

    def show_loop(self, loop: Loop) -> None:
        """Show a loop."""
        self._nyquist = loop.sample_rate / 2
        self.spectrogram.show_picture(compute_levels(loop.magnitude), self._nyquist, loop.beats, loop.rows)
        self.waveform.show_samples(loop.samples, loop.beats)
        self.spectrum.set_axis(self._nyquist, logarithmic=self._logarithmic)
        beats = f"{loop.beats} beat{'s' * (loop.beats > 1)}"
        self.details.setText(f"{beats}   {loop.duration:.2f} s   {loop.levels.loudness:.1f} LUFS")

    def set_display(self, colour_map: str, *, logarithmic: bool) -> None:
        """Set the colour map and the frequency axis."""
        self._logarithmic = logarithmic
        self.spectrogram.set_display(colour_map, logarithmic=logarithmic)
        self.spectrum.set_axis(self._nyquist, logarithmic=logarithmic)
        self.axis.setText("Log" if logarithmic else "Linear")
        self.map.setText(colour_map)

    def set_playhead(self, position: float | None) -> None:
        """Move the playhead to 0..1 along the loop; None hides it."""
        self.spectrogram.set_playhead(position)
        self.waveform.set_playhead(position)

    def set_busy(self, busy: bool) -> None:
        """Show that a loop is being rendered."""
        self.busy.setText("rendering" if busy else "")
