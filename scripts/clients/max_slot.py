"""Build a slot of the Max patches: it requests a loop, keeps its seed, and plays it in sync with the transport."""

from scripts.clients.max_file import Patcher, Point
from scripts.clients.max_logic import SMOOTH_MS, VALUES, filter_length

_TICKS = 480
_FIRST_NOTE = 36


def slot(scope: str, number: int) -> Patcher:
    """Return one slot with two buffers: one plays while the other is filled.

    Inlets: generate, file, seed, recall, level, mute, solo. Outlets: sound, and the file and seed from the bridge, for
    memories that send them back in.
    """
    patch = Patcher((1000.0, 760.0))
    generate = patch.inlet(0, "bang: request a loop of the sliders")
    sliders = patch.obj("zl reg")
    asked = patch.obj("t l l")
    request = patch.obj(f"prepend generate_single_wav_id {number}")
    patch.wire(generate, sliders, asked, request, patch.obj(f"s {scope}to-bridge"))
    patch.wire(patch.obj(f"r {scope}seed"), sliders.into(1))
    file = patch.inlet(1, "a file")
    some = patch.obj("route 0")  # an empty memory sends 0
    replace = patch.obj("prepend replace")
    silent = patch.obj("gate 2 1")
    patch.wire(file, some)
    patch.wire(some.out(1), replace, silent.into(1))
    seed = filter_length(patch, patch.inlet(2, "its seed"), VALUES)
    recall = patch.inlet(3, "bang: copy the seed to the sliders")
    controls = [patch.inlet(4 + n, name) for n, name in enumerate(("level", "mute", "solo"))]
    sound = patch.outlet(0, "sound", signal=True)
    to_file = patch.outlet(1, "the received file")
    to_seed = patch.outlet(2, "its seed")

    patch.column(20.0, 240.0)
    answer = patch.obj(f"r {scope}wav")
    mine = patch.obj(f"route {number}")
    order = patch.obj("t l b")
    pending = patch.obj("zl reg")
    morphed = patch.obj(f"r {scope}pending")
    its = patch.obj(f"route {number}")
    patch.wire(answer, mine, order, to_file)
    patch.wire(order.out(1), pending, to_seed)
    patch.wire(asked.out(1), pending.into(1))
    patch.wire(morphed, its, pending.into(1))

    patch.column(20.0, 440.0)
    question = patch.obj("sel " + str(number))
    patch.wire(patch.obj(f"r {scope}ask"), question)
    uses = {
        recall: patch.obj(f"s {scope}set-seed"),
        question: patch.obj(f"s {scope}answer"),
        patch.obj(f"r {scope}renew"): asked,
    }
    for trigger, target in uses.items():
        known = patch.obj("zl reg")
        patch.wire(seed, known.into(1))
        patch.wire(trigger, known, target)
    _slot_sound(patch, scope, number, silent, controls, sound)
    return patch


def _slot_sound(patch: Patcher, scope: str, number: int, silent: Point, controls: list[Point], sound: Point) -> None:
    gain = _gain(patch, scope, number, controls)
    patch.column(820.0, 560.0)
    mix = patch.obj("*~ 0.")
    patch.wire(gain, mix.into(1))
    patch.wire(mix, sound)
    faded = [_voice(patch, scope, f"{scope}{number}{name}", silent.out(n), n) for n, name in enumerate("ab")]
    for n, (_, fade, voice) in enumerate(faded):
        patch.wire(voice, mix)
        patch.column(300.0 + 240.0 * n, 600.0)
        open_, close, other = patch.msg(f"1. {SMOOTH_MS}"), patch.msg(f"0. {SMOOTH_MS}"), patch.msg(str(2 - n))
        loaded = faded[n][0]
        patch.wire(loaded, open_, fade)
        patch.wire(loaded, close, faded[1 - n][1])
        patch.wire(loaded, other, silent)


def _voice(patch: Patcher, scope: str, name: str, file: Point, n: int) -> tuple[Point, Point, Point]:
    """Return the bang after the file is read, the fade, and the sound."""
    patch.column(300.0 + 240.0 * n, 140.0)
    buffer = patch.obj(f"buffer~ {name}")
    read = patch.obj("t b b")
    info = patch.obj(f"info~ {name}")
    length = patch.obj("t f f")
    minutes = patch.obj("* 128.")
    beats = patch.obj("/ 60000.")
    half = patch.obj("+ 0.5")
    whole = patch.obj("i")
    least = patch.obj("maximum 1")
    ticks = patch.obj(f"* {_TICKS}")
    period = patch.msg("frequency $1 ticks")
    # Set the period by attribute: not every version accepts ticks as arguments.
    clock = patch.obj(f"phasor~ @frequency {_TICKS} ticks @lock 1")
    position = patch.obj("*~ 0.")
    play = patch.obj(f"play~ {name}")
    level = patch.obj("*~ 0.")
    fade = patch.obj("line~ 0.")
    patch.wire(file, buffer)
    patch.wire(buffer.out(1), read)
    patch.wire(read.out(1), info)
    patch.wire(info.out(6), length, minutes, beats, half, whole, least, ticks, period, clock)
    patch.wire(length.out(1), position.into(1))
    patch.wire(clock, position, play, level)
    patch.wire(fade, level.into(1))
    patch.wire(patch.obj(f"r {scope}bpm"), minutes.into(1))
    return read, fade, level


def _gain(patch: Patcher, scope: str, number: int, controls: list[Point]) -> Point:
    """Return the gain from level, mute, solo and, if notes are on, the slot's note."""
    patch.column(820.0, 240.0)
    state = patch.obj("pak 0.8 0 0 0 0 0")
    heard = patch.obj("expr $f1*$f1*($i2==0)*(($i4==0)||($i3!=0))*(($i5==0)||($i6!=0))")
    ramp = patch.obj(f"pack 0. {SMOOTH_MS}")
    smooth = patch.obj("line~ 0.")
    patch.wire(state, heard, ramp, smooth)
    for inlet, control in enumerate(controls):
        patch.wire(control, state.into(inlet))
    patch.wire(controls[2], patch.obj(f"s {scope}solo{number}"))
    patch.wire(patch.obj(f"r {scope}solos"), state.into(3))
    patch.wire(patch.obj(f"r {scope}notes"), state.into(4))
    held = patch.obj(f"route {_FIRST_NOTE - 1 + number}")
    patch.wire(patch.obj(f"r {scope}note"), held, patch.obj("> 0"), state.into(5))
    return smooth
