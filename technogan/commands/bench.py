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
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from technogan.commands.options import Json
from technogan.errors import TechnoganError

if TYPE_CHECKING:
    from technogan.arrays import FloatArray
    from technogan.commands.bands import BandRow
    from technogan.commands.comparison import Comparison

# Renders the bar of a number, float32 (65536,), that no model was trained on.
RenderBar = Callable[[int], "FloatArray"]

_FORMATS = ("beat", "half", "bar")
_BAND_FORMATS = ("bar-256", "bar", "half-256", "half", "beat-256", "beat", "half-cq")
_N_BARS = 6
_N_PROCESSES = 3


def make_bench_command(render_unseen: RenderBar) -> Callable[..., None]:
    """Return the command; `render_unseen` renders the bars for the errors by band."""

    def bench(
        quick: Annotated[bool, typer.Option("--quick", help="Only the beat formats, with fewer repetitions.")] = False,
        bands: Annotated[bool, typer.Option("--bands", help="Only the errors by frequency band.")] = False,
        as_json: Json = False,
    ) -> None:
        """Measure speed and quality on this machine, compared with the prototype's method."""
        _require("librosa", "onnx", "psutil")
        found: dict[str, Any] = {}
        if not bands:
            found["rows"] = _compare(quick, as_json)
        found["bands"] = _measure_bands(render_unseen, quick, as_json)
        if not bands:
            found["processes"] = _measure_processes(as_json)
        if as_json:
            print(json.dumps(found, indent=2))

    return bench


def _compare(quick: bool, as_json: bool) -> list[dict[str, Any]]:
    from technogan.commands.comparison import compare_formats

    rows = []
    for comparison in compare_formats(("beat",) if quick else _FORMATS, 3 if quick else 9):
        rows.append(asdict(comparison) | {"ratio": comparison.ratio})
        if not as_json:
            print(_format_line(comparison), flush=True)
    return rows


def _measure_bands(render_unseen: RenderBar, quick: bool, as_json: bool) -> list[dict[str, Any]]:
    from technogan.commands.bands import measure_bands
    from technogan.commands.comparison import render_image
    from technogan.formats import find_format

    names = [name for name in _BAND_FORMATS if not quick or name.startswith("beat")]
    bars = [render_unseen(i) for i in range(2 if quick else _N_BARS)]
    rows = list(measure_bands([find_format(name) for name in names], bars, render_image))
    if not as_json:
        print(_BAND_HEADER)
        for row in rows:
            print(_format_band_row(row))
    return [asdict(row) for row in rows]


def _measure_processes(as_json: bool) -> dict[str, dict[str, float]]:
    """Measure the wall time and peak memory of whole processes, including their start."""
    with tempfile.TemporaryDirectory() as folder:
        render = f"import app.cli; app.cli.run(['render', '-m', 'bar', '--seed', '1', '-o', {folder + '/a.wav'!r}])"
        codes = {
            "technogan --help": "import app.cli; app.cli.run(['--help'])",
            "technogan render, first bar from cold": render,
            "the prototype's imports (librosa, onnxruntime)": "import onnxruntime, librosa; librosa.griffinlim",
        }
        processes = {name: _measure_process(code) for name, code in codes.items()}
    if not as_json:
        for name, figures in processes.items():
            print(f"{name:46} {figures['seconds']:6.2f} s {figures['megabytes']:6.0f} MB")
    return processes


def _measure_process(code: str) -> dict[str, float]:
    code += (
        "\nimport psutil, sys; m = psutil.Process().memory_info()"
        "\nprint(getattr(m, 'peak_wset', m.rss), file=sys.stderr)"
    )
    seconds, megabytes = [], 0.0
    for _ in range(_N_PROCESSES):
        start = time.perf_counter()
        done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True)
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


_BAND_HEADER = (
    "\nErrors after conversion to an image and back, medians over unseen bars, in dB except onsets (a correlation)\n"
    f"{'format':9}{'rows':>5}  {'method':10}{'30-150 Hz':>10}{'150-600':>9}{'600-4k':>9}{'transients':>12}{'onsets':>9}"
    f"{'convergence':>13}{'ms':>8}"
)


def _format_band_row(row: BandRow) -> str:
    errors = row.errors
    bands = f"{errors.bass:10.2f}{errors.low_mids:9.2f}{errors.mids:9.2f}{errors.transients:12.2f}"
    return (
        f"{row.format:9}{row.rows:5}  {row.method:10}{bands}{errors.onsets:9.3f}{errors.convergence:13.1f}{row.ms:8.1f}"
    )
