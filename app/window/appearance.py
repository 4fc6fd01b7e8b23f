"""Applies the preferences to the window: theme, colour map, axis, levels."""

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from app.settings.preferences import Preferences
from app.settings.settings import Settings
from app.widgets.main_window import MainWindow
from app.widgets.style import make_palette, make_style_sheet
from app.widgets.tokens import THEMES


class Appearance(QObject):
    """Shows the preferences in the window and follows their changes. restyle_tools: called with every new theme."""

    def __init__(self, window: MainWindow, preferences: Preferences, restyle_tools: Callable[[], None]) -> None:
        super().__init__()
        self._window, self._preferences, self._restyle_tools = window, preferences, restyle_tools
        self._theme = ""
        window.transport.master.level_edited.connect(lambda level: preferences.set(master_db=level))
        window.seed.mutation_changed.connect(lambda amount: preferences.set(mutation=amount))
        preferences.changed.connect(self.apply)

    def apply(self, settings: Settings) -> None:
        """Show these settings."""
        if settings.theme != self._theme:
            self._theme = settings.theme
            self._apply_theme(settings.theme)
        window = self._window
        window.loop.set_display(settings.colour_map, logarithmic=settings.logarithmic)
        window.loop.spectrum.setVisible(settings.analyser)
        window.transport.show_master(settings.master_db)
        window.seed.amount.setValue(round(settings.mutation))

    def _apply_theme(self, name: str) -> None:
        tokens = THEMES[name]
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.setPalette(make_palette(tokens))
        application.setStyleSheet(make_style_sheet(tokens))
        self._window.restyle(tokens)
        self._restyle_tools()
