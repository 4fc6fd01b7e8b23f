"""Actions: what a key, a menu entry or a button triggers."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

# Where the keys of an action work: in the whole window, or only while the sliders have the focus.
Scope = Literal["window", "sliders"]


@dataclass(frozen=True, slots=True)
class Action:
    """A command that the performer can trigger.

    Attributes:
        id: a stable name, such as "seed.random".
        text: the text in menus.
        run: the function to call.
        keys: the shortcuts, in Qt's notation. Digits are keys of the top row, whatever the keyboard layout has there.
        scope: where the keys work.
        is_on: returns whether the action is switched on, for a check mark in menus; None for an action without a state.
        can_run: returns whether the action has something to act on; menus grey it out otherwise. None for always.
        repeats: whether a key that is held down triggers the action again and again.
    """

    id: str
    text: str
    run: Callable[[], object]
    keys: tuple[str, ...] = ()
    scope: Scope = "window"
    is_on: Callable[[], bool] | None = None
    can_run: Callable[[], bool] | None = None
    repeats: bool = False


class Registry:
    """All actions of the instrument, in named groups. Raises ValueError if two share an id or a key."""

    def __init__(self, groups: Mapping[str, Sequence[Action]]) -> None:
        self._groups = {name: tuple(actions) for name, actions in groups.items()}
        self._by_id: dict[str, Action] = {}
        taken: dict[str, str] = {}
        for action in (action for actions in self._groups.values() for action in actions):
            if action.id in self._by_id:
                raise ValueError(f"two actions have the id {action.id}")
            self._by_id[action.id] = action
            for key in action.keys:
                if key in taken:
                    raise ValueError(f"{action.id} and {taken[key]} both have the key {key}")
                taken[key] = action.id

    def __getitem__(self, action_id: str) -> Action:
        return self._by_id[action_id]

    def __iter__(self) -> Iterator[Action]:
        return iter(self._by_id.values())

    def group(self, name: str) -> tuple[Action, ...]:
        """Return the actions of one group, in order."""
        return self._groups[name]
