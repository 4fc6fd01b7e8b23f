"""Slot actions by number, for keyboard shortcuts: keep the live loop, load a seed, start and stop."""

from app.controllers.playback import Playback
from app.notifications import Notifications
from app.session.session import Session


class SlotController:
    """Acts on slots by their index, from 0. An index without a slot is ignored."""

    def __init__(self, session: Session, playback: Playback, notifications: Notifications) -> None:
        self._session, self._playback, self._notifications = session, playback, notifications

    def keep(self, index: int, *, replace: bool = False) -> None:
        """Keep the live loop in a slot. replace: even if the slot is playing another one."""
        if not self._has(index):
            return
        if self._session.state.slots[index].playing and not replace:
            self._notifications.note(f"Slot {index + 1} is playing. Hold Shift to replace its loop, or stop it first")
        elif not self._session.keep(index):
            self._notifications.note("No loop to keep yet: the first one is still rendering")

    def load(self, index: int) -> None:
        """Move the sliders to the seed of a slot; say so if the seed belongs to another model."""
        if not self._has(index) or not self._notifications.attempt(self._session.load_slot, index):
            return
        state = self._session.state
        clip = state.slots[index].clip
        origin = clip.loop.origin if clip is not None else None
        difference = origin.describe_difference(state.model, state.model_version or origin.version) if origin else ""
        if difference:
            self._notifications.note(f"Slot {index + 1}: {difference}")

    def toggle(self, index: int) -> None:
        """Start or stop a slot."""
        if self._has(index):
            self._playback.play(index, not self._session.state.slots[index].playing)

    def cross(self) -> None:
        """Move the crossfader to the opposite end."""
        position = 0.0 if self._session.state.morph.position >= 0.5 else 1.0
        self._notifications.attempt(self._session.move_morph, position)

    def _has(self, index: int) -> bool:
        return index < len(self._session.state.slots)
