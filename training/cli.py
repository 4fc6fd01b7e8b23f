"""The training commands for the `technogan` application. Nothing slow to import is imported before a command runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from training.commands import dataset
from training.commands.evaluate import evaluate
from training.commands.export import export
from training.commands.train import train

if TYPE_CHECKING:
    from technogan.arrays import FloatArray

# Datasets use the seeds below.
_FIRST_UNSEEN = 9_000_001


def register(app: typer.Typer) -> None:
    """Add these commands to an application."""
    app.add_typer(dataset.app, name="dataset")
    app.command()(train)
    app.command()(export)
    app.command()(evaluate)


def render_unseen(number: int) -> FloatArray:
    """Render a bar of the corpus that no included model was trained on, float32 (65536,)."""
    from training.corpus.bar import render

    return render(_FIRST_UNSEEN + number)
