"""The training commands for the `technogan` application. Nothing slow to import is imported before a command runs."""

from __future__ import annotations

import typer

from training.commands import dataset
from training.commands.evaluate import evaluate
from training.commands.export import export
from training.commands.train import train


def register(app: typer.Typer) -> None:
    """Add these commands to an application."""
    app.add_typer(dataset.app, name="dataset")
    app.command()(train)
    app.command()(export)
    app.command()(evaluate)
