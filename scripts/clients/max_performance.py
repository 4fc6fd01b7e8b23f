"""Build the performance patch for Max, with its own transport and scenes."""

from scripts.clients import max_node
from scripts.clients.max_controls import DARKER, LIGHT, MaxControls
from scripts.clients.max_face import Places, build, network
from scripts.clients.max_file import Patcher, Point, Rect

NAME, NODE_NAME = "TechnoGAN Performance", "TechnoGAN Node Performance"
# Differs from the sampler and the Pure Data patch, so that all can be open at once.
_REPLY_PORT = 10121
_SCOPE, NODE_SCOPE = "technogan-", "technogan-node-"
_NETWORK_PLACES: dict[str, Rect] = {
    "port": (956, 40, 64, 22),
    "reply": (956, 68, 64, 22),
    "dialect": (956, 96, 64, 22),
}
_NODE_PLACES: dict[str, Rect] = {
    "model": (898, 40, 122, 24),
    "install": (898, 72, 58, 24),
    "start": (962, 72, 58, 24),
}
_PANEL = [0.19, 0.2, 0.22, 1.0]


class _Layout(Places):
    def slot(self, number: int) -> dict[str, Rect]:
        x = 28.0 + 143.0 * number
        return {
            "label": (x, 288.0, 60.0, 20.0),
            "generate": (x, 312.0, 80.0, 30.0),
            "recall": (x, 350.0, 80.0, 24.0),
            "mute": (x, 382.0, 80.0, 24.0),
            "solo": (x, 414.0, 80.0, 24.0),
            "level": (x + 90.0, 312.0, 26.0, 126.0),
        }


def performance(*, node: bool = False) -> Patcher:
    """Return a patch with Max's own transport and scenes that recall everything.

    Args:
        node: Render loops in a node.script instead of `technogan serve`.
    """
    scope = NODE_SCOPE if node else _SCOPE
    dark = {"locked_bgcolor": DARKER, "editing_bgcolor": DARKER}
    patch = Patcher((1180.0, 508.0), presentation=True, y=700.0, attributes=dark)
    start = patch.obj("loadbang")
    controls = MaxControls(patch, start)
    _panels(controls, node=node)
    columns = {"a": 596.0, "b": 664.0, "steps": 732.0, "into": 800.0}
    places = _Layout(
        seed=(24, 44, 536, 176),
        random=(24, 228, 90, 24),
        zero=(122, 228, 70, 24),
        renew=(200, 228, 120, 24),
        morph={name: (x, 192, 60, 22) for name, x in columns.items()},
        fade=(596, 224, 128, 28),
        pingpong=(732, 224, 128, 28),
        bridge=_NODE_PLACES if node else _NETWORK_PLACES,
        lamp=(1136, 16, 20, 20),
        model=(1030, 40, 128, 20),
        message=(24, 466, 1132, 22),
        master=(956, 228, 200, 20),
    )
    for name, x in columns.items():
        controls.label(name, (x, 173, 60, 17))
    sound = build(patch, controls, places, start, scope, max_node.bridge if node else network(_REPLY_PORT))
    _transport(patch, controls, sound, scope)
    _scenes(patch, controls, f"{scope}scenes")
    return patch


def _panels(controls: MaxControls, *, node: bool) -> None:
    panels: dict[str, Rect] = {
        "seed": (12, 12, 560, 252),
        "scenes": (584, 12, 290, 128),
        "morph": (584, 148, 290, 116),
        "bridge": (886, 12, 282, 128),
        "transport": (886, 148, 282, 116),
        "slots": (12, 272, 1156, 180),
        "message": (12, 460, 1156, 34),
    }
    for name, rect in panels.items():
        controls.patcher.ui("panel", rect, background=1, bgcolor=_PANEL, border=0, rounded=6)
        if name not in ("slots", "message"):
            controls.label("node" if node and name == "bridge" else name, (rect[0] + 8, rect[1] + 4, 80, 20))
    network_words: dict[str, Rect] = {
        "port": (898, 42, 56, 18),
        "replies to": (898, 70, 58, 18),
        "dialect": (898, 98, 56, 18),
    }
    words: dict[str, Rect] = ({} if node else network_words) | {
        "master": (898, 228, 56, 18),
        "bpm": (1096, 182, 40, 18),
    }
    for text, rect in words.items():
        controls.label(text, rect)


def _transport(patch: Patcher, controls: MaxControls, sound: Point, scope: str) -> None:
    patch.column(1100.0, 560.0)
    play = controls.toggle("Play", "play", (956, 176, 60, 30))
    transport = patch.obj("transport")
    patch.wire(play, transport)
    patch.wire(play, sound.into(2))
    tempo = patch.ui("flonum", (1028, 180, 64, 22), minimum=20.0, maximum=400.0, varname="tempo", parameter_enable=0)
    patch.wire(tempo, patch.msg("tempo $1"), transport)
    patch.wire(patch.obj(f"r {scope}bpm"), patch.obj("change 0."), tempo)
    speakers = patch.ui("ezdac~", (898, 172, 45, 45))
    patch.wire(sound, speakers)
    patch.wire(sound, speakers.into(1))
    patch.wire(sound, patch.ui("meter~", (956, 212, 200, 10)))


def _scenes(patch: Patcher, controls: MaxControls, name: str) -> None:
    patch.column(760.0, 760.0)
    storage = patch.obj(f"pattrstorage {name}", varname=name)
    patch.obj("autopattr", varname="controls")
    patch.ui("preset", (596, 40, 266, 46), pattrstorage=name, bgcolor=DARKER, textcolor=LIGHT)
    number = patch.ui("number", (596, 100, 50, 22), minimum=1, maximum=64, parameter_enable=0)
    patch.wire(patch.obj("loadmess 1"), number)
    for x, label in ((652.0, "store"), (706.0, "recall")):
        kept = patch.obj("i 1")
        patch.wire(number, kept.into(1))
        patch.wire(controls.button(label, label, (x, 98, 50, 26)), kept, patch.msg(f"{label} $1"), storage)
    patch.wire(controls.button("save", "save", (760, 98, 48, 26)), patch.msg("write"), storage)
    patch.wire(controls.button("open", "open", (814, 98, 48, 26)), patch.msg("read"), storage)
