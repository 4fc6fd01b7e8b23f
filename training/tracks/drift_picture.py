"""Draw the drift of a track."""

from pathlib import Path

import numpy as np

from training.drawing import BACKGROUND, draw_text, save_picture
from training.tempo import Tempo
from training.tempo.analysis import EXACT_MS
from training.tempo.tracking import is_reliable

_SIZE = (1200, 480)
_MARGIN = (78, 56, 24, 52)  # left, top, right, bottom
_LINE, _RELIABLE, _INTERPOLATED, _EXACT = (58, 62, 70), (96, 200, 255), (92, 98, 108), (28, 44, 40)
_TITLE_SIZE = 20


def draw_drift(path: Path, tempo: Tempo) -> None:
    """Write a PNG of the deviation of each beat from the nearest constant grid. Raises OutputError."""
    from PIL import Image, ImageDraw

    picture = Image.new("RGB", _SIZE, BACKGROUND)
    draw = ImageDraw.Draw(picture)
    left, top, right, bottom = _MARGIN[0], _MARGIN[1], _SIZE[0] - _MARGIN[2], _SIZE[1] - _MARGIN[3]
    reliable = is_reliable(tempo.fits)
    reach = max(2 * EXACT_MS, 1.15 * float(np.abs(tempo.deviations[reliable]).max()))

    def x(seconds: float) -> float:
        return left + (right - left) * seconds / tempo.duration

    def y(ms: float) -> float:
        return (top + bottom) / 2 - (bottom - top) / 2 * float(np.clip(ms / reach, -1, 1))

    draw.rectangle((left, y(EXACT_MS), right, y(-EXACT_MS)), fill=_EXACT)
    for ms in _ticks(-reach, reach, 7):
        draw.line((left, y(ms), right, y(ms)), fill=_LINE)
        draw_text(draw, (left - 10, y(ms)), f"{ms:+g}" if ms else "0", "rm")
    for seconds in _ticks(0, tempo.duration, 10):
        draw.line((x(seconds), bottom, x(seconds), bottom + 5), fill=_LINE)
        draw_text(draw, (x(seconds), bottom + 9), f"{int(seconds) // 60}:{int(seconds) % 60:02d}", "mt")
    for seconds, ms, certain in zip(tempo.beat_map.times, tempo.deviations, reliable, strict=True):
        draw.circle((x(seconds), y(ms)), 1.8, fill=_RELIABLE if certain else _INTERPOLATED)
    title = f"{tempo.path.name[:60]}   {tempo.grid.bpm:.3f} BPM   {tempo.verdict}"
    draw_text(draw, (left, 18), title, "lt", _TITLE_SIZE)
    drift = tempo.drift
    figures = f"median {drift.median:.1f}   95 % {drift.p95:.1f}   worst {drift.worst:.1f} ms   "
    draw_text(draw, (right, 22), figures + f"trend {drift.trend:+.3f} BPM per minute", "rt")
    draw_text(draw, (left, _SIZE[1] - 8), "delay against the grid in ms, over time in minutes", "lb")
    save_picture(path, picture)


def _ticks(low: float, high: float, most: int) -> list[float]:
    """Return about `most` round numbers between two."""
    raw = (high - low) / most
    power = 10.0 ** np.floor(np.log10(raw))
    step = next(float(f * power) for f in (1, 2, 5, 10) if f * power >= raw)
    return [round(i * step, 6) for i in range(int(np.ceil(low / step)), int(np.floor(high / step)) + 1)]
