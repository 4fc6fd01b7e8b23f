"""Where files go, what they are called, and how they get there whole."""

from __future__ import annotations

import contextlib
import re
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from technogan.atomic import explain
from technogan.errors import OutputError, RequestError

KEPT = 256

# Windows refuses to replace a file that another program has open: access denied, sharing violation, lock violation.
_HELD = (5, 32, 33)
_HELD_FOR_S, _HELD_PAUSE_S = 1.0, 0.05
_NUMBERED = re.compile(r".+-(\d{6,})\.(?:wav|png)")


@dataclass(frozen=True, slots=True)
class Target:
    """The files of one job; picture: None where none is wanted."""

    wav: Path
    picture: Path | None

    @property
    def paths(self) -> list[Path]:
        """The picture first: when the sound is there, all is there."""
        return [self.wav] if self.picture is None else [self.picture, self.wav]


def default_directory() -> Path:
    """Where the prototype wrote; old clients split the packed string at spaces, so there had better be none."""
    return Path(tempfile.gettempdir()) / "TechnoGAN"


def open_directory(text: str, allowed: Iterable[Path] = ()) -> Path:
    """The folder that a client names, made where it is new and may be made, and found to be writable.

    New folders may be made below the home folder, the temporary one and those `allowed`. Raises RequestError for one
    that may not be made or is no full path, OutputError for one that cannot be written.
    """
    directory = _full_path(text)
    if not _is_folder(directory):
        # Links and .. must not lead out of what is allowed.
        directory = _resolved(directory)
        roots = [_resolved(root) for root in (Path.home(), Path(tempfile.gettempdir()), *allowed)]
        if not any(directory.is_relative_to(root) for root in roots):
            reason = "there is no such folder, and new ones are made below the home or the temporary folder only"
            raise RequestError("not_allowed", f"{shown(directory)}: {reason}")
    return make_directory(directory)


def make_directory(directory: Path) -> Path:
    """Make a folder where there is none, and try to write into it. Raises OutputError."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=directory):
            return directory
    except OSError as error:
        raise OutputError(directory, explain(error)) from error


def shown(path: Path) -> str:
    """A path as clients expect it: with forward slashes."""
    return path.as_posix()


def shown_directory(directory: Path) -> str:
    """A folder as clients expect it: with a slash at its end."""
    return shown(directory).rstrip("/") + "/"


def retrying(write: Callable[[], object], *, patience_s: float = _HELD_FOR_S, pause_s: float = _HELD_PAUSE_S) -> None:
    """Call `write` again, for a second, while another program holds its file open (Windows). Raises what it raised."""
    deadline = time.monotonic() + patience_s
    while True:
        try:
            write()
            return
        except OutputError as error:
            if getattr(error.__cause__, "winerror", None) not in _HELD or time.monotonic() >= deadline:
                raise
        time.sleep(pause_s)


class FileNames:
    """Gives jobs their files. Used by the worker thread alone."""

    def __init__(self, kept: int = KEPT) -> None:
        self._limit = kept
        self._kept: deque[list[Path]] = deque()
        self._numbers: dict[Path, int] = {}

    @contextlib.contextmanager
    def fixed(self, directory: Path, stem: str, *, picture: bool = False) -> Iterator[Target]:
        """Always the same name: the file before is replaced. Raises OutputError where the folder is gone."""
        _check(directory)
        yield _target(directory, stem, picture)

    @contextlib.contextmanager
    def unique(self, directory: Path, stem: str, *, picture: bool = False) -> Iterator[Target]:
        """A name that is in nobody's use, also not of another bridge on the same folder.

        When the block ends well, the oldest files beyond the newest `kept` are deleted; when it does not, its own are.
        Raises OutputError where the folder is gone or cannot be written.
        """
        _check(directory)
        target, reservation = self._reserve(directory, stem, picture)
        try:
            yield target
        except BaseException:
            _delete(target.paths)
            raise
        else:
            self._keep(target)
        finally:
            _delete([reservation])

    def _reserve(self, directory: Path, stem: str, picture: bool) -> tuple[Target, Path]:
        number = self._numbers.get(directory) or _highest(directory)
        while True:
            number += 1
            self._numbers[directory] = number
            target = _target(directory, f"{stem}-{number:06d}", picture)
            reservation = directory / f".{stem}-{number:06d}.reserved"
            try:
                reservation.open("xb").close()
            except FileExistsError:
                continue
            except OSError as error:
                raise OutputError(target.wav, explain(error)) from error
            if not any(path.exists() for path in target.paths):
                return target, reservation
            _delete([reservation])

    def _keep(self, target: Target) -> None:
        self._kept.append(target.paths)
        while len(self._kept) > self._limit:
            _delete(self._kept.popleft())


def _full_path(text: str) -> Path:
    try:
        directory = Path(text).expanduser()
    except RuntimeError as error:  # no such user
        raise RequestError("not_allowed", f"{text!r}: {error}") from error
    if not directory.is_absolute():
        raise RequestError("not_allowed", f"{text!r} is no full path; give one that begins at the root, or with ~")
    return directory


def _target(directory: Path, stem: str, picture: bool) -> Target:
    return Target(directory / f"{stem}.wav", directory / f"{stem}.png" if picture else None)


def _check(directory: Path) -> None:
    if not _is_folder(directory):
        raise OutputError(directory, "the folder is gone; make it again or name another with set_target_dir")


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # a name too long, a parent that may not be looked into
        return False


def _resolved(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError) as error:  # links in a circle
        raise RequestError("not_allowed", f"{shown(path)}: {error}") from error


def _highest(directory: Path) -> int:
    try:
        names = [path.name for path in directory.iterdir()]
    except OSError as error:
        raise OutputError(directory, explain(error)) from error
    found = (_NUMBERED.fullmatch(name) for name in names)
    return max((int(match[1]) for match in found if match), default=0)


def _delete(paths: Iterable[Path]) -> None:
    for path in paths:
        # A client may hold it open, or have deleted it itself.
        with contextlib.suppress(OSError):
            path.unlink()
