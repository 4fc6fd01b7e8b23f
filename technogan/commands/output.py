"""Where a command writes its loops, and how it reports them."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from technogan.commands.options import SubtypeName
from technogan.errors import SettingError

if TYPE_CHECKING:
    from technogan.engine import Engine
    from technogan.sound.loop import Loop


def check_out(out: str) -> None:
    """Raises SettingError unless `out` can be a .wav file or a folder."""
    if not out.strip():
        raise SettingError("out", out, "a .wav file or a folder")
    if not _is_folder(out) and Path(out).suffix.lower() != ".wav":
        raise SettingError("out", out, "a .wav file or a folder (a folder that does not exist yet ends with /)")


def _is_folder(out: str) -> bool:
    return out.endswith(("/", os.sep)) or Path(out).is_dir() or not Path(out).suffix


def targets_of(out: str, names: Sequence[str]) -> list[Path]:
    if _is_folder(out):
        return [Path(out) / f"{name}.wav" for name in names]
    if len(names) == 1:
        return [Path(out)]
    return [Path(out).with_name(f"{Path(out).stem}-{i + 1}.wav") for i in range(len(names))]


def write_loop(
    loop: Loop, target: Path, engine: Engine, rate: int | None, image: bool, subtype: SubtypeName
) -> dict[str, Any]:
    facts = save_loop(loop.resampled(rate) if rate else loop, target, subtype)
    if image:
        from technogan.files.png import write_magnitude

        picture = target.with_suffix(".png")
        write_magnitude(
            picture, loop.magnitude, engine.spec.format, comment=loop.origin.to_json() if loop.origin else ""
        )
        facts["image"] = str(picture)
    return facts


def save_loop(loop: Loop, target: Path, subtype: SubtypeName) -> dict[str, Any]:
    clipped = loop.save(target, subtype=subtype.value)
    if clipped:
        print(f"{target}: {clipped} samples clipped", file=sys.stderr)
    return {
        "path": str(target),
        "model": loop.origin.model if loop.origin else None,
        "seeds": [list(seed.values) for seed in loop.origin.seeds] if loop.origin else [],
        "bpm": loop.bpm,
        "beats": loop.beats,
        "frames": len(loop.samples),
        "sample_rate": loop.sample_rate,
        "loudness_lufs": None if loop.levels.loudness == float("-inf") else round(loop.levels.loudness, 2),
        "true_peak_dbfs": None if loop.levels.true_peak == float("-inf") else round(loop.levels.true_peak, 2),
        "gain_db": round(loop.levels.gain_db, 2),
        "limited_samples": loop.levels.limited,
        "clipped_samples": clipped,
    }


def report(made: Sequence[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        print(json.dumps(list(made), indent=2))
        return
    for facts in made:
        print(facts["path"])
        if "image" in facts:
            print(facts["image"])


@contextmanager
def progress_bar(what: str, *, quiet: bool = False) -> Iterator[Callable[[float], None]]:
    """A bar on standard error, where that is a terminal."""
    if quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=1.0)
        yield lambda done: bar.update(task, completed=done)
