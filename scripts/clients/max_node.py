"""Build a bridge without a network: node.script runs the generator in a separate process."""

from scripts.clients.max_controls import Controls
from scripts.clients.max_file import Patcher, Point, Rect

SCRIPT = "technogan-node.js"


def bridge(patch: Patcher, controls: Controls, rects: dict[str, Rect], start: Point, scope: str) -> Point:
    """Build the subpatcher and its buttons; its outlets are those of `max_logic.bridge`."""
    node = patch.subpatcher("bridge", _script(scope))
    patch.wire(start, node)
    path = patch.obj("conformpath native boot")
    memory = controls.memory("Model File")
    patch.wire(controls.button("Model", "model", rects["model"]), patch.obj("opendialog"), path, memory, node.into(1))
    patch.wire(controls.button("Install", "install", rects["install"]), node.into(2))
    patch.wire(controls.button("Start", "start", rects["start"]), node)
    return node


def _script(scope: str) -> Patcher:
    """Build the subpatcher that runs the script. Inlets: start, a model's path, install."""
    patch = Patcher((900.0, 560.0))
    start = patch.inlet(0, "bang: start the script")
    file = patch.inlet(1, "a model's path")
    install = patch.inlet(2, "bang: install the packages of the script, once")
    message = patch.outlet(0, "the last message, for a comment")
    model = patch.outlet(1, "the model's name, for a comment")
    lamp = patch.outlet(2, "bang: an answer arrived")
    patch.column(20.0, 300.0)
    script = patch.obj(f"node.script {SCRIPT}")
    patch.wire(patch.obj(f"r {scope}to-bridge"), script)
    patch.column(20.0, 100.0)
    patch.wire(start, patch.msg("script start"), script)
    patch.wire(install, patch.msg("script npm install"), script)
    some = patch.obj("route 0")  # an empty memory sends 0
    kept = patch.obj("zl reg")
    patch.wire(file, some)
    patch.wire(some.out(1), kept, patch.obj("prepend model"), script)
    _answers(patch, scope, script, kept, (message, model, lamp))
    return patch


def _answers(patch: Patcher, scope: str, script: Point, kept: Point, out: tuple[Point, Point, Point]) -> None:
    message, model, lamp = out
    patch.column(420.0, 100.0)
    seen = patch.obj("t l b")
    kinds = patch.obj("route wav_id msg error status init")
    patch.wire(script, seen, kinds)
    patch.wire(seen.out(1), lamp)
    said, named = patch.obj("prepend set"), patch.obj("prepend set")
    patch.wire(said, message)
    patch.wire(named, model)
    patch.wire(patch.obj(f"r {scope}message"), said)
    patch.column(420.0, 280.0)
    file, text = patch.obj("zl slice 2"), patch.obj("zl nth 4")
    details = patch.obj("unpack s s i f i s i")
    again = patch.obj("t b")
    patch.wire(kinds, file, patch.obj(f"s {scope}wav"))
    patch.wire(file.out(1), said)
    patch.wire(kinds.out(1), said)
    patch.wire(kinds.out(2), text, said)
    patch.wire(kinds.out(3), details)
    patch.wire(details.out(1), named)
    patch.wire(details.out(3), patch.obj(f"s {scope}bpm"))
    # Send the script a model that was chosen before it started.
    patch.wire(kinds.out(4), again, kept)
