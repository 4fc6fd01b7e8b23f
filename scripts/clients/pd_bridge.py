"""Build the bridge of the Pure Data patch: sending, receiving and the connection."""

from scripts.clients.pd_file import Canvas, Port
from technogan.osc.ports import DEFAULT_PORT, LOOPBACK

# Not DEFAULT_REPLY_PORT, the port of devices for the prototype, so that both can be open at once.
REPLY_PORT = 10111
_HEARTBEAT_MS = 5000
_SILENT_AFTER_MS = 12000
_SETTLE_MS = 300


def sending() -> Canvas:
    """Turn lists into OSC messages: integers where the protocol expects them, then floats."""
    canvas = Canvas(700, 560, "sending")
    kinds = {
        "single": ("-f", "i", "cc", "generate_single_wav_id"),
        "fade-out": ("-f", "ii", "cc", "generate_fade"),
        "pingpong-out": ("-f", "ii", "cc", "generate_pingpong"),
        "register-out": ("-f", "i", "cc", "register"),
        "load-model": ("-f", "s", "cc", "load_model"),
        "cancel": ("-f", "i", "cc", "cancel"),
        "status-out": ("cc", "status"),
    }
    packet = canvas.obj("list", "prepend", "send", at=(20, 440))
    trimmed = canvas.obj("list", "trim")
    socket = canvas.obj("netsend", "-u", "-b", at=(20, 520))
    canvas.wire(packet, trimmed, socket, canvas.obj("s", "$0-connected", at=(20, 548)))
    for number, (receiver, address) in enumerate(kinds.items()):
        box = canvas.obj("r", f"$0-{receiver}", at=(20 + 30 * number, 20 + 56 * number))
        canvas.wire(box, canvas.obj("oscformat", *address), packet)
    canvas.wire(canvas.obj("r", "$0-netsend", at=(300, 490)), socket)
    return canvas


def receiving() -> Canvas:
    """Turn OSC messages into lists: files go to the slots, everything else to the panel."""
    canvas = Canvas(900, 560, "receiving")
    socket = canvas.obj("netreceive", "-u", "-b", at=(20, 48))
    canvas.wire(canvas.obj("r", "$0-netreceive", at=(20, 20)), socket)
    parsed = canvas.obj("oscparse")
    message = canvas.obj("list", "trim")
    heard = canvas.obj("t", "a", "b")
    dialect = canvas.obj("route", "ccret")
    canvas.wire(socket, parsed, message, heard, dialect)
    alive = canvas.obj("s", "$0-alive", at=(400, 150))
    canvas.wire(heard.out(1), canvas.msg(1, at=(400, 100)), alive)
    canvas.wire(heard.out(1), canvas.obj("delay", _SILENT_AFTER_MS, at=(480, 76)), canvas.msg(0), alive)

    shown = canvas.msg("label", "$1", at=(700, 76))
    canvas.wire(canvas.obj("r", "$0-message", at=(700, 48)), shown, canvas.obj("s", "$0-message-label"))
    kinds = canvas.obj("route", "wav_id", "error", "msg", "wav", "init", "model", "status", at=(20, 200))
    canvas.wire(dialect, kinds)
    said = canvas.obj("s", "$0-message", at=(20, 420))
    file = canvas.obj("t", "l", "l", at=(20, 240))
    canvas.wire(kinds, file, canvas.obj("s", "$0-wav"))
    canvas.wire(file.out(1), canvas.obj("unpack", "f", "s", "s", at=(20, 300)).out(2), said)
    error = canvas.obj("list", at=(140, 240))
    both = canvas.obj("t", "l", "l")
    report = canvas.obj("list", "prepend", "error")
    canvas.wire(kinds.out(1), error, both, report, canvas.obj("list", "trim"), canvas.obj("s", "technogan-report"))
    canvas.wire(both.out(1), canvas.obj("unpack", "s", "f", "s", "s", at=(140, 380)).out(3), said)
    words = canvas.obj("list", at=(330, 240))
    canvas.wire(kinds.out(2), words, canvas.obj("unpack", "s"), said)
    plain = canvas.obj("list", at=(400, 240))
    canvas.wire(kinds.out(3), plain, canvas.obj("unpack", "s", "s").out(1), said)
    again = canvas.obj("s", "$0-heartbeat", at=(480, 280))
    canvas.wire(kinds.out(4), canvas.obj("t", "b", at=(480, 240)), again)
    canvas.wire(kinds.out(5), canvas.obj("t", "b", at=(560, 240)), again)

    status = canvas.obj("list", at=(640, 200))
    details = canvas.obj("unpack", "s", "s", "f", "f", "f", "s", "f")
    canvas.wire(kinds.out(6), status, details)
    for number, name in {1: "model", 2: "latent", 3: "model-bpm", 4: "rate", 6: "waiting"}.items():
        canvas.wire(details.out(number), canvas.obj("s", f"$0-{name}", at=(640 + 20 * number, 240 + 28 * number)))
    report = canvas.obj("list", "prepend", "status", at=(640, 440))
    canvas.wire(status, report, canvas.obj("list", "trim"), canvas.obj("s", "technogan-report"))
    return canvas


