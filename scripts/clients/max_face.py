"""Build what both Max patches share: the controls and their connections."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

from scripts.clients import max_logic as logic
from scripts.clients.max_controls import Controls
from scripts.clients.max_file import Patcher, Point, Rect
from scripts.clients.max_slot import slot as slot_patch
from technogan.osc.ports import DEFAULT_PORT

_MAX_STEPS = 1024


@dataclass(frozen=True, slots=True)
class Places(ABC):
    """The positions of the controls that both patches have."""

    seed: Rect
    random: Rect
    zero: Rect
    renew: Rect
    morph: dict[str, Rect]
    fade: Rect
    pingpong: Rect
    bridge: dict[str, Rect]
    lamp: Rect
    model: Rect
    message: Rect
    master: Rect

    @abstractmethod
    def slot(self, number: int) -> dict[str, Rect]:
        """Return the positions of a slot's controls by name."""


# Adds the bridge to a patch, given its controls, their positions, the start bang and the scope.
Bridge = Callable[[Patcher, Controls, dict[str, Rect], Point, str], Point]


def build(patch: Patcher, controls: Controls, places: Places, start: Point, scope: str, make_bridge: Bridge) -> Point:
    """Build everything but the audio output. Return the master."""
    patch.column(20.0, 760.0)
    _seed(patch, controls, places, start, scope)
    _morph(patch, controls, places, scope)
    patch.column(520.0, 760.0)
    bridge = make_bridge(patch, controls, places.bridge, start, scope)
    patch.wire(bridge, controls.label("", places.message))
    patch.wire(bridge.out(1), controls.label("", places.model))
    patch.wire(bridge.out(2), patch.ui("button", places.lamp, parameter_enable=0))

    patch.column(1100.0, 420.0)
    patch.subpatcher("solos", logic.solos(scope))
    master = patch.subpatcher("master", logic.master())
    patch.wire(controls.level("Master", places.master, 0.8), master.into(1))
    for number in range(logic.SLOTS):
        patch.column(20.0 + 280.0 * number, 1200.0)
        patch.wire(_slot(patch, controls, places.slot(number), scope, number + 1), master)
    return master


def network(reply_port: int) -> Bridge:
    """Return a bridge to `technogan serve`, which answers to this port."""

    def make(patch: Patcher, controls: Controls, rects: dict[str, Rect], start: Point, scope: str) -> Point:
        bridge = patch.subpatcher("bridge", logic.bridge(scope, reply_port))
        patch.wire(start, bridge)
        patch.wire(controls.whole("Port", rects["port"], (1, 65535), DEFAULT_PORT), bridge.into(1))
        patch.wire(controls.whole("Reply Port", rects["reply"], (1, 65535), reply_port), bridge.into(2))
        patch.wire(controls.choice("Dialect", rects["dialect"], ("/cc", "/gg")), bridge.into(3))
        return bridge

    return make


def _seed(patch: Patcher, controls: Controls, places: Places, start: Point, scope: str) -> None:
    sliders = controls.seed("Seed", places.seed)
    patch.wire(sliders, patch.obj(f"s {scope}seed"))
    patch.wire(start, patch.obj("delay 200"), sliders)
    patch.wire(patch.obj(f"r {scope}set-seed"), sliders)
    patch.wire(
        controls.button("Random", "random", places.random), patch.subpatcher("random", logic.random_seed()), sliders
    )
    patch.wire(controls.button("Zero", "zero", places.zero), patch.msg("0"), sliders)
    patch.wire(controls.button("Renew", "renew", places.renew), patch.obj(f"s {scope}renew"))


def _morph(patch: Patcher, controls: Controls, places: Places, scope: str) -> None:
    patch.column(280.0, 760.0)
    morph = patch.subpatcher("morph", logic.morph(scope))
    patch.wire(controls.button("Fade", "fade", places.fade), morph)
    patch.wire(controls.button("Pingpong", "pingpong", places.pingpong), morph.into(1))
    spans = {
        "a": (0, logic.SLOTS, 1),
        "b": (0, logic.SLOTS, 2),
        "steps": (1, _MAX_STEPS, 4),
        "into": (1, logic.SLOTS, 3),
    }
    for inlet, (name, (low, high, initial)) in enumerate(spans.items(), 2):
        control = controls.whole(f"Morph {name.title()}", places.morph[name], (low, high), initial)
        patch.wire(control, morph.into(inlet))


def _slot(patch: Patcher, controls: Controls, rects: dict[str, Rect], scope: str, number: int) -> Point:
    controls.label(str(number), rects["label"])
    name = f"Slot {number}"
    slot = patch.subpatcher(f"slot-{number}", slot_patch(scope, number))
    patch.wire(controls.button(f"{name} Generate", "generate", rects["generate"]), slot)
    patch.wire(controls.button(f"{name} Recall", "recall", rects["recall"]), slot.into(3))
    patch.wire(controls.level(f"{name} Level", rects["level"], 0.8), slot.into(4))
    patch.wire(controls.toggle(f"{name} Mute", "mute", rects["mute"]), slot.into(5))
    patch.wire(controls.toggle(f"{name} Solo", "solo", rects["solo"]), slot.into(6))
    # The memories loop back, so that a recalled scene or set takes the same path as an answer of the bridge.
    for outlet, what in ((1, "File"), (2, "Values")):
        memory = controls.memory(f"{name} {what}")
        patch.wire(slot.out(outlet), memory, slot.into(outlet))
    return slot
