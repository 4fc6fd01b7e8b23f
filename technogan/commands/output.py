"""Write the loops of commands, and print their details."""

from __future__ import annotations

import json
import math
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from technogan.commands.options import OutputOptions, RenderOptions
from technogan.errors import SettingError

if TYPE_CHECKING:
    from technogan.engine import Engine
    from technogan.sound.loop import Loop


def check_out(out: str) -> None:
    """Raise SettingError unless `out` names a .wav file or a folder."""
    if not out.strip():
        raise SettingError("out", out, "a .wav file or a folder")
    if not _is_folder(out) and Path(out).suffix.lower() != ".wav":
        raise SettingError("out", out, "a .wav file or a folder (a folder that does not exist yet ends with /)")


def find_targets(out: str, names: Sequence[str]) -> list[Path]:
    """Return a path for each named loop: in the folder `out`, or the file `out` with a number if there are several."""
    if _is_folder(out):
        return [Path(out) / f"{name}.wav" for name in names]
    if len(names) == 1:
        return [Path(out)]
    return [Path(out).with_name(f"{Path(out).stem}-{i + 1}.wav") for i in range(len(names))]


def write_loop(loop: Loop, target: Path, engine: Engine, options: RenderOptions) -> dict[str, Any]:
    """Write a loop, and its picture if requested. Returns what `print_loops` prints."""
    if options.rate:
        loop = loop.resampled(options.rate)
    details = save_loop(loop, target, options)
    if options.image:
        from technogan.files.png import write_picture

        picture = target.with_suffix(".png")
        write_picture(picture, loop, engine.spec.format)
        details["image"] = str(picture)
    if options.stems:
        details["stems"] = {name: _save_stem(loop, name, target, options) for name in loop.stems}
    return details


def _save_stem(loop: Loop, name: str, target: Path, options: OutputOptions) -> str:
    path = target.with_name(f"{target.stem}-{name}{target.suffix}")
    save_loop(loop.stem(name), path, options)
    return str(path)


def save_loop(loop: Loop, target: Path, options: OutputOptions) -> dict[str, Any]:
    """Write a loop as WAV. Returns what `print_loops` prints."""
    if options.rate:
        loop = loop.resampled(options.rate)
    clipped = loop.save(target, subtype=options.subtype.value)
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
        "loudness_lufs": _round_level(loop.levels.loudness),
        "true_peak_dbfs": _round_level(loop.levels.true_peak),
        "gain_db": round(loop.levels.gain_db, 2),
        "limited_samples": loop.levels.limited,
        "clipped_samples": clipped,
    }


def print_loops(details: Sequence[dict[str, Any]], *, as_json: bool) -> None:
    """Print the paths of the written files, or all details as JSON."""
    if as_json:
        print(json.dumps(list(details), indent=2))
        return
    for each in details:
        print(each["path"])
        if "image" in each:
            print(each["image"])
        for path in each.get("stems", {}).values():
            print(path)


def _is_folder(out: str) -> bool:
    return out.endswith(("/", os.sep)) or Path(out).is_dir() or not Path(out).suffix


def _round_level(level: float) -> float | None:
    """Return a level in dB to two decimals; None for silence."""
    return None if level == -math.inf else round(level, 2)
