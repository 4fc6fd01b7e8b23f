"""Write the loops of commands, and print their details."""

from __future__ import annotations

import json
import math
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from technogan.atomic import is_stream
from technogan.commands.options import OutputOptions, RenderOptions
from technogan.errors import SettingError, SourceError
from technogan.file_names import free_path, number_duplicates

if TYPE_CHECKING:
    from technogan.engine import Engine
    from technogan.seeds.origin import Origin
    from technogan.sound.loop import Loop
    from technogan.sound.wav import Subtype


STDOUT = "-"


def check_out(out: str, *, is_single: bool) -> None:
    """Raise SettingError unless `out` names a .wav file, a pipe, a folder, or standard output for a single file."""
    if not out.strip():
        raise SettingError("out", out, "a .wav file or a folder")
    if out == STDOUT:
        if not is_single:
            raise SettingError("out", out, "a .wav file or a folder if there are several files to write")
        if sys.stdout.isatty():
            raise SettingError("out", out, "a .wav file or a folder, or standard output must not be a terminal")
    elif not _is_folder(out) and Path(out).suffix.lower() != ".wav" and not is_stream(Path(out)):
        raise SettingError("out", out, "a .wav file or a folder (a folder that does not exist yet ends with /)")


def find_targets(out: str, names: Sequence[str]) -> list[Path]:
    """Return a path for each named loop: in the folder `out`, or the file `out` with a number if there are several."""
    if out != STDOUT and _is_folder(out):
        return [Path(out) / f"{name}.wav" for name in number_duplicates(names, separator="-")]
    if len(names) == 1:
        return [Path(out)]
    return [Path(out).with_name(f"{Path(out).stem}-{i + 1}.wav") for i in range(len(names))]


def place_loop(loop: Loop, target: Path, options: OutputOptions) -> Path:
    """Return `target`, or, if the user did not name it and another loop's file is there, the next free name."""
    if target == Path(options.out):
        return target
    return free_path(target, lambda found: loop.origin is not None and _origin_of(found) == loop.origin)


def write_loop(loop: Loop, target: Path, engine: Engine, options: RenderOptions) -> dict[str, Any]:
    """Write a loop, and its picture and stems if requested. Returns what `print_loops` prints."""
    if options.rate:
        loop = loop.resampled(options.rate)
    target = place_loop(loop, target, options)
    # The picture and the stems of the loop that is replaced are replaced as well, but no other files.
    own = [origin for origin in (loop.origin, _origin_of(target)) if origin is not None]
    details = save_loop(loop, target, options)
    if options.image:
        from technogan.files.png import write_picture

        picture = free_path(target.with_suffix(".png"), lambda found: _origin_of(found) in own)
        write_picture(picture, loop, engine.spec.format)
        details["image"] = str(picture)
    if options.stems:
        details["stems"] = {name: _save_stem(loop, name, target, options, own) for name in loop.stems}
    return details


def _save_stem(loop: Loop, name: str, target: Path, options: OutputOptions, own: Sequence[Origin]) -> str:
    path = free_path(target.with_name(f"{target.stem}-{name}.wav"), lambda found: _origin_of(found) in own)
    save_loop(loop.stem(name), path, options)
    return str(path)


def _origin_of(path: Path) -> Origin | None:
    """Return the origin that a file stores; None if the file is missing or was made by another program."""
    from technogan.files.seed_source import read_origin

    try:
        return read_origin(path)
    except SourceError:
        return None


def save_loop(loop: Loop, target: Path, options: OutputOptions) -> dict[str, Any]:
    """Write a loop as WAV. Returns what `print_loops` prints."""
    if options.rate:
        loop = loop.resampled(options.rate)
    if options.out == STDOUT:
        clipped = _write_to_stdout(loop, options.subtype.value)
    else:
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
    """Print the paths of the written files, or all details as JSON; nothing after a file on standard output."""
    if any(each["path"] == STDOUT for each in details):
        return
    if as_json:
        print(json.dumps(list(details), indent=2))
        return
    for each in details:
        print(each["path"])
        if "image" in each:
            print(each["image"])
        for path in each.get("stems", {}).values():
            print(path)


def _write_to_stdout(loop: Loop, subtype: Subtype) -> int:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "loop.wav"
        clipped = loop.save(path, subtype=subtype)
        sys.stdout.buffer.write(path.read_bytes())
        sys.stdout.buffer.flush()
    return clipped


def _is_folder(out: str) -> bool:
    return out.endswith(("/", os.sep)) or Path(out).is_dir() or not (Path(out).suffix or is_stream(Path(out)))


def _round_level(level: float) -> float | None:
    """Return a level in dB to two decimals; None for silence."""
    return None if level == -math.inf else round(level, 2)
