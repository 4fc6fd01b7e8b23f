"""Write Pure Data's file format: boxes in the order of their lines, and connections between their numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

Atom = str | int | float

FONT_SIZE = 12
PANEL = "#e6e9ed"
PAPER = "#fcfcfc"
INK = "#202428"
ACCENT = "#e8590c"


@dataclass(frozen=True, slots=True)
class Port:
    """A box with the inlet and outlet to connect: the first ones, or those chosen by `into` and `out`."""

    canvas: Canvas
    index: int
    inlet: int = 0
    outlet: int = 0

    def into(self, inlet: int) -> Port:
        """Return the same box with another inlet."""
        return replace(self, inlet=inlet)

    def out(self, outlet: int) -> Port:
        """Return the same box with another outlet."""
        return replace(self, outlet=outlet)


@dataclass(eq=False, slots=True)
class Canvas:
    """A patch or subpatch. `width` and `height` are those of its window."""

    width: int = 600
    height: int = 500
    name: str = ""
    face: tuple[int, int] | None = None  # size of the part that the parent patch shows
    _items: list[str] = field(default_factory=list)
    _wires: list[str] = field(default_factory=list)
    _next: tuple[int, int] = (20, 20)

    def obj(self, *atoms: Atom, at: tuple[int, int] | None = None) -> Port:
        """Add an object box with its class and arguments, by default below the previous box."""
        return self._add("#X obj", at, _text(atoms))

    def msg(self, *atoms: Atom, at: tuple[int, int] | None = None) -> Port:
        """Add a message box. A single "," or ";" separates messages."""
        return self._add("#X msg", at, _text(atoms, message=True))

    def text(self, comment: str, at: tuple[int, int]) -> Port:
        """Add a comment."""
        return self._add("#X text", at, _text(comment.split(" ")))

    def number(self, at: tuple[int, int], width: int, low: float, high: float, receive: str, send: str) -> Port:
        """Add a number box, `width` characters wide, within [low, high]."""
        return self._add("#X floatatom", at, _text([width, low, high, 0, "-", receive, send, FONT_SIZE]))

    def word(self, at: tuple[int, int], width: int, receive: str, send: str = "-") -> Port:
        """Add a symbol box, `width` characters wide."""
        return self._add("#X symbolatom", at, _text([width, 0, 0, 0, "-", receive, send, FONT_SIZE]))

    def button(
        self, at: tuple[int, int], size: int, label: str, *, receive: str = "empty", send: str = "empty"
    ) -> Port:
        """Add a bang with its label to the right."""
        return self.obj(
            "bng", size, 150, 30, 0, send, receive, label, size + 5, size // 2, 0, 11, PAPER, ACCENT, INK, at=at
        )

    def toggle(
        self, at: tuple[int, int], size: int, label: str, *, receive: str = "empty", send: str = "empty"
    ) -> Port:
        """Add a toggle with its label to the right."""
        look = (size + 5, size // 2, 0, 11, PAPER, ACCENT, INK)
        return self.obj("tgl", size, 0, send, receive, label, *look, 0, 1, at=at)

    def slider(self, at: tuple[int, int], size: tuple[int, int], span: tuple[float, float], **names: str) -> Port:
        """Add a slider, vertical if it is higher than wide. It starts at 0 or at a higher low end."""
        width, height = size
        kind, length = ("vsl", height) if height > width else ("hsl", width)
        low, high = span
        start = round((max(0.0, low) - low) / (high - low) * (length - 1) * 100)
        look = ("empty", 0, -8, 0, 9, PAPER, ACCENT, INK)
        names = {"send": "empty", "receive": "empty"} | names
        return self.obj(kind, width, height, low, high, 0, 0, names["send"], names["receive"], *look, start, 1, at=at)

    def panel(self, at: tuple[int, int], size: tuple[int, int], label: str, receive: str = "empty") -> Port:
        """Add a coloured background with a heading. Boxes added later are on top."""
        look = (8, 12, 0, 12, PANEL, INK)
        return self.obj("cnv", 12, *size, "empty", receive, label or "empty", *look, 0, at=at)

    def line(self, at: tuple[int, int], size: tuple[int, int], receive: str) -> Port:
        """Add a line of text, set by the message "label"."""
        return self.obj("cnv", 5, *size, "empty", receive, "empty", 4, size[1] // 2, 0, 10, PANEL, INK, 0, at=at)

    def subpatch(self, canvas: Canvas, at: tuple[int, int] | None = None) -> Port:
        """Add a subpatch, embedded in this file."""
        x, y = self._place(at)
        body = canvas._body(head=f"#N canvas 60 60 {canvas.width} {canvas.height} {canvas.name} 0;")
        return self._append(f"{body}\n#X restore {x} {y} pd {canvas.name};")

    def wire(self, *chain: Port) -> None:
        """Connect boxes in a chain, outlet 0 to inlet 0 unless `into` or `out` chooses others."""
        for source, target in pairwise(chain):
            if source.canvas is not self or target.canvas is not self:
                raise ValueError("both ends of a connection must be in the same canvas")
            self._wires.append(f"#X connect {source.index} {source.outlet} {target.index} {target.inlet};")

    def file(self) -> str:
        """Return the text of a .pd file."""
        return self._body(head=f"#N canvas 80 60 {self.width} {self.height} {FONT_SIZE};") + "\n"

    def _body(self, *, head: str) -> str:
        lines = [head, *self._items, *self._wires]
        if self.face:
            width, height = self.face
            lines.append(f"#X coords 0 0 1 1 {width} {height} 2 0 0;")
        return "\n".join(lines)

    def _add(self, kind: str, at: tuple[int, int] | None, text: str) -> Port:
        x, y = self._place(at)
        return self._append(f"{kind} {x} {y} {text};")

    def _append(self, item: str) -> Port:
        self._items.append(item)
        return Port(self, len(self._items) - 1)

    def _place(self, at: tuple[int, int] | None) -> tuple[int, int]:
        place = at or self._next
        self._next = (place[0], place[1] + 28)
        return place


def _text(atoms: Sequence[Atom], *, message: bool = False) -> str:
    return " ".join(_atom(atom, message=message) for atom in atoms)


def _atom(atom: Atom, *, message: bool) -> str:
    if isinstance(atom, float):
        return f"{atom:g}"
    if isinstance(atom, int):
        return str(atom)
    if message and atom in (",", ";"):
        return f"\\{atom}"
    escaped = atom.replace("\\", "\\\\")
    for sign in (" ", ",", ";", "$"):
        escaped = escaped.replace(sign, f"\\{sign}")
    return escaped
