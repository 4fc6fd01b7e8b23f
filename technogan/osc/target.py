"""Output folders, names of output files, and replacement of files that other programs hold open."""

import contextlib
import re
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from technogan.atomic import explain
from technogan.errors import OutputError, RequestError
from technogan.private_folder import private_folder

# Default number of jobs whose files are kept.
KEPT = 256

# Windows refuses to replace a file that another program holds open: access denied, sharing violation, lock violation.
_HELD_OPEN = (5, 32, 33)
_PATIENCE_S, _PAUSE_S = 1.0, 0.05
_NUMBERED = re.compile(r".+-(\d{6,})(?:-[a-z]+)?\.(?:wav|png)")


@dataclass(frozen=True, slots=True)
class LoopFiles:
    """The files of one job. wavs: the loop, or each of its stems. picture: None if it has none."""

    wavs: tuple[Path, ...]
    picture: Path | None

    @property
    def paths(self) -> list[Path]:
        """All files, the picture first: the sound is written last."""
        return [*([] if self.picture is None else [self.picture]), *self.wavs]


def default_directory() -> Path:
    """Return the user's own folder below the temporary folder, where the prototype's was; create it.

    Its name has no space, because old clients split the packed string at spaces.

    Raises:
        OutputError: the temporary folder cannot be written.
    """
    try:
        return private_folder("TechnoGAN")
    except OSError as error:
        raise OutputError(Path(tempfile.gettempdir()), explain(error)) from error


def open_directory(text: str, allowed: Iterable[Path] = ()) -> Path:
    """Return a writable folder that a client names by its full path; create it if that is allowed.

    New folders may be created below the home folder, the temporary folder and those in `allowed`.

    Raises:
        RequestError: the path is not a full path, or the folder may not be created.
        OutputError: the folder cannot be written.
    """
    directory = _full_path(text)
    if not _is_folder(directory):
        # Links and .. must not lead outside the allowed folders.
        directory = _resolve(directory)
        roots = [_resolve(root) for root in (Path.home(), Path(tempfile.gettempdir()), *allowed)]
        if not any(directory.is_relative_to(root) for root in roots):
            reason = "no such folder; new folders can only be created below the home folder or the temporary folder"
            raise RequestError("not_allowed", f"{format_path(directory)}: {reason}")
    return make_directory(directory)


def make_directory(directory: Path) -> Path:
    """Create a folder if it does not exist, and check that it is writable. Raises OutputError."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=directory):
            return directory
    except OSError as error:
        raise OutputError(directory, explain(error)) from error


def format_path(path: Path) -> str:
    """Return a path as clients expect it: with forward slashes."""
    return path.as_posix()


def format_directory(directory: Path) -> str:
    """Return a folder as clients expect it: with a slash at the end."""
    return format_path(directory).rstrip("/") + "/"


def write_with_retry(
    write: Callable[[], object], *, patience_s: float = _PATIENCE_S, pause_s: float = _PAUSE_S
) -> None:
    """Call `write`; retry for a second while another program holds its file open (Windows). Raises OutputError."""
    deadline = time.monotonic() + patience_s
    while True:
        try:
            write()
            return
        except OutputError as error:
            if getattr(error.__cause__, "winerror", None) not in _HELD_OPEN or time.monotonic() >= deadline:
                raise
        time.sleep(pause_s)


class FileNames:
    """Chooses the names of files; only the worker thread uses it. kept: number of jobs whose unique files are kept."""

    def __init__(self, kept: int = KEPT) -> None:
        self._limit = kept
        self._kept: deque[list[Path]] = deque()
        self._numbers: dict[Path, int] = {}

    @contextlib.contextmanager
    def fixed(
        self, directory: Path, name: str, *, picture: bool = False, stems: Sequence[str] = ()
    ) -> Iterator[LoopFiles]:
        """Yield the same names every time, so that files are replaced. Raises OutputError if the folder is missing."""
        _check(directory)
        yield _target(directory, name, picture, stems)

    @contextlib.contextmanager
    def unique(
        self, directory: Path, name: str, *, picture: bool = False, stems: Sequence[str] = ()
    ) -> Iterator[LoopFiles]:
        """Yield names that neither this nor another bridge uses in the folder.

        If the block succeeds, the oldest files beyond `kept` are deleted; if it fails, its own files are.

        Raises:
            OutputError: the folder is missing or cannot be written.
        """
        _check(directory)
        target, reservation = self._reserve(directory, name, picture, stems)
        try:
            yield target
        except BaseException:
            _delete(target.paths)
            raise
        else:
            self._keep(target)
        finally:
            _delete([reservation])

    def _reserve(self, directory: Path, name: str, picture: bool, stems: Sequence[str]) -> tuple[LoopFiles, Path]:
        number = self._numbers.get(directory) or _highest_number(directory)
        while True:
            number += 1
            self._numbers[directory] = number
            target = _target(directory, f"{name}-{number:06d}", picture, stems)
            reservation = directory / f".{name}-{number:06d}.reserved"
            try:
                reservation.open("xb").close()
            except FileExistsError:
                continue
            except OSError as error:
                raise OutputError(target.wavs[0], explain(error)) from error
            if not any(path.exists() for path in target.paths):
                return target, reservation
            _delete([reservation])

    def _keep(self, target: LoopFiles) -> None:
        self._kept.append(target.paths)
        while len(self._kept) > self._limit:
            _delete(self._kept.popleft())


def _full_path(text: str) -> Path:
    try:
        directory = Path(text).expanduser()
    except RuntimeError as error:  # no such user
        raise RequestError("not_allowed", f"{text!r}: {error}") from error
    if not directory.is_absolute():
        raise RequestError("not_allowed", f"{text!r} is not a full path; begin it at the root, or with ~")
    return directory


def _target(directory: Path, name: str, picture: bool, stems: Sequence[str]) -> LoopFiles:
    names = [f"{name}-{stem}" for stem in stems] or [name]
    return LoopFiles(tuple(directory / f"{each}.wav" for each in names), directory / f"{name}.png" if picture else None)


def _check(directory: Path) -> None:
    if not _is_folder(directory):
        raise OutputError(directory, "the folder is missing; create it, or choose another with set_target_dir")


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # the name is too long, or a parent folder is not readable
        return False


def _resolve(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError) as error:  # a cycle of links
        raise RequestError("not_allowed", f"{format_path(path)}: {error}") from error


def _highest_number(directory: Path) -> int:
    try:
        names = [path.name for path in directory.iterdir()]
    except OSError as error:
        raise OutputError(directory, explain(error)) from error
    found = (_NUMBERED.fullmatch(name) for name in names)
    return max((int(match[1]) for match in found if match), default=0)


def _delete(paths: Iterable[Path]) -> None:
    for path in paths:
        # A client may hold the file open, or may have deleted it.
        with contextlib.suppress(OSError):
            path.unlink()
