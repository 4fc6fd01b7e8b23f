"""Every action of the instrument, in one table: a new action is one line here."""

from functools import partial

from app.controls.action import Action, Registry
from app.session.state import Start
from app.widgets.keyboard import slot_key
from app.widgets.morph_panel import KINDS
from app.widgets.tokens import THEMES
from app.window.parts import Parts


def build_registry(its: Parts) -> Registry:
    """Return the registry of all actions. Menus and keys are made from it."""
    return Registry(
        {
            "File": _session_actions(its),
            "Edit": _seed_actions(its),
            "Play": _play_actions(its),
            "Quantise": [
                Action(
                    f"slots.start.{start.value}",
                    start.value.capitalize(),
                    partial(its.session.set_start, start),
                    is_on=lambda start=start: its.session.state.start is start,  # type: ignore[misc]
                )
                for start in Start
            ],
            **{slot_group(i): _slot_actions(its, i) for i in range(len(its.session.state.slots))},
            "Morph": _morph_actions(its),
            "View": _view_actions(its),
            "Themes": [
                Action(
                    f"view.theme.{name.lower()}",
                    f"{name} theme",
                    partial(its.view.set_theme, name),
                    is_on=lambda name=name: its.preferences.now.theme == name,  # type: ignore[misc]
                )
                for name in THEMES
            ],
            "Tools": [
                Action("tools.dataset", "Make a dataset…", its.tools.open_dataset, ("Ctrl+Shift+D",)),
                Action("tools.training", "Train a model…", its.tools.open_training, ("Ctrl+Shift+T",)),
                Action("tools.setup", "Training tools…", its.tools.open_tools),
            ],
            "OSC": [Action("osc.show", "OSC bridge…", its.osc.show, ("Ctrl+Shift+O",))],
            "Help": [
                Action("help.welcome", "Welcome", its.first_run.begin, ("F1",)),
                Action("help.doctor", "Check this machine…", its.help.show_findings),
                Action("help.settings", "Open the settings folder", its.help.open_settings),
                Action("help.licences", "Licences…", its.help.show_licences),
            ],
            "Messages": [
                Action("message.close", "Close message", partial(_close_message, its), ("Esc",)),
                Action(
                    "message.copy",
                    "Copy details of the message",
                    its.window.messages.copy_details,
                    can_run=lambda: its.window.messages.shown is not None,
                ),
            ],
            "Quit": [Action("window.quit", "Quit", its.window.close, ("Ctrl+Q",))],
            # The menu cannot contain the action that opens it.
            "Menu": [Action("window.menu", "Menu", its.window.transport.menu.click, ("F10",))],
        }
    )


def slot_group(index: int) -> str:
    """Return the name of the group with the actions of a slot."""
    return f"Slot {index + 1}"


def _session_actions(its: Parts) -> list[Action]:
    return [
        Action("session.new", "New session", its.files.new, ("Ctrl+N",)),
        Action("session.open", "Open…", its.files.open, ("Ctrl+O",)),
        Action("session.save", "Save", its.files.save, ("Ctrl+S",)),
        Action("session.save-as", "Save as…", its.files.save_as, ("Ctrl+Shift+S",)),
    ]


def _seed_actions(its: Parts) -> list[Action]:
    session, panel = its.session, its.window.seed
    undo = session.undo_stack
    return [
        Action("seed.undo", "Undo", undo.undo, ("Ctrl+Z",), can_run=undo.canUndo, repeats=True),
        Action("seed.redo", "Redo", undo.redo, ("Ctrl+Shift+Z", "Ctrl+Y"), can_run=undo.canRedo, repeats=True),
        Action("seed.copy", "Copy seed", its.transfer.copy_seed, ("Ctrl+C",)),
        Action("seed.paste", "Paste seed", its.transfer.paste_copied_seed, ("Ctrl+V",)),
        Action("seed.random", "Random", session.randomise, ("R",)),
        Action("seed.mutate", "Mutate", panel.request_mutation, ("M",)),
        Action("seed.zero", "Zero", session.zero, ("Z",)),
        Action(
            "seed.lock",
            "Lock the selected slider",
            lambda: session.toggle_lock(panel.bars.current),
            ("L",),
            is_on=lambda: panel.bars.current in session.state.locked,
        ),
        Action(
            "seed.type",
            "Type the selected slider's value",
            panel.edit_number,
            ("V", "Return", "Enter"),
            scope="sliders",
        ),
    ]


