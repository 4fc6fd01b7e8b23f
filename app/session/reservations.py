"""Reservations: slots that wait for a loop that is being rendered or read."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.session.state import Slot
from technogan.errors import SettingError
from technogan.sound.loop import Loop


@dataclass(frozen=True, slots=True, eq=False)
class Reservation:
    """A slot that waits for a loop.

    Attributes:
        index: of the slot.
        what: the name of the loop that it waits for.
        before: the loop that was in the slot then.
    """

    index: int
    what: str
    before: Loop | None


class Reservations:
    """The slots that wait, at most one loop for each."""

    def __init__(self) -> None:
        self._by_slot: dict[int, Reservation] = {}

    def reserve(self, index: int | None, what: str, slots: Sequence[Slot]) -> Reservation:
        """Reserve a slot; the first one that is empty and free if `index` is None. Raises SettingError."""
        if index is None:
            index = self.first_free(slots)
        if index is None:
            raise SettingError(
                "target",
                "first empty slot",
                "an empty slot: all slots are full; clear one, or choose the slot to replace",
            )
        if index in self._by_slot:
            waiting = self._by_slot[index].what
            raise SettingError("target", f"slot {index + 1}", f"another slot: that one waits for {waiting}")
        made = Reservation(index, what, _loop_in(slots[index]))
        self._by_slot[index] = made
        return made

    def first_free(self, slots: Sequence[Slot], after: int = -1) -> int | None:
        """Return the index of the first empty slot that waits for nothing, beginning behind `after`; None for none."""
        order = [*range(after + 1, len(slots)), *range(after + 1)]
        return next((i for i in order if slots[i].clip is None and i not in self._by_slot), None)

    def release(self, reservation: Reservation) -> bool:
        """End a reservation; return False if it had ended."""
        held = self._by_slot.get(reservation.index) is reservation
        if held:
            del self._by_slot[reservation.index]
        return held

    def all(self) -> list[Reservation]:
        """Return all reservations."""
        return list(self._by_slot.values())


def was_filled(reservation: Reservation, slots: Sequence[Slot]) -> bool:
    """Return whether another loop came into the slot since it was reserved."""
    loop = _loop_in(slots[reservation.index])
    return loop is not None and loop is not reservation.before


def _loop_in(slot: Slot) -> Loop | None:
    return slot.clip.loop if slot.clip is not None else None
