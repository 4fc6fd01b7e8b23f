"""Draw the figures of the documents with the project's own code: `make pictures`."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from app.drawing.colour_maps import colours
from app.drawing.spectrogram_image import compute_levels
from scripts.docs.svg import Drawing, plot
from technogan.arrays import FloatArray
from technogan.engine import Engine
from technogan.formats import SpectrogramFormat
from technogan.network.generator import Generator
from technogan.network.library import find_model
from technogan.phase.integration import _steepest_ascent
from technogan.phase.reconstruction import Method, reconstruct, spectral_convergence
from technogan.seeds.seed import Seed, latents
from technogan.sound.loop import Loop
from technogan.transforms import transform_of
from technogan.transforms.base import Transform
from training.corpus import bar

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "figures"

_SEED = Seed.from_integer(5)
# The samples of this loop are far from zero at the seam.
_SEAM_SEED = Seed.from_integer(22)
# Bars of the corpus that no network was trained on.
_UNSEEN_BARS = range(1_000_000_000, 1_000_000_004)
_ITERATIONS = (0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64)


def draw_road(loop: Loop, image: FloatArray) -> Drawing:
    """Draw the signal path of one seed, from sliders to samples."""
    drawing = Drawing(960, 210)
    top, height = 44, 120
    for i, value in enumerate(_SEED.values):
        x, y = 24 + (i % 16) * 10, top + 15 + (i // 16) * 30
        drawing.box(x, y - max(value, 0) / 9, 8, max(abs(value) / 9, 0.5), fill="accent")
    drawing.picture(250, top, 190, height, _grey(image))
    drawing.picture(506, top, 190, height, _ember(loop.magnitude))
    wave = loop.samples[:: len(loop.samples) // 1500]
    drawing.line(plot(wave, (762, top, 174, height), -1, 1), colour="accent", width=0.7)
    names = ("64 sliders", "the network's image", "magnitudes", "circular samples")
    for x, name in zip((24, 250, 506, 762), names, strict=True):
        drawing.text(x, 30, name, colour="text", size=17)
    for x, name in zip((192, 448, 704), ("network", "power", "phases"), strict=True):
        drawing.line([(x + 4, 104), (x + 46, 104)], colour="quiet", arrow=True)
        drawing.text(x + 24, 94, name, size=14, anchor="middle")
    for x, name in zip(
        (24, 250, 506, 762), ("one seed", "256 x 512, grey", "up to 17 kHz", "65 536, -16 LUFS"), strict=True
    ):
        drawing.text(x, 190, name, size=14)
    return drawing


def draw_seam(loop: Loop) -> Drawing:
    """Draw the samples around the seam of a loop, and of one that is a hop too short, as in the prototype."""
    drawing = Drawing(960, 220)
    reach = 256
    for x, name, samples in (
        (24, "circular: the end continues at the beginning", loop.samples),
        (492, "a hop too short: a jump at every repeat", loop.samples[:-128]),
    ):
        drawing.text(x, 30, name, colour="text", size=17)
        around = np.concatenate([samples[-reach:], samples[:reach]])
        peak = float(np.abs(around).max())
        drawing.box(x, 44, 444, 130, fill="well")
        drawing.line([(x + 222, 44), (x + 222, 174)], colour="caution", dashed=True)
        drawing.line(plot(around, (x, 50, 444, 118), -peak, peak), colour="accent")
        drawing.text(x + 216, 194, "end", size=14, anchor="end")
        drawing.text(x + 228, 194, "beginning", size=14)
    return drawing


def draw_forest(loop: Loop) -> Drawing:
    """Draw a part of a spectrogram and the neighbour that each bin takes its phase from."""
    first, n_frames, n_bins, cell = 250, 42, 16, 20
    part = np.ascontiguousarray(loop.magnitude[first : first + n_frames, :n_bins])
    parent, _ = _steepest_ascent(part, np.zeros(2 * part.size, np.float32))
    left, top = 60, 44
    drawing = Drawing(left + n_frames * cell + 24, top + n_bins * cell + 40)
    drawing.text(
        left, 30, "Each bin takes its phase from its strongest neighbour; dots are peaks", colour="text", size=13
    )
    drawing.picture(left, top, n_frames * cell, n_bins * cell, _ember(part).repeat(cell, 0).repeat(cell, 1))
    place = [(left + (i // n_bins + 0.5) * cell, top + (n_bins - i % n_bins - 0.5) * cell) for i in range(part.size)]
    for i, above in enumerate(parent):
        # Time is circular: a line from the last frame to the first would cross the whole picture.
        if abs(i - int(above)) <= n_bins:
            drawing.line([place[i], place[int(above)]], colour="on_picture", width=0.9)
    for peak in np.flatnonzero(parent == np.arange(part.size)):
        drawing.dot(*place[int(peak)], 4, colour="accent")
    drawing.text(left - 8, top + n_bins * cell, "0 Hz", size=14, anchor="end")
    drawing.text(left - 8, top + 10, f"{n_bins * loop.sample_rate / 512 / 1000:.1f} kHz", size=14, anchor="end")
    drawing.text(left, top + n_bins * cell + 22, f"{n_frames * 128 / loop.sample_rate * 1000:.0f} ms", size=14)
    return drawing


def draw_convergence(spectrogram_format: SpectrogramFormat) -> Drawing:
    """Draw the spectral convergence of four methods against the number of iterations."""
    curves = (
        ("Griffin-Lim, random phases", "quiet", [Method(False, 0, 0, n) for n in _ITERATIONS]),
        ("phases from gradients", "caution", [Method(True, 0, 0, n) for n in _ITERATIONS]),
        ("fast: gradients, separate bass", "accent", [Method(True, 12, 0, n) for n in _ITERATIONS]),
        ("best: with reflections", "good", [Method(True, 60, n, 4) for n in _ITERATIONS]),
    )
    transform = transform_of(spectrogram_format)
    magnitudes = [np.abs(transform.forward(bar.render(number))) for number in _UNSEEN_BARS]
    drawing = Drawing(960, 330)
    area, low, high = (70.0, 44.0, 560.0, 230.0), -28.0, -4.0
    drawing.text(70, 30, "Spectral convergence in dB, four synthetic bars (lower is better)", colour="text", size=17)
    for level in range(int(low), int(high) + 1, 4):
        ((_, y), _) = plot(np.full(2, level, np.float32), area, low, high)
        drawing.line([(area[0], y), (area[0] + area[2], y)], colour="line", width=1)
        drawing.text(62, y + 4, str(level), size=14, anchor="end")
    steps = np.sqrt(np.array(_ITERATIONS) / _ITERATIONS[-1])
    for n, step in zip(_ITERATIONS, steps, strict=True):
        if n in (0, 1, 2, 4, 8, 16, 32, 64):
            drawing.text(area[0] + step * area[2], 292, str(n), size=14, anchor="middle")
    drawing.text(area[0] + area[2] / 2, 314, "iterations", size=14, anchor="middle")
    for i, (name, colour, methods) in enumerate(curves):
        reached = [
            np.mean([_measure_convergence(each, transform, method) for each in magnitudes]) for method in methods
        ]
        points = plot(np.array(reached, np.float32), area, low, high)
        across = [
            (float(area[0] + s * area[2]), min(y, area[1] + area[3])) for s, (_, y) in zip(steps, points, strict=True)
        ]
        drawing.line(across, colour=colour, width=2)
        drawing.dot(652, 60 + 44 * i, 5, colour=colour)
        drawing.text(666, 65 + 44 * i, name, colour="text", size=15)
    return drawing


def draw_packages() -> Drawing:
    """Draw the three packages and the stages of a loop."""
    drawing = Drawing(960, 330)
    for x, y, w, name, what in (
        (40, 24, 400, "app", "the instrument: window, sound, OSC, commands"),
        (520, 24, 400, "training", "from songs to a model: datasets, networks"),
        (280, 146, 400, "technogan", "the core: no Qt, no Keras, no sound card"),
    ):
        drawing.box(x, y, w, 64, fill="raised", line="line", radius=6)
        drawing.text(x + 16, y + 27, name, colour="accent", size=19)
        drawing.text(x + 16, y + 48, what, size=14)
    for start, end in (((240, 88), (400, 144)), ((720, 88), (560, 144))):
        drawing.line([start, end], colour="quiet", arrow=True)
    drawing.text(480, 122, "imports go one way", size=14, anchor="middle")
    stations = ("Seed", "Generator", "image", "magnitude", "phase", "Loop", "WAV, PNG")
    width = 880 / len(stations)
    for i, name in enumerate(stations):
        left = 40 + i * width
        drawing.box(left, 262, width - 28, 36, fill="well", line="line", radius=4)
        drawing.text(left + (width - 28) / 2, 285, name, colour="text", anchor="middle")
        if i < len(stations) - 1:
            drawing.line([(left + width - 26, 280), (left + width - 3, 280)], colour="quiet", arrow=True)
    drawing.line([(480, 210), (480, 256)], colour="line", dashed=True)
    return drawing


def _measure_convergence(magnitude: FloatArray, transform: Transform, method: Method) -> float:
    samples = reconstruct(magnitude, transform, method=method, rng=np.random.default_rng(0))
    return spectral_convergence(samples, magnitude, transform)


def _grey(image: FloatArray) -> npt.NDArray[np.uint8]:
    grey = np.clip(image[::-1] * 127.5 + 127.5, 0, 255).astype(np.uint8)
    return np.repeat(grey[..., np.newaxis], 3, axis=2)


def _ember(magnitude: FloatArray) -> npt.NDArray[np.uint8]:
    """Return the magnitude in the window's colours, low frequencies at the bottom."""
    argb = colours("Ember")[compute_levels(magnitude)[::-1]]
    return np.stack([argb >> shift & 255 for shift in (16, 8, 0)], axis=-1).astype(np.uint8)


def main() -> None:
    """Draw all figures."""
    bundle = find_model("bar")
    engine = Engine(bundle)
    loop = engine.render(_SEED)
    image = Generator(bundle).generate(latents([_SEED], engine.spec.slider_scale))[0]
    drawings = {
        "road": draw_road(loop, image),
        "seam": draw_seam(engine.render(_SEAM_SEED)),
        "forest": draw_forest(loop),
        "convergence": draw_convergence(engine.spec.format),
        "packages": draw_packages(),
    }
    for name, drawing in drawings.items():
        drawing.save(FOLDER / f"{name}.svg")


if __name__ == "__main__":
    main()
