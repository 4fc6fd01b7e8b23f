"""The training commands, mounted on the application. Nothing heavy is imported before a command runs."""

from __future__ import annotations

import typer

from training import cli_dataset
from training.cli_evaluate import evaluate
from training.cli_export import export
from training.cli_train import train


def register(app: typer.Typer) -> None:
    """Mount these commands on an application."""
    app.add_typer(cli_dataset.app, name="dataset")
    app.command()(train)
    app.command()(export)
    app.command()(evaluate)
