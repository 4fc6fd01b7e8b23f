"""The `technogan` command. It collects all commands, and reports an error in one line and an exit status.

Exit status: 0 for success, 1 for a reported error or an interruption, 2 for wrong usage.
"""

import multiprocessing
import os
import sys
from typing import Annotated

import typer

from app.osc.serve import serve
from app.processes.safe_start import protect_child_processes
from technogan import __version__
from technogan import commands as core_commands
from technogan.commands.console import one_line, plain_output
from technogan.commands.options import Json
from technogan.errors import TechnoganError
from technogan.network.inference import is_running
from training import cli as training_commands

# The exit status of Typer after Ctrl-C.
_INTERRUPTED = 130


def build() -> typer.Typer:
    """Return the application with all commands."""
    app = typer.Typer(
        name="technogan",
        help="An instrument that makes techno loops. Without a command, it opens its window.",
        invoke_without_command=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        # Help rendered by Rich looks almost the same and takes half a second longer.
        rich_markup_mode=None,
    )
    app.callback()(_options)
    core_commands.register(app, training_commands.render_unseen)
    training_commands.register(app)
    app.command()(doctor)
    app.command()(serve)
    return app


def main() -> None:
    """Run the command line and exit."""
    multiprocessing.freeze_support()
    protect_child_processes()
    status = run()
    if is_running():
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
    sys.exit(status)


def run(arguments: list[str] | None = None) -> int:
    """Run one command; return the exit status."""
    with plain_output():
        return _run(arguments)


def _run(arguments: list[str] | None) -> int:
    command = typer.main.get_command(build())
    try:
        command.main(arguments, prog_name="technogan")
    except TechnoganError as error:
        print(f"technogan: {one_line(error)}", file=sys.stderr)
        return 1
    except SystemExit as stop:
        if stop.code == _INTERRUPTED:
            print("technogan: stopped; no partial files are left", file=sys.stderr)
            return 1
        return stop.code if isinstance(stop.code, int) else 0
    return 0


def doctor(as_json: Json = False) -> None:
    """Check what works on this machine: sound, models, accelerators, ports, folders."""
    from app.doctor import examine, print_findings

    print_findings(examine(), as_json=as_json)


def _options(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", is_eager=True, help="Show the version and exit.")] = False,
    safe: Annotated[bool, typer.Option("--safe", help="Open the window without saved settings and session.")] = False,
    self_test: Annotated[bool, typer.Option("--self-test", help="Check this installation and exit.")] = False,
) -> None:
    """Open the window if no command is given."""
    if version:
        print(f"technogan {__version__}")
    elif context.invoked_subcommand is None:
        raise typer.Exit(_check() if self_test else _open(safe=safe))


def _open(*, safe: bool) -> int:
    from app.startup.launch import launch

    return launch(safe=safe)


def _check() -> int:
    from app.startup.self_test import self_test

    return self_test()
