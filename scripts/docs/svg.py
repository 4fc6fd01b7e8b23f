"""Draw SVG figures in the colours of the instrument."""

import base64
import io
from collections.abc import Sequence
from html import escape
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from app.widgets.tokens import DARK

Points = Sequence[tuple[float, float]]


class Drawing:
    """A drawing of width x height pixels. Later shapes cover earlier ones. Colours are names of tokens."""

    def __init__(self, width: float, height: float) -> None:
        self._size = (width, height)
        self._parts: list[str] = []
        self.box(0, 0, width, height, fill="panel", line="line", radius=6)

    def box(
        self, x: float, y: float, width: float, height: float, *, fill: str, line: str = "", radius: float = 0
    ) -> None:
        """Add a rectangle."""
        stroke = f' stroke="{_colour(line)}"' if line else ""
        place = f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="{radius:g}"'
        self._parts.append(f'<rect {place} fill="{_colour(fill)}"{stroke}/>')

    def line(
        self, points: Points, *, colour: str, width: float = 1.2, dashed: bool = False, arrow: bool = False
    ) -> None:
        """Add a line through these points."""
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        more = ' stroke-dasharray="4 4"' * dashed + ' marker-end="url(#arrow)"' * arrow
        self._parts.append(
            f'<polyline points="{path}" fill="none" stroke="{_colour(colour)}" stroke-width="{width:g}"'
            f' stroke-linejoin="round"{more}/>'
        )

    def dot(self, x: float, y: float, radius: float, *, colour: str) -> None:
        """Add a filled circle."""
        self._parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}" fill="{_colour(colour)}"/>')

    def text(
        self, x: float, y: float, words: str, *, colour: str = "quiet", size: float = 15, anchor: str = "start"
    ) -> None:
        """Add one line of text; y is the baseline. anchor: start, middle or end."""
        self._parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" fill="{_colour(colour)}" font-size="{size:g}" text-anchor="{anchor}">'
            f"{escape(words)}</text>"
        )

    def picture(self, x: float, y: float, width: float, height: float, pixels: npt.NDArray[np.uint8]) -> None:
        """Add an image. pixels: uint8 (rows, columns, 3), the first row at the top."""
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, "WEBP", quality=85, method=6)
        data = base64.b64encode(file.getvalue()).decode()
        place = f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'
        self._parts.append(f'<image {place} preserveAspectRatio="none" href="data:image/webp;base64,{data}"/>')

    def save(self, path: Path) -> None:
        """Write the drawing to a file."""
        width, height = self._size
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
            f'height="{height:g}" font-family="Inter, Segoe UI, Helvetica, Arial, sans-serif">'
        )
        arrow = (
            '<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
            f'orient="auto"><path d="M0 0 8 4 0 8z" fill="{_colour("quiet")}"/></marker></defs>'
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join([head, arrow, *self._parts, "</svg>", ""]), encoding="utf-8")


def plot(values: npt.NDArray[np.float32], area: tuple[float, float, float, float], low: float, high: float) -> Points:
    """Return the points of a curve within area (x, y, width, height); `high` is at its top."""
    x, y, width, height = area
    across = np.linspace(x, x + width, len(values))
    return [(float(a), float(y + height * (high - v) / (high - low))) for a, v in zip(across, values, strict=True)]


def _colour(name: str) -> str:
    return str(getattr(DARK, name))
