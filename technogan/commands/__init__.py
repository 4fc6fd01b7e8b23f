"""The commands of the core: from seeds and pictures to loops. Results go to standard output, progress to standard error.

Each command imports what is slow to import itself, so that `technogan --help` answers at once.
"""

from __future__ import annotations

import typer


def register(app: typer.Typer) -> None:
    """Mount these commands on an application."""
    from technogan.commands import bench, encode, export_audio, models, reconstruct, render

    app.command()(render.render)
    app.command("fade")(render.between("fade", "Fade from one seed to another, as one loop."))
    app.command("pingpong")(render.between("pingpong", "Go from one seed to another and back, as one loop."))
    app.command()(render.walk)
    app.command()(reconstruct.reconstruct)
    app.command()(encode.encode)
    app.add_typer(models.app, name="models")
    app.command("export-audio")(export_audio.export_audio)
    app.command()(bench.bench)
