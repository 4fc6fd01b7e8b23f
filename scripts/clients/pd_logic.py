"""Build the subpatches of the Pure Data patch: seed, morphs, clock and remote control."""

from scripts.clients.pd_file import Canvas, Port

VALUES = 64
SLOTS = 8
LOW, HIGH = -128, 127
MOST_STEPS = 1024
_SLOWEST, _FASTEST = 20, 400
_SMOOTH_MS = 20


def seed() -> Canvas:
    """Build the array of the 64 values and all changes to it; the sliders show and change it too."""
    canvas = Canvas(1000, 700, "seed")
    canvas.obj("array", "define", "$0-seed", VALUES, at=(20, 10))
    wanted = canvas.obj("r", "$0-set-seed", at=(20, 50))
    both = canvas.obj("t", "l", "l")
    length = canvas.obj("list", "length", at=(90, 106))
    right = canvas.obj("==", VALUES)
    only = canvas.obj("spigot", at=(20, 162))
    each = canvas.obj("unpack", *["f"] * VALUES)
    canvas.wire(wanted, both, only, each)
    canvas.wire(both.out(1), length, right, only.into(1))
    for index in range(VALUES):
        column, row = index % 8, index // 8
        place = (20 + column * 120, 330 + row * 45)
        canvas.wire(each.out(index), canvas.obj("s", f"$0-in-{index}", at=(place[0], place[1] - 100 + row * 2)))
    for index in range(VALUES):
        column, row = index % 8, index // 8
        moved = canvas.obj("r", f"$0-out-{index}", at=(20 + column * 120, 800 + row * 90))
        canvas.wire(moved, canvas.msg(index, "$1"), canvas.obj("s", "$0-seed"))

    canvas.wire(canvas.obj("r", "$0-zero", at=(300, 20)), canvas.msg(*[0] * VALUES), canvas.obj("s", "$0-set-seed"))
    _randomise(canvas)
    return canvas


def _randomise(canvas: Canvas) -> None:
    start = canvas.obj("r", "$0-random", at=(560, 10))
    order = canvas.obj("t", "b", "f", "b", "b", at=(560, 38))
    # Pd's generators start with the same seed every time: seed them from the time of the click.
    since = canvas.obj("realtime", at=(800, 66))
    fine = canvas.obj("*", 1000)
    planted = canvas.msg("seed", "$1")
    number = canvas.obj("random", HIGH - LOW + 1, at=(800, 150))
    value = canvas.obj("+", LOW)
    canvas.wire(start, order)
    canvas.wire(order.out(3), since.into(1), fine, planted, number, value)
    first = canvas.msg(0, at=(700, 66))
    times = canvas.msg(VALUES, at=(640, 66))
    loop = canvas.obj("until")
    index = canvas.obj("f", at=(640, 122))
    following = canvas.obj("+", 1, at=(700, 122))
    each = canvas.obj("t", "f", "b", at=(640, 150))
    pair = canvas.obj("pack", "f", "f", at=(640, 206))
    canvas.wire(order.out(2), first, index.into(1))
    canvas.wire(order.out(1), times, loop, index, each, pair, canvas.obj("s", "$0-seed"))
    canvas.wire(index, following, index.into(1))
    canvas.wire(each.out(1), number)
    canvas.wire(value, pair.into(1))
    canvas.wire(order, canvas.obj("array", "get", "$0-seed", at=(500, 180)), canvas.obj("s", "$0-set-seed"))


