"""Create the controls of a patch, either as Max objects or as Live parameters that can be automated and saved."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from scripts.clients.max_file import Patcher, Point, Rect

ACCENT = [0.91, 0.35, 0.05, 1.0]
DARK = [0.16, 0.17, 0.19, 1.0]
DARKER = [0.11, 0.12, 0.13, 1.0]
LIGHT = [0.88, 0.9, 0.92, 1.0]
VALUES = 64
LOW, HIGH = -128.0, 127.0


class Controls(ABC):
    """A factory for the controls of one patcher. Scenes and sets identify a control by its `name`, which is unique."""

    def __init__(self, patcher: Patcher, start: Point) -> None:
        self.patcher = patcher
        self._start = start

    def button(self, name: str, label: str, rect: Rect) -> Point:
        """Add a button that sends a bang."""
        box = self._button(name, label, rect)
        bang = self.patcher.obj("t b")
        self.patcher.wire(box, bang)
        return bang

    @abstractmethod
    def _button(self, name: str, label: str, rect: Rect) -> Point: ...

    @abstractmethod
    def toggle(self, name: str, label: str, rect: Rect) -> Point:
        """Add a toggle that sends 0 or 1."""

    @abstractmethod
    def whole(self, name: str, rect: Rect, span: tuple[int, int], initial: int) -> Point:
        """Add a number box that sends an integer within `span`, both ends included."""

    @abstractmethod
    def level(self, name: str, rect: Rect, initial: float) -> Point:
        """Add a fader that sends a float from 0 to 1."""

    @abstractmethod
    def choice(self, name: str, rect: Rect, items: Sequence[str]) -> Point:
        """Add a menu that sends the index of an item, from 0."""

    @abstractmethod
    def memory(self, name: str) -> Point:
        """Add a store that passes its input on, and sends it again when a scene or a set is recalled."""

    def seed(self, name: str, rect: Rect) -> Point:
        """Add the 64 sliders, which send a list of floats."""
        return self.patcher.ui(
            "multislider",
            rect,
            varname=_scripting(name),
            size=VALUES,
            setminmax=[LOW, HIGH],
            settype=1,
            setstyle=1,
            signed=1,
            contdata=1,
            spacing=1,
            bgcolor=DARKER,
            slidercolor=ACCENT,
            **self._stored(name),
        )

    @abstractmethod
    def label(self, text: str, rect: Rect) -> Point:
        """Add a label; the message "set" replaces its text."""

    def _stored(self, name: str) -> dict[str, Any]:
        return {"parameter_enable": 0}


class MaxControls(Controls):
    """Controls for Max."""

    def label(self, text: str, rect: Rect) -> Point:
        """See `Controls`."""
        return self.patcher.ui("comment", rect, text=text, fontsize=11.0, textcolor=LIGHT)

    def _button(self, name: str, label: str, rect: Rect) -> Point:
        return self.patcher.ui("textbutton", rect, text=label, mode=0, parameter_enable=0, **_look())

    def toggle(self, name: str, label: str, rect: Rect) -> Point:
        """See `Controls`."""
        look = _look() | {"usebgoncolor": 1, "bgoncolor": ACCENT, "textoncolor": DARKER}
        more = {"text": label, "texton": label, "mode": 1, "parameter_enable": 0, "varname": _scripting(name)}
        return self.patcher.ui("textbutton", rect, **more, **look)

    def whole(self, name: str, rect: Rect, span: tuple[int, int], initial: int) -> Point:
        """See `Controls`."""
        more = {"minimum": span[0], "maximum": span[1], "parameter_enable": 0, "varname": _scripting(name)}
        return self._with_initial(self.patcher.ui("number", rect, **more), str(initial))

    def level(self, name: str, rect: Rect, initial: float) -> Point:
        """See `Controls`."""
        more = {"floatoutput": 1, "size": 1.0, "parameter_enable": 0, "varname": _scripting(name)}
        return self._with_initial(self.patcher.ui("slider", rect, **more), str(initial))

    def choice(self, name: str, rect: Rect, items: Sequence[str]) -> Point:
        """See `Controls`."""
        listed: list[str] = [word for item in items for word in (item, ",")][:-1]
        more = {"items": listed, "parameter_enable": 0, "varname": _scripting(name)}
        return self._with_initial(self.patcher.ui("umenu", rect, **more), "0")

    def memory(self, name: str) -> Point:
        """See `Controls`."""
        return self.patcher.obj(f"pattr {_scripting(name)}", varname=_scripting(name))

    def _with_initial(self, box: Point, value: str) -> Point:
        self.patcher.wire(self._start, self.patcher.msg(value), box)
        return box


class LiveControls(Controls):
    """Controls for Max for Live, in the colours of Live's theme. Live sends each its value when a set is loaded."""

    def label(self, text: str, rect: Rect) -> Point:
        """See `Controls`."""
        return self.patcher.ui("live.comment", rect, text=text, textjustification=0)

    def _button(self, name: str, label: str, rect: Rect) -> Point:
        return self._text(name, rect, mode=0, text=label)

    def toggle(self, name: str, label: str, rect: Rect) -> Point:
        """See `Controls`."""
        return self._text(name, rect, mode=1, text=label, texton=label)

    def whole(self, name: str, rect: Rect, span: tuple[int, int], initial: int) -> Point:
        """See `Controls`."""
        limits = {"parameter_type": 0, "parameter_unitstyle": 0, "parameter_mmin": span[0], "parameter_mmax": span[1]}
        if span[1] - span[0] < 256:
            limits["parameter_type"] = 1
        box = self._parameter("live.numbox", name, rect, limits | _initial(initial))
        whole = self.patcher.obj("i")
        self.patcher.wire(box, whole)
        return whole

    def level(self, name: str, rect: Rect, initial: float) -> Point:
        """See `Controls`."""
        limits = {"parameter_type": 0, "parameter_unitstyle": 1, "parameter_mmin": 0.0, "parameter_mmax": 1.0}
        look = {"orientation": 1, "showname": 0, "shownumber": 0}
        return self._parameter("live.slider", name, rect, limits | _initial(initial), **look)

    def choice(self, name: str, rect: Rect, items: Sequence[str]) -> Point:
        """See `Controls`."""
        kind = {"parameter_type": 2, "parameter_enum": list(items), "parameter_mmax": len(items) - 1}
        return self._parameter("live.menu", name, rect, kind | _initial(0))

    def memory(self, name: str) -> Point:
        """See `Controls`."""
        saved = {"parameter_enable": 1, "parameter_mappable": 0}
        text = f"pattr {_scripting(name)} @parameter_enable 1"
        more = {"saved_object_attributes": saved, "saved_attribute_attributes": {"valueof": _blob(name)}}
        return self.patcher.obj(text, varname=_scripting(name), **more)

    def _stored(self, name: str) -> dict[str, Any]:
        return {"parameter_enable": 1, "saved_attribute_attributes": {"valueof": _blob(name)}}

    def _text(self, name: str, rect: Rect, **look: Any) -> Point:
        kind = {"parameter_type": 2, "parameter_enum": ["off", "on"], "parameter_mmax": 1}
        return self._parameter("live.text", name, rect, kind | _initial(0), **look)

    def _parameter(self, kind: str, name: str, rect: Rect, values: dict[str, Any], **look: Any) -> Point:
        values = {"parameter_longname": name, "parameter_shortname": name.split(" ")[-1]} | values
        stored = {
            "parameter_enable": 1,
            "varname": _scripting(name),
            "saved_attribute_attributes": {"valueof": values},
        }
        return self.patcher.ui(kind, rect, **stored, **look)


def _initial(value: float) -> dict[str, Any]:
    return {"parameter_initial_enable": 1, "parameter_initial": [value]}


def _blob(name: str) -> dict[str, Any]:
    """Return the attributes of a parameter that is saved but not automated."""
    return {
        "parameter_longname": name,
        "parameter_shortname": name.split(" ")[-1],
        "parameter_type": 3,
        "parameter_invisible": 1,
    }


def _scripting(name: str) -> str:
    return name.lower().replace(" ", "_")


def _look() -> dict[str, Any]:
    return {"bgcolor": DARK, "textcolor": LIGHT, "fontsize": 11.0, "rounded": 4.0}
