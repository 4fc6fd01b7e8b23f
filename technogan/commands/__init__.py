"""The commands of the core: results go to standard output, progress to standard error.

Each command imports slow modules inside its function, so that `technogan --help` is fast.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from technogan.arrays import FloatArray


def register(app: typer.Typer, render_unseen: Callable[[int], FloatArray]) -> None:
    """Add these commands to an application. `render_unseen` renders the bars that `bench` measures with."""
    from technogan.commands import bench, encode, export_audio, models, reconstruct, render

    app.command()(render.render)
    app.command("fade")(render.make_fade_command("fade", "Fade from one seed to another, as one loop."))
    app.command("pingpong")(render.make_fade_command("pingpong", "Go from one seed to another and back, as one loop."))
    app.command()(render.walk)
    app.command()(reconstruct.reconstruct)
    app.command()(encode.encode)
    app.add_typer(models.app, name="models")
    app.command("export-audio")(export_audio.export_audio)
    app.command()(bench.make_bench_command(render_unseen))
