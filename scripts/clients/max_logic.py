"""Build the subpatchers of the Max patches: bridge, morphs, random seed, master.

They communicate through `send` and `receive` names that start with `scope`: "---" in a device, which Live replaces by a
number for each instance, or a word in other patches.
"""

from scripts.clients.max_file import Patcher, Point
from technogan.osc.ports import DEFAULT_PORT, LOOPBACK

VALUES = 64
SLOTS = 8
SMOOTH_MS = 20
_HEARTBEAT_MS = 5000
_DIALECTS = ("cc", "gg")


def bridge(scope: str, reply_port: int) -> Patcher:
    """Send in either dialect and route the answers. Inlets: start, port, reply port, dialect (0 /cc, 1 /gg)."""
    patch = Patcher((1000.0, 640.0))
    start = patch.inlet(0, "bang: open the ports")
    heartbeat = patch.obj(f"metro {_HEARTBEAT_MS}")
    greet = patch.obj("t b b")
    patch.wire(start, patch.obj("t 1"), heartbeat, greet)
    port = patch.inlet(1, "the bridge's port")
    to_port = patch.obj("prepend port")
    patch.wire(port, to_port)
    reply = patch.inlet(2, "the reply port")
    both = patch.obj("t b i i")
    at_port = patch.obj("prepend port")
    kept = patch.obj(f"i {reply_port}")
    register = patch.obj("prepend register")
    patch.wire(reply, both, greet)
    patch.wire(both.out(1), kept.into(1))
    patch.wire(both.out(2), at_port)
    patch.wire(greet.out(1), kept, register)
    status = patch.msg("status")
    patch.wire(greet, status)
    dialect = patch.inlet(3, "dialect: 0 /cc, 1 /gg")
    which = patch.obj("+ 1")
    out = patch.obj(f"gate {len(_DIALECTS)} 1")
    patch.wire(dialect, which, out)
    for source in (patch.obj(f"r {scope}to-bridge"), register, status):
        patch.wire(source, out.into(1))
    socket = _addressed(patch, out)
    patch.wire(to_port, socket)
    message = patch.outlet(0, "the last message, for a comment")
    model = patch.outlet(1, "the model's name, for a comment")
    lamp = patch.outlet(2, "bang: an answer arrived")
    _replies(patch, scope, reply_port, (at_port, greet), (message, model, lamp))
    return patch


def _addressed(patch: Patcher, out: Point) -> Point:
    """Turn commands into addresses. Return the socket."""
    commands = ("generate_single_wav_id", "generate_fade", "generate_pingpong", "register")
    patch.column(20.0, 520.0)
    socket = patch.obj(f"udpsend {LOOPBACK} {DEFAULT_PORT}")
    for number, dialect in enumerate(_DIALECTS):
        patch.column(20.0 + 250.0 * number, 260.0)
        kinds = patch.obj(f"route {' '.join(commands)} status")
        patch.wire(out.out(number), kinds)
        for outlet, command in enumerate(commands):
            patch.wire(kinds.out(outlet), patch.obj(f"prepend /{dialect}/{command}"), socket)
        patch.wire(kinds.out(len(commands)), patch.msg(f"/{dialect}/status"), socket)
    return socket


def _replies(
    patch: Patcher, scope: str, reply_port: int, near: tuple[Point, Point], out: tuple[Point, Point, Point]
) -> None:
    at_port, greet = near
    message, model, lamp = out
    patch.column(560.0, 100.0)
    socket = patch.obj(f"udpreceive {reply_port}")
    # Messages arrive in the scheduler thread; files must be opened in the main thread.
    main_thread = patch.obj("deferlow")
    seen = patch.obj("t l b")
    names = ("wav_id", "msg", "error", "status", "init")
    kinds = patch.obj(f"route {' '.join(f'/{dialect}ret/{name}' for name in names for dialect in _DIALECTS)}")
    patch.wire(at_port, socket, main_thread, seen, kinds)
    patch.wire(seen.out(1), lamp)
    place = {
        (name, dialect): kinds.out(2 * n + d) for n, name in enumerate(names) for d, dialect in enumerate(_DIALECTS)
    }

    patch.column(560.0, 240.0)
    said = patch.obj("prepend set")
    patch.wire(said, message)
    patch.wire(patch.obj(f"r {scope}message"), said)
    to_slots = patch.obj(f"s {scope}wav")
    plain = patch.obj("zl slice 2")
    patch.wire(place["wav_id", "cc"], plain, to_slots)
    patch.wire(plain.out(1), said)
    # "3 C:/loops/single3.wav": the slot's number, then the path, which may contain spaces.
    packed = patch.obj("fromsymbol")
    split = patch.obj("zl slice 1")
    path = patch.obj("tosymbol")
    pair = patch.obj("pack 0 s")
    patch.wire(place["wav_id", "gg"], packed, split, pair, to_slots)
    patch.wire(split.out(1), path, pair.into(1))
    patch.column(780.0, 240.0)
    text = patch.obj("zl nth 4")
    details = patch.obj("unpack s s i f i s i")
    named = patch.obj("prepend set")
    patch.wire(named, model)
    again = patch.obj("t b")
    patch.wire(again, greet)
    patch.wire(details.out(1), named)
    patch.wire(details.out(3), patch.obj(f"s {scope}bpm"))
    patch.wire(text, said)
    for dialect in _DIALECTS:
        patch.wire(place["msg", dialect], said)
        patch.wire(place["error", dialect], text)
        patch.wire(place["status", dialect], details)
        patch.wire(place["init", dialect], again)


