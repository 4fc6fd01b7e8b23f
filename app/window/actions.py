"""Every action of the instrument, in one table: a new action is one line here."""

from functools import partial

from app.controls.action import Action, Registry
from app.widgets.keyboard import N_SLOT_KEYS
from app.widgets.tokens import THEMES
from app.window.parts import Parts


def build_registry(parts: Parts) -> Registry:
    """Return the registry of all actions. Menus and keys are made from it."""
    session, panel, its = parts.session, parts.window.seed, parts
    return Registry(
        {
            "File": [
                Action("session.new", "New session", its.files.new, ("Ctrl+N",)),
                Action("session.open", "Open…", its.files.open, ("Ctrl+O",)),
                Action("session.save", "Save", its.files.save, ("Ctrl+S",)),
                Action("session.save-as", "Save as…", its.files.save_as, ("Ctrl+Shift+S",)),
            ],
            "Edit": [
                Action("seed.undo", "Undo", session.undo_stack.undo, ("Ctrl+Z",)),
                Action("seed.redo", "Redo", session.undo_stack.redo, ("Ctrl+Shift+Z", "Ctrl+Y")),
                Action("seed.copy", "Copy seed", its.transfer.copy_seed, ("Ctrl+C",)),
                Action("seed.paste", "Paste seed", its.transfer.paste_copied_seed, ("Ctrl+V",)),
                Action("seed.random", "Random", session.randomise, ("R",)),
                Action("seed.mutate", "Mutate", panel.request_mutation, ("M",)),
                Action("seed.zero", "Zero", session.zero, ("Z",)),
                Action(
                    "seed.lock", "Lock the selected slider", lambda: session.toggle_lock(panel.bars.current), ("L",)
                ),
                Action("seed.type", "Type the selected slider's value", panel.edit_number, ("Return", "Enter", "V")),
            ],
            "Play": [
                Action("transport.play", "Play", its.playback.toggle, ("Space",)),
                Action("slots.stop", "Stop all slots", its.playback.stop_all, ("Shift+Space",)),
                Action("transport.tap", "Tap tempo", its.tempo.tap, ("T",)),
                Action("live.on", "Live", session.toggle_live, ("0",)),
                Action("morph.cross", "Crossfade to the other slot", its.slots.cross, ("X",)),
                Action("transport.record", "Record", its.recording.toggle, ("Ctrl+R",)),
                Action("message.close", "Close message", lambda: _close_message(its), ("Esc",)),
                *(action for index in range(N_SLOT_KEYS) for action in _slot_actions(its, index)),
            ],
            "View": [
                Action("view.axis", "Logarithmic or linear axis", its.view.toggle_axis, ("F",)),
                Action("view.colours", "Next colour map", its.view.next_colour_map, ("C",)),
                Action("view.analyser", "Live analyser", its.view.toggle_analyser, ("A",)),
            ],
            "Themes": [
                Action(f"view.theme.{name.lower()}", f"{name} theme", partial(its.view.set_theme, name))
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
            "Quit": [Action("window.quit", "Quit", its.window.close, ("Ctrl+Q",))],
        }
    )


def _slot_actions(its: Parts, index: int) -> list[Action]:
    number, slots = index + 1, its.slots
    return [
        Action(f"slot.{number}.keep", f"Keep in {number}", partial(slots.keep, index), (f"{number}",)),
        Action(f"slot.{number}.load", f"Load {number}", partial(slots.load, index), (f"Ctrl+{number}",)),
        Action(f"slot.{number}.play", f"Play {number}", partial(slots.toggle, index), (f"Alt+{number}",)),
    ]


def _close_message(its: Parts) -> None:
    if not its.first_run.close():
        its.window.messages.close_message()
