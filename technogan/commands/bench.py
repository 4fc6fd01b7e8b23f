"""technogan bench: measure speed and quality on this machine, compared with the prototype's method.

Needs the development extra (librosa, onnx, psutil).
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from technogan.commands.options import Json
from technogan.errors import TechnoganError

if TYPE_CHECKING:
    from technogan.commands.comparison import Comparison

_FORMATS = ("beat", "half", "bar")
_N_PROCESSES = 3


def bench(
    quick: Annotated[bool, typer.Option("--quick", help="Only the beat format, with fewer repetitions.")] = False,
    as_json: Json = False,
) -> None:
    """Measure speed and quality on this machine, compared with the prototype's method."""
    _require("librosa", "onnx", "psutil")
    from technogan.commands.comparison import compare_formats

    comparisons = []
    for comparison in compare_formats(("beat",) if quick else _FORMATS, 3 if quick else 9):
        comparisons.append(comparison)
        if not as_json:
            print(_format_line(comparison), flush=True)
    processes = _measure_processes()
    if as_json:
        rows = [asdict(comparison) | {"ratio": comparison.ratio} for comparison in comparisons]
        print(json.dumps({"rows": rows, "processes": processes}, indent=2))
        return
    for name, figures in processes.items():
        print(f"{name:46} {figures['seconds']:6.2f} s {figures['megabytes']:6.0f} MB")


def _measure_processes() -> dict[str, dict[str, float]]:
    """Measure the wall time and peak memory of whole processes, including their start."""
    with tempfile.TemporaryDirectory() as folder:
        render = f"import app.cli; app.cli.run(['render', '-m', 'bar', '--seed', '1', '-o', {folder + '/a.wav'!r}])"
        return {
            "technogan --help": _measure_process("import app.cli; app.cli.run(['--help'])"),
            "technogan render, first bar from cold": _measure_process(render),
            "the prototype's imports (librosa, onnxruntime)": _measure_process(
                "import onnxruntime, librosa; librosa.griffinlim"
            ),
        }


def _measure_process(code: str) -> dict[str, float]:
    code += (
        "\nimport psutil, sys; m = psutil.Process().memory_info()"
        "\nprint(getattr(m, 'peak_wset', m.rss), file=sys.stderr)"
    )
    seconds, megabytes = [], 0.0
    for _ in range(_N_PROCESSES):
        start = time.perf_counter()
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        seconds.append(time.perf_counter() - start)
        megabytes = float(done.stderr.split()[-1]) / 1e6
    return {"seconds": statistics.median(seconds), "megabytes": megabytes}


def _require(*modules: str) -> None:
    import importlib.util

    missing = [module for module in modules if importlib.util.find_spec(module) is None]
    if missing:
        raise TechnoganError(f"bench needs {', '.join(missing)}; install TechnoGAN with its dev extra")


def _format_line(row: Comparison) -> str:
    times = f"{row.prototype_ms:9.1f} ms -> {row.ours_ms:8.1f} ms   {row.ratio:5.1f} x"
    return f"{row.what:46} {times}   {row.prototype_db:6.1f} dB -> {row.ours_db:6.1f} dB"
