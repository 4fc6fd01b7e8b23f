"""Simulate the messages of a Max patch without Max.

Messages are tuples of atoms; a bang is ("bang",). Signals are not computed. Messages to objects with external effects
(`udpsend`, `buffer~`, `phasor~` and so on) are recorded in `sent` by the object's text.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from typing import Any

Message = tuple[Any, ...]
BANG: Message = ("bang",)
_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "==": lambda a, b: int(a == b),
    ">": lambda a, b: int(a > b),
    "maximum": max,
}
_PASSING = {"deferlow", "delay", "pattr", "multislider", "number", "flonum", "slider", "live.slider", "live.numbox"}
_PASSING |= {"textbutton", "live.text", "umenu", "live.menu", "loadbang", "live.thisdevice", "notein", "plugsync~"}


def atom(word: str) -> Any:
    for kind in (int, float):
        try:
            return kind(word)
        except ValueError:
            continue
    return word


class Machine:
    """A running patcher. `lengths_ms` maps file paths to the lengths that buffer~ reads.

    scope: the prefix of its `send` names. backwards: follow the connections of an outlet in reverse order, which must
    not change the result.
    """

    def __init__(
        self, content: dict[str, Any], lengths_ms: dict[str, float], *, scope: str, backwards: bool = False
    ) -> None:
        self.scope = scope
        self.sent: dict[str, list[Message]] = defaultdict(list)
        self._lengths_ms = lengths_ms
        self._step = -1 if backwards else 1
        self._receivers: dict[str, list[_Box]] = defaultdict(list)
        self._buffers: dict[str, float] = {}
        self._named: dict[str, _Box] = {}
        self._starts: list[_Box] = []
        self._boxes: list[_Box] = []
        self._build(content, None)

    def start(self) -> None:
        """Open the patch."""
        for box in self._starts:
            box.give(0, BANG if box.name != "loadmess" else tuple(box.arguments))

    def do(self, varname: str, *message: Any) -> None:
        """Send a value from a control."""
        self._named[varname].give(0, message or BANG)

    def give(self, text: str, *message: Any, outlet: int = 0) -> None:
        """Send a value from the only object with this text."""
        (box,) = [box for box in self._boxes if box.text == text]
        box.give(outlet, message)

    def press(self, label: str, count: int = 0) -> None:
        """Press the button with this label; `count` selects one of several."""
        found = [box for box in self._boxes if box.attributes.get("text") == label and "mode" in box.attributes]
        found[count].give(0, BANG)

    def last(self, inside: str, text: str) -> Message:
        """Return the last message that an object in this subpatcher received."""
        (box,) = [box for box in self._boxes if box.text == text and box.outside and box.outside.varname == inside]
        return box.told[-1]

    def send(self, name: str, message: Message) -> None:
        for box in self._receivers[name][:: self._step]:
            box.give(0, message)

    def read(self, box: _Box, path: str) -> None:
        self._buffers[box.arguments[0]] = self._lengths_ms[path]
        box.give(1, BANG)

    def length_ms(self, buffer: str) -> float:
        return self._buffers[buffer]

    def _build(self, content: dict[str, Any], outside: _Box | None) -> None:
        boxes = {item["box"]["id"]: _Box(self, item["box"], outside) for item in content["boxes"]}
        self._boxes.extend(boxes.values())
        for line in content["lines"][:: self._step]:
            source, target = line["patchline"]["source"], line["patchline"]["destination"]
            boxes[source[0]].wires[source[1]].append((boxes[target[0]], target[1]))
        for box in boxes.values():
            if box.name == "r":
                self._receivers[box.arguments[0]].append(box)
            if box.name in ("loadbang", "loadmess", "live.thisdevice"):
                self._starts.append(box)
            if box.varname:
                self._named[box.varname] = box
            if box.content:
                self._build(box.content, box)
        if outside:
            outside.inner = {box.attributes["index"] - 1: box for box in boxes.values() if box.name == "inlet"}


class _Box:
    def __init__(self, machine: Machine, attributes: dict[str, Any], outside: _Box | None) -> None:
        self.machine, self.attributes, self.outside = machine, attributes, outside
        kind = attributes["maxclass"]
        self.text = attributes.get("text", "") if kind in ("newobj", "message") else kind
        words = (re.split(r"\s@", self.text)[0]).split() or [""]
        self.name = "message" if kind == "message" else words[0]
        self.arguments = [atom(word) for word in words[1:]]
        self.varname, self.content = attributes.get("varname", ""), attributes.get("patcher")
        self.inner: dict[int, _Box] = {}
        self.wires: dict[int, list[tuple[_Box, int]]] = defaultdict(list)
        self.state: list[Any] = list(self.arguments)
        self.told: list[Message] = []

    def give(self, outlet: int, message: Message) -> None:
        for box, inlet in self.wires[outlet]:
            box.take(inlet, message)

    def take(self, inlet: int, message: Message) -> None:
        self.told.append(message)
        handler = getattr(self, "_" + re.sub(r"\W", "_", self.name), None)
        if self.content:
            self.inner[inlet].give(0, message)
        elif self.name in _PASSING:
            self.machine.sent[self.varname or self.text].append(message)
            self.give(0, message)
        elif self.name in _ARITHMETIC:
            self._calculate(inlet, message)
        elif handler:
            handler(inlet, message)
        else:
            self.machine.sent[self.text].append(message)

    def _calculate(self, inlet: int, message: Message) -> None:
        if inlet == 1:
            self.state[0] = message[0]
        else:
            self.give(0, (_ARITHMETIC[self.name](message[0], self.state[0]),))

    def _outlet(self, _: int, message: Message) -> None:
        assert self.outside
        self.outside.give(self.attributes["index"] - 1, message)

    def _s(self, _: int, message: Message) -> None:
        self.machine.send(self.arguments[0], message)

    def _t(self, _: int, message: Message) -> None:
        for outlet in reversed(range(len(self.arguments))):
            kind = self.arguments[outlet]
            self.give(outlet, BANG if kind == "b" else message if kind in ("l", "i", "f") else (kind,))

    def _route(self, _: int, message: Message) -> None:
        if message[0] in self.arguments:
            self.give(self.arguments.index(message[0]), message[1:] or BANG)
        else:
            self.give(len(self.arguments), message)

    def _sel(self, _: int, message: Message) -> None:
        if message[0] in self.arguments:
            self.give(self.arguments.index(message[0]), BANG)
        else:
            self.give(len(self.arguments), message)

    def _gate(self, inlet: int, message: Message) -> None:
        if inlet == 0:
            self.state = [self.arguments[0] if self.arguments else 1, message[0]]
        elif len(self.state) == 2 and self.state[1]:
            self.give(self.state[1] - 1, message)

    def _i(self, inlet: int, message: Message) -> None:
        if message != BANG:
            self.state = [int(message[0])]
        if inlet == 0:
            self.give(0, (self.state[0] if self.state else 0,))

    def _pack(self, inlet: int, message: Message) -> None:
        if message != BANG:
            self.state[inlet : inlet + len(message)] = message
        if inlet == 0:
            self.give(0, tuple(self.state))

    def _pak(self, inlet: int, message: Message) -> None:
        self.state[inlet] = message[0]
        self.give(0, tuple(self.state))

    def _unpack(self, _: int, message: Message) -> None:
        for outlet in reversed(range(min(len(message), len(self.arguments)))):
            self.give(outlet, (message[outlet],))

    def _expr(self, _: int, message: Message) -> None:
        formula = self.text.removeprefix("expr ").replace("||", " or ")
        number = eval(re.sub(r"\$[if](\d)", lambda found: repr(message[int(found[1]) - 1]), formula))
        self.give(0, (number,))

    def _change(self, _: int, message: Message) -> None:
        if self.state != [message[0]]:
            self.state = [message[0]]
            self.give(0, message)

    def _prepend(self, _: int, message: Message) -> None:
        self.give(0, (*self.arguments, *message))

    def _message(self, _: int, message: Message) -> None:
        words = [str(message[int(word[1]) - 1]) if word[0] == "$" else word for word in self.text.split()]
        self.give(0, tuple(atom(word) for word in words))

    def _fromsymbol(self, _: int, message: Message) -> None:
        self.give(0, tuple(atom(word) for word in str(message[0]).split()))

    def _tosymbol(self, _: int, message: Message) -> None:
        self.give(0, (" ".join(map(str, message)),))

    def _metro(self, inlet: int, message: Message) -> None:
        if inlet == 0 and message[0]:
            self.give(0, BANG)

    def _uzi(self, _: int, __: Message) -> None:
        for _times in range(self.arguments[0]):
            self.give(0, BANG)

    def _random(self, _: int, __: Message) -> None:
        self.state.append((self.state[-1] * 13 + 7) % self.arguments[0])
        self.give(0, (self.state[-1],))

    def _buffer_(self, _: int, message: Message) -> None:
        self.machine.sent[self.text].append(message)
        self.machine.read(self, message[1])

    def _info_(self, _: int, __: Message) -> None:
        self.give(6, (self.machine.length_ms(self.arguments[0]),))

    def _zl(self, inlet: int, message: Message) -> None:
        kind, *rest = self.arguments
        kept: Message = self.state[-1] if isinstance(self.state[-1], tuple) else ()
        if inlet == 1:
            self.state.append(message)
        elif kind == "reg":
            if message != BANG:
                self.state.append(message)
                kept = message
            if kept:
                self.give(0, kept)
        elif kind == "join":
            self.give(0, message + kept)
        elif kind == "len":
            self.give(0, (len(message),))
        elif kind == "slice":
            if message[rest[0] :]:
                self.give(1, message[rest[0] :])
            self.give(0, message[: rest[0]])
        elif kind == "nth":
            self.give(0, (message[rest[0] - 1],))
        elif kind == "group":
            kept += message
            self.state.append(kept if len(kept) < rest[0] else ())
            if len(kept) == rest[0]:
                self.give(0, kept)