def connection() -> Canvas:
    """Open both ports when one of them or the host changes, and register every five seconds.

    So patch and bridge can start in any order, and a restarted bridge knows the patch again.
    """
    canvas = Canvas(900, 560, "connection")
    settle = canvas.obj("delay", _SETTLE_MS, at=(20, 130))
    begin = canvas.obj("loadbang", at=(20, 20))
    boxes: dict[str, tuple[tuple[str | int, ...], Port]] = {
        "host": (("symbol", LOOPBACK), canvas.obj("symbol", LOOPBACK, at=(300, 260))),
        "port": ((DEFAULT_PORT,), canvas.obj("f", DEFAULT_PORT, at=(480, 260))),
        "reply": ((REPLY_PORT,), canvas.obj("f", REPLY_PORT, at=(600, 260))),
    }
    for number, (name, (default, box)) in enumerate(boxes.items()):
        x = 300 + 160 * number
        canvas.wire(begin, canvas.msg(*default, at=(x, 20)), canvas.obj("s", f"$0-{name}-in"))
        changed = canvas.obj("t", "b", "a", at=(x, 110))
        canvas.wire(canvas.obj("r", f"$0-{name}", at=(x, 82)), changed, settle)
        canvas.wire(changed.out(1), box.into(1))
    host, port, reply = (box for _, box in boxes.values())

    beat = canvas.obj("metro", _HEARTBEAT_MS, at=(20, 300))
    order = canvas.obj("t", "b", "b", "b", "b", at=(20, 160))
    canvas.wire(settle, order, canvas.msg(1, at=(20, 230)), beat)
    connect = canvas.obj("t", "b", "b", at=(300, 216))
    address = canvas.obj("pack", "s", "f", at=(300, 300))
    socket = canvas.obj("s", "$0-netsend", at=(300, 400))
    canvas.wire(order.out(1), connect, host, address, canvas.msg("connect", "$1", "$2"), socket)
    canvas.wire(connect.out(1), port, address.into(1))
    canvas.wire(order.out(2), canvas.msg("disconnect", at=(200, 350)), socket)
    canvas.wire(order.out(3), reply)
    _listen(canvas, reply)
    _greet(canvas, beat, connect, reply)
    return canvas


def _listen(canvas: Canvas, reply: Port) -> None:
    """Listen on the local address only, unless the bridge runs on another machine."""
    asked = canvas.obj("r", "$0-host", at=(640, 320))
    here = canvas.obj("sel", LOOPBACK, "localhost")
    yes, no = canvas.msg(1, at=(640, 380)), canvas.msg(0, at=(720, 380))
    away = canvas.obj("==", 0, at=(740, 410))
    canvas.wire(asked, here, yes)
    canvas.wire(here.out(1), yes)
    canvas.wire(here.out(2), canvas.obj("t", "b", at=(780, 350)), no)
    socket = canvas.obj("s", "$0-netreceive", at=(560, 530))
    on_this_machine = canvas.obj("spigot", 1, at=(560, 450))
    anywhere = canvas.obj("spigot", 0, at=(720, 450))
    for answer in (yes, no):
        canvas.wire(answer, on_this_machine.into(1))
        canvas.wire(answer, away)
    canvas.wire(away, anywhere.into(1))
    canvas.wire(reply, on_this_machine, canvas.msg("listen", "$1", LOOPBACK), socket)
    canvas.wire(reply, anywhere, canvas.msg("listen", "$1"), socket)


def _greet(canvas: Canvas, beat: Port, connect: Port, reply: Port) -> None:
    connected = canvas.obj("r", "$0-connected", at=(100, 400))
    lost = canvas.obj("==", 0)
    again = canvas.obj("spigot", 1, at=(20, 460))
    port = canvas.obj("f", REPLY_PORT, at=(60, 490))
    order = canvas.obj("t", "b", "b", "b", at=(20, 330))
    canvas.wire(beat, order)
    canvas.wire(canvas.obj("r", "$0-heartbeat", at=(100, 300)), order)
    canvas.wire(connected, lost, again.into(1))
    canvas.wire(order.out(2), again, connect)
    canvas.wire(reply, port.into(1))
    canvas.wire(order.out(1), port, canvas.obj("s", "$0-register-out"))
    canvas.wire(order, canvas.obj("s", "$0-status-out", at=(20, 530)))
