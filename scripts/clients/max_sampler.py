"""Build the sampler device for Live."""

from scripts.clients import max_node
from scripts.clients.max_controls import LiveControls
from scripts.clients.max_face import Places, build, network
from scripts.clients.max_file import Patcher, Rect
from technogan.osc.ports import DEFAULT_REPLY_PORT

NAME, NODE_NAME = "TechnoGAN Sampler", "TechnoGAN Node Sampler"
_SIZE = (910.0, 169.0)
_NETWORK_ROWS = {"port": 20.0, "reply": 42.0, "dialect": 64.0}
_WORDS = {"reply": "replies"}


class _Layout(Places):
    def slot(self, number: int) -> dict[str, Rect]:
        x = 270.0 + 52.0 * number
        rows = {"label": (2, 16), "generate": (20, 20), "recall": (44, 18), "mute": (66, 18), "solo": (88, 18)}
        return {name: (x, y, 48.0, height) for name, (y, height) in (rows | {"level": (112, 20)}).items()}


def sampler(*, node: bool = False) -> Patcher:
    """Return the patch of the device: slots follow Live's transport, and notes can gate them.

    Args:
        node: Render loops in a node.script instead of `technogan serve`.
    """
    width, height = _SIZE
    attributes = {"openrect": [0.0, 0.0, width, height], "devicewidth": width}
    patch = Patcher((1400.0, 900.0), presentation=True, y=200.0, attributes=attributes)
    start = patch.obj("live.thisdevice")
    controls = LiveControls(patch, start)
    rows = {"a": 20.0, "b": 42.0, "steps": 64.0, "into": 86.0}
    places = _Layout(
        seed=(6, 20, 256, 112),
        random=(6, 138, 58, 20),
        zero=(68, 138, 44, 20),
        renew=(116, 138, 58, 20),
        morph={name: (734, y, 50, 16) for name, y in rows.items()},
        fade=(694, 110, 40, 20),
        pingpong=(738, 110, 52, 20),
        bridge=_node_places() if node else {name: (846, y, 56, 16) for name, y in _NETWORK_ROWS.items()},
        lamp=(886, 2, 16, 16),
        model=(798, 112, 104, 16),
        message=(270, 140, 632, 18),
        master=(846, 86, 56, 20),
    )
    for text, rect in {
        "seed": (6, 2, 60, 16),
        "morph": (694, 2, 60, 16),
        "node" if node else "bridge": (798, 2, 60, 16),
        **({} if node else {_WORDS.get(name, name): (798, y, 46, 16) for name, y in _NETWORK_ROWS.items()}),
        "master": (798, 88, 46, 16),
        **{name: (694, y, 38, 16) for name, y in rows.items()},
    }.items():
        controls.label(text, rect)
    sound = build(patch, controls, places, start, "---", max_node.bridge if node else network(DEFAULT_REPLY_PORT))
    patch.column(1100.0, 560.0)
    out = patch.obj("plugout~ 1 2")
    patch.wire(sound, out)
    patch.wire(sound, out.into(1))
    patch.wire(patch.obj("plugsync~"), sound.into(2))
    patch.wire(controls.toggle("Notes", "notes", (178, 138, 84, 20)), patch.obj("s ---notes"))
    note = patch.obj("notein")
    pair = patch.obj("pack 0 0")
    patch.wire(note, pair, patch.obj("s ---note"))
    patch.wire(note.out(1), pair.into(1))
    patch.attributes["parameters"] = _parameters(patch)
    return patch


def _node_places() -> dict[str, Rect]:
    return {"model": (798, 20, 104, 18), "install": (798, 42, 50, 18), "start": (852, 42, 50, 18)}


def _parameters(patch: Patcher) -> dict[str, object]:
    """Return the list of a device's parameters by box."""
    attributes = {box["id"]: box["saved_attribute_attributes"]["valueof"] for box in patch.boxes if _has_parameter(box)}
    return {name: [each["parameter_longname"], each["parameter_shortname"], 0] for name, each in attributes.items()}


def _has_parameter(box: dict[str, object]) -> bool:
    return "saved_attribute_attributes" in box
