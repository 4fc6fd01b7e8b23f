"""Draw text and save pictures for people."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from technogan.atomic import open_atomically

if TYPE_CHECKING:
    from PIL import Image
    from PIL.ImageDraw import ImageDraw

BACKGROUND, TEXT = (18, 20, 24), (208, 212, 218)
FONT_SIZE = 14


def draw_text(draw: ImageDraw, place: tuple[float, float], text: str, anchor: str, size: int = FONT_SIZE) -> None:
    """Draw a line of text at a place; `anchor` is one of Pillow's text anchors."""
    from PIL import ImageFont

    draw.text(place, text, fill=TEXT, font=ImageFont.load_default(size), anchor=anchor)


def save_picture(path: Path, picture: Image.Image) -> None:
    """Write a picture as PNG, atomically. Raises OutputError."""
    with open_atomically(path) as file:
        picture.save(file, "png")
