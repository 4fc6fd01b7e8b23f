"""Write Max file formats: a patcher as JSON, and the container of a Live device."""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from scripts.clients.max_objects import Ports, ports

Rect = tuple[float, float, float, float]

_VERSION = {"major": 8, "minor": 5, "revision": 5, "architecture": "x64", "modernui": 1}
_LINE = 26.0
_WIDTH = 200
INSTRUMENT = b"iiii"


@dataclass(frozen=True, slots=True)
class Point:
    """A box with the inlet and outlet to connect: the first ones, or those chosen by `into` and `out`."""

    patcher: Patcher
    name: str
    inlet: int = 0
    outlet: int = 0

    def into(self, inlet: int) -> Point:
        """Return the same box with another inlet."""
        return replace(self, inlet=inlet)

    def out(self, outlet: int) -> Point:
        """Return the same box with another outlet."""
        return replace(self, outlet=outlet)


@dataclass(eq=False, slots=True)
class Patcher:
    """A patcher or subpatcher. Boxes are placed below each other from (`x`, `y`); `column` starts a new column."""

    size: tuple[float, float] = (900.0, 640.0)
    presentation: bool = False
    x: float = 20.0
    y: float = 20.0
    attributes: dict[str, Any] = field(default_factory=dict)
    boxes: list[dict[str, Any]] = field(default_factory=list)
    lines: list[dict[str, Any]] = field(default_factory=list)

    def column(self, x: float, y: float = 20.0) -> None:
        """Start a new column of boxes here."""
        self.x, self.y = x, y

    def obj(self, text: str, **attributes: Any) -> Point:
        """Add an object box with its class and arguments."""
        width = max(32.0, 7.0 * len(text) + 14.0)
        return self._add("newobj", ports(text), (width, 22.0), None, {"text": text} | attributes)

    def msg(self, text: str) -> Point:
        """Add a message box."""
        width = min(300.0, max(32.0, 7.0 * len(text) + 14.0))
        return self._add("message", ports("message"), (width, 22.0), None, {"text": text})

    def ui(self, kind: str, rect: Rect | None = None, **attributes: Any) -> Point:
        """Add a user interface box. `rect` is its place in the presentation; without one it is hidden there."""
        size = (rect[2], rect[3]) if rect else (60.0, 22.0)
        return self._add(kind, ports(kind), size, rect, attributes)

    def subpatcher(self, name: str, patcher: Patcher) -> Point:
        """Add a subpatcher, embedded in this file."""
        inlets = sum(box["maxclass"] == "inlet" for box in patcher.boxes)
        outlets = sorted((box["index"], box["signal"]) for box in patcher.boxes if box["maxclass"] == "outlet")
        shape = Ports("~" * inlets, "".join("~" if signal else "." for _, signal in outlets))
        content = {"text": f"p {name}", "varname": f"p_{name}", "patcher": patcher.content()}
        return self._add("newobj", shape, (7.0 * len(name) + 30.0, 22.0), None, content)

    def inlet(self, index: int, comment: str) -> Point:
        """Add inlet `index` (from 0) of this subpatcher. Max numbers inlets from left to right."""
        self.column(20.0 + 110.0 * index)
        return self.ui("inlet", index=index + 1, comment=comment)

    def outlet(self, index: int, comment: str, *, signal: bool = False) -> Point:
        """Add outlet `index` (from 0) of this subpatcher."""
        self.column(20.0 + 110.0 * index, self.size[1] - 40.0)
        return self.ui("outlet", index=index + 1, comment=comment, signal=signal)

    def wire(self, *chain: Point) -> None:
        """Connect boxes in a chain, outlet 0 to inlet 0 unless `into` or `out` chooses others."""
        for source, target in pairwise(chain):
            if source.patcher is not self or target.patcher is not self:
                raise ValueError("both ends of a connection must be in the same patcher")
            line = {"source": [source.name, source.outlet], "destination": [target.name, target.inlet]}
            self.lines.append({"patchline": line})

    def content(self) -> dict[str, Any]:
        """Return the value of "patcher" in a file."""
        boxes = [{"box": {name: value for name, value in box.items() if name != "signal"}} for box in self.boxes]
        return {
            "fileversion": 1,
            "appversion": _VERSION,
            "classnamespace": "box",
            "rect": [80.0, 80.0, *self.size],
            "openinpresentation": int(self.presentation),
            "default_fontsize": 12.0,
            "default_fontname": "Arial",
            "gridsize": [8.0, 8.0],
            **self.attributes,
            "boxes": boxes,
            "lines": self.lines,
        }

    def file(self) -> str:
        """Return the text of a .maxpat file."""
        return _format_json({"patcher": self.content()}, "") + "\n"

    def device(self, kind: bytes) -> bytes:
        """Return the content of an unfrozen .amxd file.

        It consists of chunks (name, little-endian length, content): the kind of device, a word that is 0 for the user's
        own devices, and the zero-terminated patcher. Live's templates and Ableton's maxdevtools use the same format.
        """
        content = {"patcher": self.content() | {"project": _project(kind)}}
        text = (_format_json(content, "") + "\n\0").encode()
        return _chunk(b"ampf", kind) + _chunk(b"meta", bytes(4)) + _chunk(b"ptch", text)

    def _add(
        self, kind: str, shape: Ports, size: tuple[float, float], rect: Rect | None, more: dict[str, Any]
    ) -> Point:
        name = f"obj-{len(self.boxes) + 1}"
        box: dict[str, Any] = {"id": name, "maxclass": kind}
        box |= {"numinlets": len(shape.inlets), "numoutlets": len(shape.outlets)}
        if shape.outlets:
            box["outlettype"] = shape.outlet_types
        while any(_overlap((self.x, self.y, *size), other["patching_rect"]) for other in self.boxes):
            self.y += _LINE
        box["patching_rect"] = [self.x, self.y, *size]
        if rect:
            box |= {"presentation": 1, "presentation_rect": [float(value) for value in rect]}
        self.y += size[1] + _LINE - 22.0
        self.boxes.append(box | more)
        return Point(self, name)


def _project(kind: bytes) -> dict[str, Any]:
    """Return the project record; Max reports a device without one as broken."""
    return {
        "version": 1,
        "creationdate": 3590052786,
        "modificationdate": 3590052786,
        "viewrect": [0.0, 0.0, 300.0, 500.0],
        "autoorganize": 1,
        "hideprojectwindow": 1,
        "showdependencies": 1,
        "autolocalize": 0,
        "contents": {"patchers": {}},
        "layout": {},
        "searchpath": {},
        "detailsvisible": 0,
        "amxdtype": int.from_bytes(kind, "big"),
        "readonly": 0,
        "devpathtype": 0,
        "devpath": ".",
        "sortmode": 0,
        "viewmode": 0,
    }


def _overlap(one: Rect, other: Sequence[float]) -> bool:
    return all(one[n] < other[n] + other[n + 2] and other[n] < one[n] + one[n + 2] for n in range(2))


def _format_json(value: Any, indent: str) -> str:
    """Return JSON with one box or connection per line."""
    line = json.dumps(value)
    if len(line) < _WIDTH or not value or not isinstance(value, dict | list):
        return line
    deeper = indent + " "
    if isinstance(value, dict):
        inner = [f"{json.dumps(name)}: {_format_json(item, deeper)}" for name, item in value.items()]
    else:
        inner = [_format_json(item, deeper) for item in value]
    first, last = "{}" if isinstance(value, dict) else "[]"
    return f"{first}\n{deeper}" + f",\n{deeper}".join(inner) + f"\n{indent}{last}"


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content
