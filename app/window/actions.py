"""Every action of the instrument, in one table: a new action is one line here. `slot_actions` has those of a slot."""

from functools import partial

from app.controls.action import Action, Registry
from app.session.state import Start
from app.widgets.morph_panel import KINDS
from app.widgets.tokens import THEMES
from app.window.parts import Parts
from app.window.slot_actions import SlotActions


def build_registry(its: Parts) -> Registry:
    """Return the registry of all actions. Menus and keys are made from it."""
    slots = range(len(its.session.state.slots))
    return Registry(
        {
            "File": _session_actions(its),
            "Edit": _seed_actions(its),
            "Play": _play_actions(its),
            "Quantise": _quantise_actions(its),
            **{slot_group(i): SlotActions(its, i).make() for i in slots},
            "Morph": _morph_actions(its),
            "View": _view_actions(its),
            "Themes": _theme_actions(its),
            "Tools": [
                Action("tools.dataset", "Make a dataset…", its.tools.open_dataset, ("Ctrl+Shift+D",)),
                Action("tools.training", "Train a model…", its.tools.open_training, ("Ctrl+Shift+T",)),
                Action("tools.setup", "Training tools…", its.tools.open_tools),
            ],
            "OSC": [Action("osc.show", "OSC bridge…", its.osc.show, ("Ctrl+Shift+O",))],
            "Help": _help_actions(its),
            "Messages": _message_actions(its),
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


def _quantise_actions(its: Parts) -> list[Action]:
    session = its.session

    def make(start: Start) -> Action:
        return Action(
            f"slots.start.{start.value}",
            start.value.capitalize(),
            partial(session.set_start, start),
            is_on=lambda: session.state.start is start,
        )

    return [make(start) for start in Start]


def _theme_actions(its: Parts) -> list[Action]:
    def make(name: str) -> Action:
        return Action(
            f"view.theme.{name.lower()}",
            f"{name} theme",
            partial(its.view.set_theme, name),
            is_on=lambda: its.preferences.now.theme == name,
        )

    return [make(name) for name in THEMES]


def _help_actions(its: Parts) -> list[Action]:
    return [
        Action("help.welcome", "Welcome", its.first_run.begin, ("F1",)),
        Action("help.doctor", "Check this machine…", its.help.show_findings),
        Action("help.settings", "Open the settings folder", its.help.open_settings),
        Action("help.licences", "Licences…", its.help.show_licences),
    ]


def _message_actions(its: Parts) -> list[Action]:
    messages = its.window.messages
    return [
        Action("message.close", "Close message", partial(_close_message, its), ("Esc",)),
        Action(
            "message.copy",
            "Copy details of the message",
            messages.copy_details,
            can_run=lambda: messages.shown is not None,
        ),
    ]


def _close_message(its: Parts) -> None:
    """Close what Escape closes; if there is nothing, the keyboard returns to the sliders."""
    if not its.first_run.close() and not its.window.messages.close_message():
        its.window.seed.bars.setFocus()