def _play_actions(its: Parts) -> list[Action]:
    session = its.session
    return [
        Action("transport.play", "Play", its.playback.toggle, ("Space",), is_on=lambda: its.playback.running),
        Action("slots.stop", "Stop all slots", its.playback.stop_all, ("Shift+Space",)),
        Action("transport.tap", "Tap tempo", its.tempo.tap, ("T",)),
        Action("live.on", "Live", session.toggle_live, ("0",), is_on=lambda: session.state.live.on),
        Action(
            "transport.record", "Record", its.recording.toggle, ("Ctrl+R",), is_on=its.window.transport.record.isChecked
        ),
    ]


def _slot_actions(its: Parts, index: int) -> list[Action]:
    id_, session, view = f"slot.{index + 1}", its.session, its.window.slots.slots[index]

    def has_clip() -> bool:
        return session.state.slots[index].clip is not None

    def has_seed() -> bool:
        clip = session.state.slots[index].clip
        return clip is not None and clip.seed is not None

    def has_stems() -> bool:
        clip = session.state.slots[index].clip
        return clip is not None and bool(clip.loop.stems)

    def keys(modifier: str = "") -> tuple[str, ...]:
        key = slot_key(index, modifier)
        return (key,) if key else ()

    return [
        Action(f"{id_}.keep", "Keep the live loop here", partial(its.slots.keep, index), keys()),
        Action(
            f"{id_}.replace",
            "Replace by the live loop",
            partial(its.slots.keep, index, replace=True),
            keys("Shift+"),
            can_run=has_clip,
        ),
        Action(f"{id_}.load", "Load the seed", partial(its.slots.load, index), keys("Ctrl+"), can_run=has_seed),
        Action(
            f"{id_}.play",
            "Play",
            partial(its.slots.toggle, index),
            keys("Alt+"),
            is_on=lambda: session.state.slots[index].playing,
            can_run=has_clip,
        ),
        Action(
            f"{id_}.mute",
            "Mute",
            lambda: session.set_slot(index, muted=not session.state.slots[index].muted),
            is_on=lambda: session.state.slots[index].muted,
            can_run=has_clip,
        ),
        Action(
            f"{id_}.solo",
            "Solo",
            lambda: session.set_slot(index, soloed=not session.state.slots[index].soloed),
            is_on=lambda: session.state.slots[index].soloed,
            can_run=has_clip,
        ),
        Action(f"{id_}.rename", "Rename…", view.ask_name, can_run=has_clip),
        Action(f"{id_}.save", "Save as WAV…", partial(its.files.save_loop, index), can_run=has_clip),
        Action(f"{id_}.save-stems", "Save stems…", partial(its.files.save_stems, index), can_run=has_stems),
        Action(f"{id_}.clear", "Clear", partial(session.clear, index), can_run=has_clip),
    ]


def _morph_actions(its: Parts) -> list[Action]:
    panel, session = its.window.morph, its.session
    return [
        Action(
            "morph.cross",
            "Crossfade to the other slot",
            its.slots.cross,
            ("X",),
            can_run=panel.crossfader.isEnabled,
        ),
        Action(
            "morph.spherical",
            "Spherical",
            lambda: session.set_morph(spherical=not session.state.morph.spherical),
            is_on=lambda: session.state.morph.spherical,
        ),
        *(
            Action(
                f"morph.{kind}",
                f"Make a {kind}",
                partial(panel.sequence_requested.emit, kind),
                can_run=panel.kinds[kind].isEnabled,
            )
            for kind in KINDS
        ),
        Action("morph.cancel", "Cancel the sequence", panel.cancel.click, can_run=panel.cancel.isEnabled),
    ]


def _view_actions(its: Parts) -> list[Action]:
    preferences = its.preferences
    return [
        Action(
            "view.axis", "Logarithmic axis", its.view.toggle_axis, ("F",), is_on=lambda: preferences.now.logarithmic
        ),
        Action("view.colours", "Next colour map", its.view.next_colour_map, ("C",)),
        Action(
            "view.analyser", "Live analyser", its.view.toggle_analyser, ("A",), is_on=lambda: preferences.now.analyser
        ),
    ]


def _close_message(its: Parts) -> None:
    """Close what Escape closes; if there is nothing, the keyboard returns to the sliders."""
    if not its.first_run.close() and not its.window.messages.close_message():
        its.window.seed.bars.setFocus()
