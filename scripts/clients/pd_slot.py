"""Build the abstractions of a slot: a voice plays one loop, a slot crossfades between two voices."""

from scripts.clients.pd_file import Canvas, Port

SLOT_FACE = (92, 122)
# The default limit of soundfiler is four million samples; this exceeds every sequence.
_MAX_SAMPLES = 1e8
_SWAP_MS = 20


def voice() -> Canvas:
    """Return `technogan-voice ARRAY OWNER`. Inlets: path of the loop, beat count, gain.

    At each beat `vline~` starts again at the right position, so loops of any length and sample rate stay in sync.
    """
    patch = Canvas(680, 660)
    patch.text("Inlets: a path loads a loop, the beat count sets its position, a gain fades it in or out.", (20, 10))
    patch.obj("array", "define", "$1", at=(480, 520))
    path = patch.obj("inlet", at=(20, 50))
    beat = patch.obj("inlet", at=(320, 50))
    gain = patch.obj("inlet", at=(520, 50))
    samples, beats = _load(patch, path)
    _play(patch, beat, gain, samples, beats)
    return patch


def _load(patch: Canvas, path: Port) -> tuple[Port, Port]:
    """Load the file into the array. Return the outlets for its samples and its beats."""
    name = patch.obj("list", "append", "$1", at=(20, 80))
    read = patch.msg("read", "-resize", "-maxsize", _MAX_SAMPLES, "$1", "$2")
    file = patch.obj("soundfiler")
    enough = patch.obj("moses", 4)
    order = patch.obj("t", "f", "f", "b", "f", "f", at=(60, 192))
    patch.wire(path, name, read, file, enough)
    patch.wire(enough.out(1), order)

    patch.text("tabread4~ reads one point before and two after: the first samples are repeated at the end.", (100, 440))
    longer = patch.obj("+", 3, at=(230, 220))
    resize = patch.msg("resize", "$1")
    begin = patch.obj("array", "get", "$1", 0, 3, at=(130, 220))
    behind = patch.obj("list", "prepend")
    array = patch.obj("s", "$1", at=(130, 290))
    patch.wire(order.out(4), longer, resize, array)
    patch.wire(order.out(3), behind.into(1))
    patch.wire(order.out(2), begin, behind, array)

    rate = patch.obj("unpack", "f", "f", at=(230, 164))
    seconds = patch.obj("/", 44100, at=(60, 320))
    asked = patch.obj("t", "f", "b")
    bpm = patch.obj("value", "$2-loop-bpm", at=(130, 376))
    minutes = patch.obj("*", 128, at=(60, 404))
    beats = patch.obj("/", 60)
    half = patch.obj("+", 0.5)
    whole = patch.obj("int", at=(60, 488))
    least = patch.obj("max", 1)
    patch.wire(file.out(1), rate, seconds.into(1))
    patch.wire(order.out(1), seconds, asked, minutes, beats, half, whole, least)
    patch.wire(asked.out(1), bpm, minutes.into(1))

    loaded = patch.obj("pack", "f", "f", at=(20, 544))
    array_too = patch.obj("list", "append", "$1")
    loaded_out = patch.obj("outlet", at=(420, 600))
    patch.wire(least, loaded.into(1))
    patch.wire(order, loaded, array_too, loaded_out)
    return order, least


