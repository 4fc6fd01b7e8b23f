"""Build the Pure Data patch: 64 sliders, eight slots, morphs, clock and the bridge to TechnoGAN."""

from scripts.clients import pd_bridge, pd_logic
from scripts.clients.pd_file import Canvas
from scripts.clients.pd_logic import HIGH, LOW, MOST_STEPS, SLOTS, VALUES

_COLUMNS = 16


def patch() -> Canvas:
    """Return `technogan.pd`, which is controlled by its panels and by messages to the receiver `technogan`."""
    main = Canvas(808, 674)
    _seed_panel(main)
    _bridge_panel(main)
    _morph_panel(main)
    _clock_panel(main)
    _slots(main)
    inside = (
        *(pd_logic.seed(), pd_logic.remote(), pd_logic.morph(), pd_logic.clock()),
        *(pd_bridge.sending(), pd_bridge.receiving(), pd_bridge.connection()),
    )
    main.panel((396, 452), (400, 52), "inside")
    for number, canvas in enumerate(inside):
        row, column = divmod(number, 4)
        main.subpatch(canvas, at=(464 + column * (96 if row else 80), 454 + row * 25))
    return main


def _seed_panel(main: Canvas) -> None:
    main.panel((8, 8), (376, 496), "seed")
    for index in range(VALUES):
        row, column = divmod(index, _COLUMNS)
        place = (20 + column * 22, 42 + row * 115)
        main.slider(place, (16, 98), (LOW, HIGH), receive=f"$0-in-{index}", send=f"$0-out-{index}")
        main.text(str(index + 1), (place[0] - 4, place[1] + 97))
    main.button((110, 14), 18, "randomise", send="$0-random")
    main.button((240, 14), 18, "zero", send="$0-zero")


def _bridge_panel(main: Canvas) -> None:
    main.panel((396, 8), (400, 168), "bridge")
    main.toggle((480, 12), 15, "answers", receive="$0-alive")
    main.text("host", (404, 48))
    main.word((444, 48), 14, "$0-host-in", "$0-host")
    main.text("port", (564, 48))
    main.number((604, 48), 6, 1, 65535, "$0-port-in", "$0-port")
    main.text("replies to", (660, 48))
    main.number((742, 48), 6, 1, 65535, "$0-reply-in", "$0-reply")
    main.text("model", (404, 90))
    main.word((444, 90), 24, "$0-model")
    main.text("waiting", (634, 90))
    main.number((694, 90), 5, 0, 0, "$0-waiting", "-")
    main.text("values", (404, 132))
    main.number((460, 132), 5, 0, 0, "$0-latent", "-")
    main.text("Hz", (524, 132))
    main.number((550, 132), 7, 0, 0, "$0-rate", "-")
    main.text("bpm", (634, 132))
    main.number((694, 132), 7, 0, 0, "$0-bpm", "-")
    # A symbol box would show a backslash before every space.
    main.line((8, 644), (788, 20), "$0-message-label")


def _morph_panel(main: Canvas) -> None:
    main.panel((396, 184), (400, 128), "morph")
    for name, x, low, high in (("a", 456, 0, 8), ("b", 536, 0, 8), ("steps", 640, 1, MOST_STEPS), ("into", 746, 1, 8)):
        main.text(name, (x - 12 - 8 * len(name), 216))
        main.number((x, 216), 5, low, high, f"$0-{name}-in", f"$0-{name}")
    main.button((412, 246), 20, "fade", send="$0-fade-now")
    main.button((512, 246), 20, "pingpong", send="$0-pingpong-now")
    main.text("0: the sliders. 1 to 8: the seed of a slot", (404, 280))


def _clock_panel(main: Canvas) -> None:
    main.panel((396, 320), (400, 124), "clock")
    main.toggle((412, 352), 24, "play", receive="$0-play-in", send="$0-play")
    main.text("tempo", (492, 356))
    main.number((540, 356), 7, 20, 400, "$0-tempo-in", "$0-tempo")
    main.button((620, 354), 20, "tempo of the model", send="$0-own-tempo")
    main.text("master", (404, 392))
    main.slider((460, 392), (230, 18), (0, 1), receive="$0-master-in", send="$0-master")
    main.toggle((710, 390), 20, "record", receive="$0-record-in", send="$0-record")
    main.text("Pitch follows tempo, as on a turntable", (404, 420))


def _slots(main: Canvas) -> None:
    for number in range(1, SLOTS + 1):
        main.obj("technogan-slot", "$0", number, at=(8 + (number - 1) * 99, 514))
