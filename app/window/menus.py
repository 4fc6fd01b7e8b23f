"""Keys and the menu: one table each of what can be asked for."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QActionGroup, QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMenu

from app.controls.command import Command, add_group, install
from app.drawing.colour_maps import MAPS
from app.session.session_file import SUFFIX
from app.session.state import State
from app.settings.paths import recordings_dir
from app.widgets.tokens import THEMES
from app.window.help import open_folder

if TYPE_CHECKING:
    from app.window.instrument import Instrument

_FILTER = f"TechnoGAN session (*{SUFFIX})"
_KEYS = 8


class Menus:
    """The menu behind the key at the top left, and all shortcuts."""

    def __init__(self, instrument: Instrument) -> None:
        self._its = instrument
        window = instrument.window
        self.menu = QMenu(window)
        self._recent = QMenu("Open recent", self.menu)
        self._recent.aboutToShow.connect(self._fill_recent)
        self._build()
        install(window, self._playing())
        window.transport.menu.clicked.connect(self._show)

    # --- what can be asked for

    def _file_commands(self) -> list[Command]:
        return [
            Command("New session", self.new, ("Ctrl+N",)),
            Command("Open…", self.open, ("Ctrl+O",)),
            Command("Save", self.save, ("Ctrl+S",)),
            Command("Save as…", self.save_as, ("Ctrl+Shift+S",)),
        ]

    def _edit_commands(self) -> list[Command]:
        its, panel = self._its, self._its.window.seed
        return [
            Command("Undo", its.session.undo_stack.undo, ("Ctrl+Z",)),
            Command("Redo", its.session.undo_stack.redo, ("Ctrl+Shift+Z", "Ctrl+Y")),
            Command("Copy seed", self._copy, ("Ctrl+C",)),
            Command("Paste seed", self._paste, ("Ctrl+V",)),
            Command("Random", its.session.randomise, ("R",)),
            Command("Mutate", panel.ask_mutation, ("M",)),
            Command("Zero", its.session.zero, ("Z",)),
            Command("Lock the chosen slider", lambda: its.session.toggle_lock(panel.bars.current), ("L",)),
            Command("Type the chosen slider's value", panel.edit_number, ("Return", "Enter", "V")),
        ]

    def _playing(self) -> list[Command]:
        its, wiring = self._its, self._its.wiring
        commands = [
            Command("Play", lambda: its.sound.run(not its.sound.running), ("Space",)),
            Command("Stop all slots", its.sound.stop_all, ("Shift+Space",)),
            Command("Tap", wiring.tap, ("T",)),
            Command("Live", lambda: its.session.set_live(on=not its.session.state.live.on), ("0",)),
            Command("Crossfade", wiring.cross, ("X",)),
            Command("Record", self.record, ("Ctrl+R",)),
            Command("Close message", self._close_message, ("Esc",)),
        ]
        for i in range(_KEYS):
            commands += [
                Command(f"Keep in {i + 1}", lambda i=i: wiring.keep(i), (f"{i + 1}",)),  # type: ignore[misc]
                Command(f"Load {i + 1}", lambda i=i: wiring.load(i), (f"Ctrl+{i + 1}",)),  # type: ignore[misc]
                Command(f"Play {i + 1}", lambda i=i: wiring.toggle_slot(i), (f"Alt+{i + 1}",)),  # type: ignore[misc]
            ]
        return commands

    def _view_commands(self) -> list[Command]:
        return [
            Command("Logarithmic or linear axis", self.toggle_axis, ("F",)),
            Command("Next colour map", self.next_map, ("C",)),
            Command("Live analyser", self._toggle_analyser, ("A",)),
        ]

    def _tools_commands(self) -> list[Command]:
        workshop = self._its.workshop
        return [
            Command("Make a dataset…", workshop.open_dataset, ("Ctrl+Shift+D",)),
            Command("Train a model…", workshop.open_training, ("Ctrl+Shift+T",)),
            Command("Training tools…", workshop.open_tools),
        ]

    def _help_commands(self) -> list[Command]:
        its = self._its
        return [
            Command("Welcome", its.welcome.begin, ("F1",)),
            Command("Check this machine…", its.papers.show_findings),
            Command("Open the folder of settings", lambda: open_folder(its.folder)),
            Command("Licences…", its.papers.show_licences),
        ]

    # --- sessions

    def new(self) -> None:
        """Begin anew; what was there can be had back from its file only, if it has one."""
        its = self._its
        fresh = State(model=its.session.state.model, bpm=its.session.state.bpm)
        if len(its.session.state.seed) == len(fresh.seed):
            its.exchange.adopt(fresh, None)
        its.session.randomise()

    def open(self) -> None:
        """Choose a session file."""
        chosen, _ = QFileDialog.getOpenFileName(self._its.window, "Open session", str(Path.home()), _FILTER)
        if chosen:
            self._its.exchange.open(Path(chosen))

    def save(self) -> None:
        """Into the file it came from."""
        path = self._its.session.path
        if path is None:
            self.save_as()
        else:
            self._its.exchange.save(path)

    def save_as(self) -> None:
        """Choose a file."""
        start = str(self._its.session.path or Path.home() / f"session{SUFFIX}")
        chosen, _ = QFileDialog.getSaveFileName(self._its.window, "Save session", start, _FILTER)
        if chosen:
            self._its.exchange.save(Path(chosen))

    # --- the rest

    def record(self) -> None:
        """Begin to record, or end it."""
        recording = self._its.player.recording
        if recording is not None and recording.running:
            self._its.player.stop_recording()
            return
        path = recordings_dir() / f"TechnoGAN {datetime.now():%Y-%m-%d %H-%M-%S}.wav"
        self._its.wiring.attempt(self._its.player.record, path)

    def toggle_axis(self) -> None:
        """Between logarithmic and linear."""
        self._its.preferences.set(logarithmic=not self._its.preferences.now.logarithmic)

    def next_map(self) -> None:
        """The next colour map."""
        names = list(MAPS)
        following = names[(names.index(self._its.preferences.now.colour_map) + 1) % len(names)]
        self._its.preferences.set(colour_map=following)

    def _close_message(self) -> None:
        if not self._its.welcome.close():
            self._its.window.messages.close_message()

    def _toggle_analyser(self) -> None:
        self._its.preferences.set(analyser=not self._its.preferences.now.analyser)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._its.exchange.seed_text())
        self._its.notices.note("Seed copied as text")

    def _paste(self) -> None:
        self._its.wiring.attempt(self._its.exchange.paste_seed, QGuiApplication.clipboard().text())

    # --- the menu

    def _build(self) -> None:
        window, menu = self._its.window, self.menu
        menu.addActions(install(window, self._file_commands()))
        menu.insertMenu(menu.actions()[2], self._recent)
        menu.addSeparator()
        add_group(menu, "Edit", install(window, self._edit_commands()))
        view = add_group(menu, "View", install(window, self._view_commands()))
        view.addSeparator()
        self._add_themes(view)
        add_group(menu, "Tools", install(window, self._tools_commands()))
        osc = Command("OSC bridge…", self._its.show_osc_panel, ("Ctrl+Shift+O",))
        menu.addActions(install(window, [osc]))
        add_group(menu, "Help", install(window, self._help_commands()))
        menu.addSeparator()
        menu.addActions(install(window, [Command("Quit", window.close, ("Ctrl+Q",))]))

    def _add_themes(self, view: QMenu) -> None:
        group = QActionGroup(view)
        for name in THEMES:
            action = view.addAction(f"{name} theme")
            action.setCheckable(True)
            action.setChecked(name == self._its.preferences.now.theme)
            action.triggered.connect(lambda _checked=False, name=name: self._its.preferences.set(theme=name))
            group.addAction(action)

    def _fill_recent(self) -> None:
        self._recent.clear()
        recent = self._its.preferences.now.recent
        for text in recent:
            action = self._recent.addAction(Path(text).name)
            action.setToolTip(text)
            action.triggered.connect(lambda _checked=False, text=text: self._its.exchange.open(Path(text)))
        if not recent:
            self._recent.addAction("none yet").setEnabled(False)

    def _show(self) -> None:
        key = self._its.window.transport.menu
        self.menu.popup(key.mapToGlobal(key.rect().bottomLeft()))