def _play(patch: Canvas, beat: Port, gain: Port, samples: Port, beats: Port) -> None:
    within = patch.obj("mod", 1, at=(320, 90))
    twice = patch.obj("t", "f", "f")
    here = patch.obj("/", 1)
    after = patch.obj("+", 1, at=(390, 146))
    there = patch.obj("/", 1)
    clock = patch.obj("t", "f", "b", at=(320, 202))
    period = patch.obj("value", "$2-beat-ms", at=(420, 202))
    ramp = patch.obj("pack", "f", "f", "f", at=(320, 230))
    line = patch.msg("$1", ",", "$2", "$3")
    way = patch.obj("vline~")
    length = patch.obj("*~", 0)
    first = patch.obj("+~", 1)
    table = patch.obj("tabread4~", "$1")
    level = patch.obj("*~")
    sound = patch.obj("outlet~", at=(320, 600))
    patch.wire(beat, within, twice, here, clock, ramp, line, way, length, first, table, level, sound)
    patch.wire(twice.out(1), after, there, ramp.into(1))
    patch.wire(clock.out(1), period, ramp.into(2))
    for place in (within, here, there):
        patch.wire(beats, place.into(1))
    patch.wire(samples, length.into(1))
    fade = patch.msg("$1", _SWAP_MS, at=(520, 360))
    smooth = patch.obj("line~")
    patch.wire(gain, fade, smooth, level.into(1))


def seed_of() -> Canvas:
    """Return `technogan-seed-of OWNER`: it sends the seed of a slot (0: the sliders), nothing for an empty slot."""
    patch = Canvas(420, 260)
    number = patch.obj("inlet", at=(20, 20))
    order = patch.obj("t", "b", "f", "b")
    close = patch.msg(0, at=(20, 90))
    sliders = patch.obj("sel", 0, at=(90, 90))
    values = patch.obj("array", "get", "$1-seed", at=(60, 150))
    ask = patch.obj("list", "append", "ask", at=(190, 118))
    slots = patch.obj("s", "$1-to-slot")
    opened = patch.msg(1, at=(320, 90))
    answer = patch.obj("r", "$1-answer", at=(230, 180))
    only = patch.obj("spigot", at=(230, 208))
    seed = patch.obj("outlet", at=(60, 236))
    patch.wire(number, order, close, only.into(1))
    patch.wire(order.out(1), sliders, values, seed)
    patch.wire(sliders.out(1), ask, slots)
    patch.wire(order.out(2), opened, only.into(1))
    patch.wire(answer, only, seed)
    return patch


def slot() -> Canvas:
    """Return `technogan-slot OWNER NUMBER`: the controls and the sound of one slot."""
    patch = Canvas(980, 560, face=SLOT_FACE)
    patch.panel((0, 0), (SLOT_FACE[0] - 1, SLOT_FACE[1] - 1), "$2")
    generate = patch.button((8, 26), 20, "generate")
    patch.toggle((8, 52), 15, "mute", receive="$1-mute-$2", send="$1-muted-$2")
    recall = patch.button((8, 72), 15, "recall")
    patch.slider((8, 98), (76, 15), (0, 1), receive="$1-level-$2", send="$1-levelled-$2")
    lamp = patch.button((70, 6), 15, "empty")
    requests = patch.obj("r", "$1-to-slot", at=(140, 20))
    mine = patch.obj("route", "$2")
    kinds = patch.obj("route", "generate", "pending", "ask", "recall", "level", "mute")
    patch.wire(requests, mine, kinds)
    patch.wire(kinds.out(4), patch.obj("s", "$1-level-$2", at=(300, 110)))
    patch.wire(kinds.out(5), patch.obj("s", "$1-mute-$2", at=(400, 110)))

    current = patch.obj("array", "get", "$1-seed", at=(140, 160))
    both = patch.obj("t", "l", "l")
    numbered = patch.obj("list", "prepend", "$2")
    single = patch.obj("s", "$1-single")
    patch.wire(generate, current, both, numbered, single)
    patch.wire(kinds, current)
    pending = patch.obj("list", at=(260, 216))
    patch.wire(both.out(1), pending.into(1))
    patch.wire(kinds.out(1), pending.into(1))
    for trigger, target, x in ((kinds.out(2), "$1-answer", 260), (kinds.out(3), "$1-set-seed", 360)):
        kept = patch.obj("list", at=(x, 250))
        patch.wire(pending, kept.into(1))
        patch.wire(trigger, kept, patch.obj("s", target))
        if target == "$1-set-seed":
            patch.wire(recall, kept)
    _sound(patch, lamp, pending)
    return patch