def filter_length(patch: Patcher, source: Point, length: int, otherwise: Point | None = None) -> Point:
    """Pass lists of this length; send a bang to `otherwise` for any other list."""
    both = patch.obj("t l l")
    count = patch.obj("zl len")
    right = patch.obj(f"== {length}")
    only = patch.obj("gate")
    patch.wire(source, both, only.into(1))
    patch.wire(both.out(1), count, right, only)
    if otherwise is not None:
        patch.wire(right, patch.obj("sel 0"), otherwise)
    return only


def solos(scope: str) -> Patcher:
    """Count the slots that play solo."""
    patch = Patcher((900.0, 240.0))
    state = patch.obj("pak" + " 0" * SLOTS)
    total = patch.obj("expr " + "+".join(f"$i{n}" for n in range(1, SLOTS + 1)))
    patch.wire(state, total, patch.obj(f"s {scope}solos"))
    for number in range(SLOTS):
        patch.column(20.0 + 100.0 * number, 140.0)
        patch.wire(patch.obj(f"r {scope}solo{number + 1}"), state.into(number))
    return patch


def morph(scope: str) -> Patcher:
    """Build fade and pingpong. Inlets: fade, pingpong, a, b, steps, into. Number 0 means the sliders."""
    patch = Patcher((1000.0, 760.0))
    fade, pingpong, *numbers = (
        patch.inlet(n, comment) for n, comment in enumerate(("bang: fade", "bang: pingpong", "a", "b", "steps", "into"))
    )
    patch.column(700.0, 120.0)
    empty = patch.msg("a slot of this morph is empty")
    patch.wire(empty, patch.obj(f"s {scope}message"))
    for n, (kind, go, kept) in enumerate((("fade", fade, 1), ("pingpong", pingpong, 0))):
        patch.column(20.0 + 480.0 * n, 180.0)
        _morph_kind(patch, scope, (kind, kept), go, numbers, empty)
    return patch


def _morph_kind(
    patch: Patcher, scope: str, kind: tuple[str, int], go: Point, numbers: list[Point], empty: Point
) -> None:
    order = patch.obj("t b b b b b b")
    nothing = patch.msg("0")  # stays if the slot is empty
    sliders = patch.obj("zl reg")
    answer = patch.obj("gate 2 1")
    seeds = [patch.obj("zl reg"), patch.obj("zl reg")]
    patch.wire(go, order)
    patch.wire(order.out(5), nothing)
    patch.wire(patch.obj(f"r {scope}seed"), sliders.into(1))
    patch.wire(sliders, answer.into(1))
    patch.wire(patch.obj(f"r {scope}answer"), answer.into(1))
    for n, seed in enumerate(seeds):
        patch.wire(nothing, seed.into(1))
        patch.wire(answer.out(n), seed.into(1))
        patch.wire(order.out(2 + 2 * n), patch.msg(str(n + 1)), answer)
        stored = patch.obj(f"i {n + 1}")
        where = patch.obj("sel 0")
        patch.wire(numbers[n], stored.into(1))
        patch.wire(order.out(1 + 2 * n), stored, where, sliders)
        patch.wire(where.out(1), patch.obj(f"s {scope}ask"))

    begin = patch.obj("t b b")
    joined = patch.obj("zl join")
    patch.wire(order, begin, seeds[0], joined)
    patch.wire(begin.out(1), seeds[1], joined.into(1))
    whole = filter_length(patch, joined, 2 * VALUES, empty)
    parts = patch.obj("t b b b l")
    into = patch.obj("i 3")
    head = patch.obj("pack 3 4")
    request = patch.obj("zl join")
    patch.wire(whole, parts, into, head, request)
    patch.wire(numbers[3], into.into(1))
    patch.wire(numbers[2], head.into(1))
    patch.wire(parts.out(3), request.into(1))
    patch.wire(request, patch.obj(f"prepend generate_{kind[0]}"), patch.obj(f"s {scope}to-bridge"))
    kept = patch.obj("zl reg")
    slot_ = patch.obj("i 3")
    pending = patch.obj("zl join")
    patch.wire(answer.out(kind[1]), kept.into(1))
    patch.wire(parts.out(2), kept, pending.into(1))
    patch.wire(parts.out(1), slot_, pending, patch.obj(f"s {scope}pending"))
    patch.wire(numbers[3], slot_.into(1))


def random_seed() -> Patcher:
    """Send 64 random values on a bang."""
    patch = Patcher((300.0, 300.0))
    start = patch.inlet(0, "bang")
    times = patch.obj(f"uzi {VALUES}")
    value = patch.obj("random 256")
    low = patch.obj("- 128")
    group = patch.obj(f"zl group {VALUES}")
    patch.wire(start, times, value, low, group)
    patch.wire(group, patch.outlet(0, "64 values"))
    return patch


def master() -> Patcher:
    """Apply the level and mute the output while the transport is stopped: a stopped loop would be a constant signal."""
    patch = Patcher((420.0, 300.0))
    sound = patch.inlet(0, "sound")
    gate = patch.obj("*~ 0.")
    level = patch.obj("*~ 0.")
    out = patch.outlet(0, "sound", signal=True)
    patch.wire(sound, gate, level, out)
    amount = patch.inlet(1, "level")
    square = patch.obj("expr $f1*$f1")
    patch.wire(amount, square, patch.obj(f"pack 0. {SMOOTH_MS}"), patch.obj("line~ 0."), level.into(1))
    runs = patch.inlet(2, "1 while the transport runs")
    news = patch.obj("change")
    patch.wire(runs, news, patch.obj(f"pack 0. {SMOOTH_MS}"), patch.obj("line~ 0."), gate.into(1))
    return patch
