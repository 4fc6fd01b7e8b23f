"""The actions of one slot."""

from functools import partial

from app.controls.action import Action
from app.session.state import Slot
from app.widgets.keyboard import slot_key
from app.window.parts import Parts


class SlotActions:
    """Makes the actions of a slot by its index, from 0."""

    def __init__(self, its: Parts, index: int) -> None:
        self._its, self._session, self._index = its, its.session, index

    def make(self) -> list[Action]:
        """Return the actions, in the order of the slot's menu."""
        i, id_, slots, files = self._index, f"slot.{self._index + 1}", self._its.slots, self._its.files
        keep, replace = partial(slots.keep, i), partial(slots.keep, i, replace=True)
        load, play, clip, seed = partial(slots.load, i), partial(slots.toggle, i), self._has_clip, self._has_seed
        playing, muted, soloed = (partial(self._is, name) for name in ("playing", "muted", "soloed"))
        mute, solo = partial(self._toggle, "muted"), partial(self._toggle, "soloed")
        rename, clear = self._its.window.slots.slots[i].ask_name, partial(self._session.clear, i)
        save, save_stems = partial(files.save_loop, i), partial(files.save_stems, i)
        return [
            Action(f"{id_}.keep", "Keep the live loop here", keep, self._keys()),
            Action(f"{id_}.replace", "Replace by the live loop", replace, self._keys("Shift+"), can_run=clip),
            Action(f"{id_}.load", "Load the seed", load, self._keys("Ctrl+"), can_run=seed),
            Action(f"{id_}.play", "Play", play, self._keys("Alt+"), is_on=playing, can_run=clip),
            Action(f"{id_}.mute", "Mute", mute, is_on=muted, can_run=clip),
            Action(f"{id_}.solo", "Solo", solo, is_on=soloed, can_run=clip),
            Action(f"{id_}.rename", "Rename…", rename, can_run=clip),
            Action(f"{id_}.save", "Save as WAV…", save, can_run=clip),
            Action(f"{id_}.save-stems", "Save stems…", save_stems, can_run=self._has_stems),
            Action(f"{id_}.clear", "Clear", clear, can_run=clip),
        ]

    @property
    def _slot(self) -> Slot:
        return self._session.state.slots[self._index]

    def _has_clip(self) -> bool:
        return self._slot.clip is not None

    def _has_seed(self) -> bool:
        return self._slot.clip is not None and self._slot.clip.seed is not None

    def _has_stems(self) -> bool:
        return self._slot.clip is not None and bool(self._slot.clip.loop.stems)

    def _is(self, name: str) -> bool:
        return bool(getattr(self._slot, name))

    def _toggle(self, name: str) -> None:
        self._session.set_slot(self._index, **{name: not self._is(name)})

    def _keys(self, modifier: str = "") -> tuple[str, ...]:
        key = slot_key(self._index, modifier)
        return (key,) if key else ()