def _sound(patch: Canvas, lamp: Port, pending: Port) -> None:
    """Load the file into the silent voice and crossfade to it at the next beat."""
    file = patch.obj("r", "$1-wav", at=(560, 20))
    mine = patch.obj("route", "$2")
    whole = patch.obj("list")
    path = patch.obj("unpack", "s", "s")
    to_silent = patch.obj("list", "prepend", 0)
    which = patch.obj("route", 0, 1)
    patch.wire(file, mine, whole, path, to_silent, which)
    voices = [patch.obj("technogan-voice", f"$1-$2-{name}", "$1", at=(x, 330)) for name, x in (("a", 520), ("b", 720))]
    for number, voice_ in enumerate(voices):
        patch.wire(which.out(number), voice_)

    loaded = patch.obj("t", "b", "l", "b", "b", at=(520, 370))
    armed = patch.msg(1, at=(520, 398))
    report = patch.obj("list", "prepend", "loaded", "$2", at=(700, 398))
    patch.wire(loaded.out(1), report, patch.obj("list", "trim"), patch.obj("s", "technogan-report"))
    patch.wire(loaded.out(2), pending)
    patch.wire(loaded.out(3), lamp)
    for voice_ in voices:
        patch.wire(voice_.out(1), loaded)

    patch.wire(loaded, armed, _swap(patch, voices, to_silent).into(1))
    _mix(patch, voices)


def _swap(patch: Canvas, voices: list[Port], to_silent: Port) -> Port:
    """Switch voices at the beat if the silent one has a new loop. Return the box that a 1 arms."""
    beat = patch.obj("r", "$1-beat", at=(760, 20))
    order = patch.obj("t", "f", "b")
    patch.wire(beat, order)
    for voice_ in voices:
        patch.wire(order, voice_.into(1))
    waiting = patch.obj("f", 0, at=(820, 76))
    due = patch.obj("sel", 1)
    swap = patch.obj("t", "b", "b")
    done = patch.msg(0, at=(880, 160))
    silent = patch.obj("f", 0, at=(820, 188))
    each = patch.obj("t", "f", "f", "f")
    other = patch.obj("==", 0, at=(880, 244))
    patch.wire(order.out(1), waiting, due, swap, silent, each)
    patch.wire(swap.out(1), done, waiting.into(1))
    for number, voice_ in enumerate(voices):
        is_it = patch.obj("==", number, at=(740 + 60 * number, 272))
        patch.wire(each.out(number), is_it, voice_.into(2))
    patch.wire(each.out(2), other)
    patch.wire(other, silent.into(1))
    patch.wire(other, to_silent.into(1))

    return waiting


def _mix(patch: Canvas, voices: list[Port]) -> None:
    muted = patch.obj("r", "$1-muted-$2", at=(140, 370))
    open_ = patch.obj("==", 0)
    again = patch.obj("t", "b", "f")
    level = patch.obj("r", "$1-levelled-$2", at=(260, 370))
    kept = patch.obj("f", at=(260, 426))
    square = patch.obj("t", "f", "f")
    power = patch.obj("*", at=(260, 482))
    gain = patch.obj("*", 1)
    ramp = patch.msg("$1", _SWAP_MS)
    smooth = patch.obj("line~")
    out = patch.obj("*~", at=(400, 540))
    patch.wire(muted, open_, again, kept, square, power, gain, ramp, smooth, out.into(1))
    patch.wire(again.out(1), gain.into(1))
    patch.wire(level, kept)
    patch.wire(square.out(1), power.into(1))
    for voice_ in voices:
        patch.wire(voice_, out)
    patch.wire(out, patch.obj("throw~", "$1-mix"))
    begin = patch.obj("loadbang", at=(140, 540))
    patch.wire(begin, patch.msg(0.8), patch.obj("s", "$1-level-$2"))
