"""Controls of the display: frequency axis, colour map, analyser, theme."""

from app.drawing.colour_maps import MAPS
from app.settings.preferences import Preferences


class ViewController:
    """Changes the preferences for the display."""

    def __init__(self, preferences: Preferences) -> None:
        self._preferences = preferences

    def toggle_axis(self) -> None:
        """Switch between a logarithmic and a linear frequency axis."""
        self._preferences.set(logarithmic=not self._preferences.now.logarithmic)

    def next_colour_map(self) -> None:
        """Switch to the next colour map."""
        names = list(MAPS)
        current = names.index(self._preferences.now.colour_map)
        self._preferences.set(colour_map=names[(current + 1) % len(names)])

    def toggle_analyser(self) -> None:
        """Show or hide the live analyser."""
        self._preferences.set(analyser=not self._preferences.now.analyser)

    def set_theme(self, name: str) -> None:
        """Switch to a theme by its name."""
        self._preferences.set(theme=name)
