"""Pictures for people: the drift of a track, and spectrograms one above the other."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from technogan.arrays import GreyArray
from technogan.atomic import written_whole
from training.tempo import Tempo
from training.tempo.analysis import EXACT_MS
from training.tempo.tracking import known

if TYPE_CHECKING:
    from PIL import Image
    from PIL.ImageDraw import ImageDraw

_SIZE = (1200, 480)
_MARGIN = (78, 56, 24, 52)  # left, top, right, bottom
_GROUND, _LINE, _TEXT = (18, 20, 24), (58, 62, 70), (208, 212, 218)
_SURE, _BRIDGED, _WITHIN = (96, 200, 255), (92, 98, 108), (28, 44, 40)
_BIG, _SMALL = 20, 14


def draw_drift(path: Path, tempo: Tempo) -> None:
    """Write a PNG of how far each beat lies from the nearest constant grid along a track. Raises OutputError."""
    from PIL import Image, ImageDraw

    picture = Image.new("RGB", _SIZE, _GROUND)
    draw = ImageDraw.Draw(picture)
    left, top, right, bottom = _MARGIN[0], _MARGIN[1], _SIZE[0] - _MARGIN[2], _SIZE[1] - _MARGIN[3]
    sure = known(tempo.fits)
    reach = max(2 * EXACT_MS, 1.15 * float(np.abs(tempo.deviations[sure]).max()))

    def x(seconds: float) -> float:
        return left + (right - left) * seconds / tempo.duration

    def y(ms: float) -> float:
        return (top + bottom) / 2 - (bottom - top) / 2 * float(np.clip(ms / reach, -1, 1))

    draw.rectangle((left, y(EXACT_MS), right, y(-EXACT_MS)), fill=_WITHIN)
    for ms in _ticks(-reach, reach, 7):
        draw.line((left, y(ms), right, y(ms)), fill=_LINE)
        _write(draw, (left - 10, y(ms)), f"{ms:+g}" if ms else "0", "rm")
    for seconds in _ticks(0, tempo.duration, 10):
        draw.line((x(seconds), bottom, x(seconds), bottom + 5), fill=_LINE)
        _write(draw, (x(seconds), bottom + 9), f"{int(seconds) // 60}:{int(seconds) % 60:02d}", "mt")
    for seconds, ms, certain in zip(tempo.course.times, tempo.deviations, sure, strict=True):
        draw.circle((x(seconds), y(ms)), 1.8, fill=_SURE if certain else _BRIDGED)
    _write(draw, (left, 18), f"{tempo.path.name[:60]}   {tempo.grid.bpm:.3f} BPM   {tempo.verdict}", "lt", _BIG)
    drift = tempo.drift
    figures = f"median {drift.median:.1f}   95 % {drift.p95:.1f}   worst {drift.worst:.1f} ms   "
    _write(draw, (right, 22), figures + f"trend {drift.trend:+.3f} BPM a minute", "rt")
    _write(draw, (left, _SIZE[1] - 8), "ms behind the grid, by minutes", "lb")
    _save(path, picture)


def draw_images(path: Path, images: list[GreyArray], titles: list[str]) -> None:
    """Write images one above the other, low frequencies at the bottom, as one PNG. Raises OutputError."""
    from PIL import Image, ImageDraw

    height, width = images[0].shape
    bar = _SMALL + 12
    picture = Image.new("RGB", (width, len(images) * (height + bar)), _GROUND)
    draw = ImageDraw.Draw(picture)
    for i, (image, title) in enumerate(zip(images, titles, strict=True)):
        _write(draw, (6, i * (height + bar) + bar / 2), title, "lm")
        picture.paste(Image.fromarray(image[::-1]), (0, i * (height + bar) + bar))
    _save(path, picture)


def _write(draw: ImageDraw, place: tuple[float, float], text: str, anchor: str, size: int = _SMALL) -> None:
    from PIL import ImageFont

    draw.text(place, text, fill=_TEXT, font=ImageFont.load_default(size), anchor=anchor)


def _save(path: Path, picture: Image.Image) -> None:
    with written_whole(path) as file:
        picture.save(file, "png")


def _ticks(low: float, high: float, most: int) -> list[float]:
    """Round numbers between two, at most about so many."""
    raw = (high - low) / most
    power = 10.0 ** np.floor(np.log10(raw))
    step = next(float(f * power) for f in (1, 2, 5, 10) if f * power >= raw)
    return [round(i * step, 6) for i in range(int(np.ceil(low / step)), int(np.floor(high / step)) + 1)]
