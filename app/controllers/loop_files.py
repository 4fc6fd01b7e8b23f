"""Write the loops of slots to WAV files: saved, dragged out, and by stem."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from app.audio.interface import AnyPlayer
from app.notifications import Notifications
from app.session.session import Session
from app.session.state import Clip
from app.workers.tasks import TaskQueue
from technogan.file_names import free_path, safe_name
from technogan.sound.loop import Loop
from technogan.sound.wav import choose_subtype

_LONGEST_NAME = 60

Ready = Callable[[list[Path]], None]


@dataclass(frozen=True, slots=True)
class _Dragged:
    """Files that were written to be dragged out, and what they hold."""

    clip: Clip
    bpm: float
    rate: int
    by_stem: bool
    paths: list[Path]


class LoopFiles:
    """Writes loops in the background, at the player's sample rate; only the GUI thread calls it."""

    def __init__(self, session: Session, tasks: TaskQueue, notifications: Notifications, player: AnyPlayer) -> None:
        self._session, self._tasks, self._notifications, self._player = session, tasks, notifications, player
        # Other programs may use dragged-out files, so they stay until the instrument quits.
        self._folder = tempfile.TemporaryDirectory(prefix="technogan-", ignore_cleanup_errors=True)
        self._dragged: dict[int, _Dragged] = {}
        self._n_dragged = 0

    def close(self) -> None:
        """Delete the files that were dragged out."""
        self._folder.cleanup()

    def suggest_name(self, index: int) -> str:
        """Return the name of a WAV file for the loop of a slot; "" for an empty slot."""
        clip = self._session.state.slots[index].clip
        return f"{file_name_of(clip, self._session.state.bpm)}.wav" if clip is not None else ""

    def save(self, index: int, path: Path) -> None:
        """Write the loop of a slot to this WAV file."""
        clip = self._session.state.slots[index].clip
        if clip is None:
            return
        path = path if path.suffix else path.with_suffix(".wav")
        bpm, rate = self._session.state.bpm, self._player.status.sample_rate
        self._tasks.submit(
            f"saving {path.name}",
            lambda _progress, _stop: at_tempo(clip.loop, bpm).resampled(rate).save(path),
            lambda _clipped: self._notifications.note(f"Saved {path.name}"),
        )

    def save_stems(self, index: int, folder: Path) -> None:
        """Write each stem of a slot's loop to a WAV file of its own in this folder."""
        clip = self._session.state.slots[index].clip
        if clip is None or not clip.loop.stems:
            return
        bpm, rate = self._session.state.bpm, self._player.status.sample_rate
        self._tasks.submit(
            f"saving the stems of {clip.name}",
            lambda _progress, _stop: write_stems(clip, bpm, rate, folder),
            lambda paths: self._notifications.note(f"Saved {', '.join(path.name for path in paths)}"),
        )

    def prepare_drag(self, index: int, ready: Ready, *, by_stem: bool = False) -> None:
        """Write the loop of a slot, or each of its stems, to WAV files that stay until the instrument quits.

        Args:
            index: of the slot; nothing happens if it is empty.
            ready: called with the paths, at once if the files have been written before.
            by_stem: write one file for each stem, if the loop has stems.
        """
        clip = self._session.state.slots[index].clip
        if clip is None:
            return
        bpm, rate, by_stem = self._session.state.bpm, self._player.status.sample_rate, by_stem and bool(clip.loop.stems)
        known = self._dragged.get(index)
        if known is not None and known.clip is clip and (known.bpm, known.rate, known.by_stem) == (bpm, rate, by_stem):
            ready(known.paths)
            return
        self._n_dragged += 1
        folder = Path(self._folder.name) / str(self._n_dragged)  # loops may have the same name

        def done(paths: list[Path]) -> None:
            self._dragged[index] = _Dragged(clip, bpm, rate, by_stem, paths)
            ready(paths)

        write = write_stems if by_stem else _write_whole
        self._tasks.submit(f"writing {clip.name}", lambda _progress, _stop: write(clip, bpm, rate, folder), done)


def file_name_of(clip: Clip, bpm: float, stem: str = "") -> str:
    """Return the name of a clip's WAV file without its suffix; `stem` if it holds only that stem."""
    name = safe_name(clip.name, fallback="loop", longest=_LONGEST_NAME)
    part = f" {safe_name(stem, fallback='stem', longest=_LONGEST_NAME)}" if stem else ""
    return f"{name}{part} {bpm:g} bpm"


def write_stems(clip: Clip, bpm: float, rate: int, folder: Path) -> list[Path]:
    """Write each stem of a clip to a WAV file in a folder, and return their paths. Raises OutputError.

    They keep their levels within the loop, so that together they sound like it. Files of the same name stay, and the
    new ones get a number.
    """
    loop, paths = at_tempo(clip.loop, bpm).resampled(rate), []
    for stem, samples in loop.stems.items():
        paths.append(free_path(folder / f"{file_name_of(clip, bpm, stem)}.wav"))
        loop.stem(stem).save(paths[-1], subtype=choose_subtype(samples))
    return paths


def at_tempo(loop: Loop, bpm: float) -> Loop:
    """Return a loop with the same samples at another tempo."""
    origin = replace(loop.origin, bpm=bpm) if loop.origin else None
    return replace(loop, bpm=bpm, sample_rate=len(loop.samples) * bpm / (60 * loop.beats), origin=origin)


def _write_whole(clip: Clip, bpm: float, rate: int, folder: Path) -> list[Path]:
    path = folder / f"{file_name_of(clip, bpm)}.wav"
    at_tempo(clip.loop, bpm).resampled(rate).save(path)
    return [path]
