"""The stems of the live loop and of the slots: switches, solo and levels."""

from app.session.session import Session
from app.session.state import StemMix


class StemController:
    """Changes how stems play. slot: the index of a slot; None for the live loop."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def names(self, slot: int | None) -> tuple[str, ...]:
        """Return the names of the loop's stems; none if it has no stems or if there is no loop."""
        if slot is None:
            loop = self._session.loop
        else:
            clip = self._session.state.slots[slot].clip
            loop = clip.loop if clip is not None else None
        return tuple(loop.stems) if loop is not None else ()

    def toggle(self, slot: int | None, name: str) -> None:
        """Switch a stem on or off."""
        self._set(slot, self._mix(slot).toggled(name, self.names(slot)))

    def solo(self, slot: int | None, name: str) -> None:
        """Solo a stem, or end its solo."""
        self._set(slot, self._mix(slot).with_solo_toggled(name))

    def set_level(self, slot: int | None, name: str, level_db: float) -> None:
        """Set the level of a stem."""
        self._set(slot, self._mix(slot).with_level(name, level_db))

    def _mix(self, slot: int | None) -> StemMix:
        state = self._session.state
        return state.live.stems if slot is None else state.slots[slot].stems

    def _set(self, slot: int | None, mix: StemMix) -> None:
        if slot is None:
            self._session.set_live(stems=mix)
        else:
            self._session.set_slot(slot, stems=mix)