def remote() -> Canvas:
    """Map messages to the receiver `technogan` (other patches, `pd -send`) to the actions of the panels."""
    canvas = Canvas(1000, 400, "remote")
    inbox = canvas.obj("r", "technogan", at=(20, 20))
    plain = {  # passed to a receiver unchanged
        "seed": "set-seed",
        "random": "random",
        "zero": "zero",
        "fade": "fade",
        "pingpong": "pingpong",
        "port": "port-in",
        "reply": "reply-in",
        "play": "play-in",
        "tempo": "tempo-in",
        "master": "master-in",
        "cancel": "cancel",
    }
    to_slots = {
        "generate": ("$1", "generate"),
        "recall": ("$1", "recall"),
        "level": ("$1", "level", "$2"),
        "mute": ("$1", "mute", "$2"),
    }
    words = {"host": "host-in", "model": "load-model", "record": "record-to"}
    kinds = canvas.obj("route", *plain, *to_slots, *words, "stop")
    canvas.wire(inbox, kinds)
    outlet = 0
    for receiver in plain.values():
        canvas.wire(
            kinds.out(outlet), canvas.obj("s", f"$0-{receiver}", at=(20 + 110 * (outlet % 8), 100 + outlet // 8 * 40))
        )
        outlet += 1
    for message in to_slots.values():
        reached = canvas.msg(*message, at=(20 + 130 * (outlet % 4), 200))
        canvas.wire(kinds.out(outlet), reached, canvas.obj("s", "$0-to-slot"))
        outlet += 1
    for receiver in words.values():
        whole = canvas.obj("list", at=(20 + 130 * (outlet % 4), 290))
        canvas.wire(kinds.out(outlet), whole, canvas.obj("unpack", "s"), canvas.obj("s", f"$0-{receiver}"))
        outlet += 1
    canvas.wire(kinds.out(outlet), canvas.msg(0, at=(560, 290)), canvas.obj("s", "$0-record-in"))
    return canvas


def morph() -> Canvas:
    """Build fade and pingpong between two slots, and choose the seed that the new slot keeps."""
    canvas = Canvas(1000, 620, "morph")
    for x, kind, kept in ((20, "fade", 1), (520, "pingpong", 0)):
        _morph_kind(canvas, x, kind, kept)
    begin = canvas.obj("loadbang", at=(20, 560))
    for number, (name, value) in enumerate({"a": 1, "b": 2, "steps": 4, "into": 3}.items()):
        canvas.wire(begin, canvas.msg(value, at=(120 + number * 120, 560)), canvas.obj("s", f"$0-{name}-in"))
    return canvas


def _morph_kind(canvas: Canvas, x: int, kind: str, kept: int) -> None:
    now = canvas.obj("r", f"$0-{kind}-now", at=(x, 20))
    first = canvas.obj("f", 1, at=(x, 76))
    chosen = canvas.obj("pack", 1, 2, 4, 3, at=(x, 104))
    request = canvas.obj("s", f"$0-{kind}", at=(x, 132))
    canvas.wire(now, first, chosen, request)
    for number, name in enumerate(("a", "b", "steps", "into")):
        box = canvas.obj("r", f"$0-{name}", at=(x + 110 + 80 * number, 48))
        canvas.wire(box, first.into(1) if number == 0 else chosen.into(number))

    wanted = canvas.obj("r", f"$0-{kind}", at=(x, 180))
    parts = canvas.obj("unpack", "f", "f", "f", "f", at=(x, 208))
    go = canvas.obj("t", "b", "f", at=(x, 236))
    seeds = [canvas.obj("technogan-seed-of", "$0", at=(x + 60 + 160 * number, 264)) for number in range(2)]
    begin = canvas.obj("list", at=(x, 300))
    whole = canvas.obj("list", "append", at=(x, 328))
    both = canvas.obj("t", "l", "l")
    only = canvas.obj("spigot", at=(x, 412))
    canvas.wire(wanted, parts, go, begin, whole, both, only)
    canvas.wire(go.out(1), seeds[0], begin.into(1))
    canvas.wire(parts.out(1), seeds[1], whole.into(1))
    enough = canvas.obj("list", "length", at=(x + 80, 356))
    right = canvas.obj("==", 2 * VALUES)
    empty = canvas.obj("sel", 0, at=(x + 160, 412))
    canvas.wire(both.out(1), enough, right, only.into(1))
    canvas.wire(right, empty, canvas.msg("symbol", "a slot of this morph is empty"), canvas.obj("s", "$0-message"))

    least = canvas.obj("max", 1, at=(x + 320, 300))
    most = canvas.obj("min", MOST_STEPS)
    order = canvas.obj("t", "l", "b", at=(x, 440))
    stepped = canvas.obj("list", "prepend", 4)
    numbered = canvas.obj("list", "prepend", 3)
    canvas.wire(only, order, stepped, numbered, canvas.obj("s", f"$0-{kind}-out"))
    canvas.wire(parts.out(2), least, most, stepped.into(1))
    canvas.wire(parts.out(3), numbered.into(1))
    seed_ = canvas.obj("list", at=(x + 160, 468))
    pending = canvas.obj("list", "prepend", "pending")
    slot = canvas.obj("list", "prepend", 3)
    canvas.wire(order.out(1), seed_, pending, slot, canvas.obj("s", "$0-to-slot", at=(x + 160, 552)))
    canvas.wire(seeds[kept], seed_.into(1))
    canvas.wire(parts.out(3), slot.into(1))


def clock() -> Canvas:
    """Build the metronome of all slots, the master level and the recorder."""
    canvas = Canvas(900, 500, "clock")
    play = canvas.obj("r", "$0-play", at=(20, 20))
    order = canvas.obj("t", "f", "f", "f", "f")
    canvas.wire(play, order)
    on = canvas.obj("sel", 1, at=(300, 76))
    canvas.wire(order.out(3), on, canvas.msg(";", "pd", "dsp", 1))
    beat = canvas.obj("metro", 468.75, at=(20, 130))
    count = canvas.obj("f")
    following = canvas.obj("+", 1, at=(90, 158))
    canvas.wire(order.out(2), canvas.msg(0, at=(160, 130)), count.into(1))
    canvas.wire(order.out(1), beat, count, canvas.obj("s", "$0-beat", at=(20, 186)))
    canvas.wire(count, following, count.into(1))

    tempo = canvas.obj("r", "$0-tempo", at=(420, 20))
    least = canvas.obj("max", _SLOWEST)
    most = canvas.obj("min", _FASTEST)
    turned = canvas.obj("swap", 60000)
    period = canvas.obj("/")
    each = canvas.obj("t", "f", "f")
    canvas.wire(tempo, least, most, turned, period, each, canvas.obj("value", "$0-beat-ms"))
    canvas.wire(turned.out(1), period.into(1))
    canvas.wire(each.out(1), beat.into(1))
    model = canvas.obj("r", "$0-model-bpm", at=(600, 20))
    both = canvas.obj("t", "f", "f", "f")
    news = canvas.obj("change")
    to_tempo = canvas.obj("s", "$0-tempo-in", at=(600, 160))
    bpm = canvas.obj("value", "$0-loop-bpm", at=(720, 104))
    canvas.wire(model, both, news, to_tempo)
    canvas.wire(both.out(1), bpm)
    canvas.wire(both.out(2), canvas.obj("s", "$0-bpm", at=(720, 76)))
    own = canvas.obj("value", "$0-loop-bpm", at=(800, 104))
    canvas.wire(canvas.obj("r", "$0-own-tempo", at=(800, 20)), own, to_tempo)

    begin = canvas.obj("loadbang", at=(420, 240))
    canvas.wire(begin, canvas.msg(128, at=(420, 268)), canvas.obj("s", "$0-model-bpm"))
    canvas.wire(begin, canvas.msg(0.8, at=(560, 268)), canvas.obj("s", "$0-master-in"))
    _output(canvas, order)
    return canvas


def _output(canvas: Canvas, play: Port) -> None:
    mix = canvas.obj("catch~", "$0-mix", at=(20, 240))
    gate = canvas.obj("*~")
    master = canvas.obj("*~")
    out = canvas.obj("dac~", 1, 2, at=(20, 420))
    canvas.wire(mix, gate, master, out)
    canvas.wire(master, out.into(1))
    canvas.wire(play, canvas.msg("$1", _SMOOTH_MS, at=(120, 240)), canvas.obj("line~"), gate.into(1))
    level = canvas.obj("r", "$0-master", at=(240, 240))
    square = canvas.obj("t", "f", "f")
    power = canvas.obj("*")
    canvas.wire(level, square, power, canvas.msg("$1", _SMOOTH_MS), canvas.obj("line~"), master.into(1))
    canvas.wire(square.out(1), power.into(1))

    record = canvas.obj("r", "$0-record", at=(620, 240))
    which = canvas.obj("sel", 1, 0)
    ask = canvas.obj("savepanel")
    path = canvas.obj("r", "$0-record-to", at=(700, 296))
    begin = canvas.msg("open", "-wave", "-bytes", 3, "$1", ",", "start", at=(620, 340))
    end = canvas.msg("stop", at=(820, 340))
    file = canvas.obj("writesf~", 2, at=(620, 400))
    canvas.wire(record, which, ask, begin, file)
    canvas.wire(path, begin)
    canvas.wire(path, canvas.msg("set", 1, at=(800, 296)), canvas.obj("s", "$0-record-in"))
    canvas.wire(which.out(1), end, file)
    canvas.wire(master, file)
    canvas.wire(master, file.into(1))
