"""`technogan serve`: the OSC bridge without the window."""

from __future__ import annotations

import contextlib
import io
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from app.osc.serve_log import Log
    from technogan.osc.server import Server
    from technogan.osc.service import Service

_ENOUGH_ROOM = 400
_MORE_ROOM = "this system limits the receive buffer (Linux: sudo sysctl -w net.core.rmem_max=4194304)"
_STOP_SIGNALS = ("SIGINT", "SIGTERM", "SIGBREAK", "SIGHUP")


def serve(
    host: Annotated[
        str, typer.Option("--host", help="Address to listen on; more than loopback needs --allow.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", help="UDP port to listen on.")] = 10102,
    reply_port: Annotated[int, typer.Option("--reply-port", help="UDP port of the clients, for answers.")] = 10101,
    model: Annotated[
        str, typer.Option("--model", "-m", help="A name from `technogan models list`, or an .onnx.")
    ] = "bar",
    directory: Annotated[
        Path | None, typer.Option("--dir", help="Folder for files; TechnoGAN in the temporary folder if not given.")
    ] = None,
    tray: Annotated[bool, typer.Option("--tray", help="Stay in the system tray.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", help="Show every message.")] = False,
    allow: Annotated[
        list[str] | None, typer.Option("--allow", help="A host or network that may ask too. Repeat it for more.")
    ] = None,
    allow_dir: Annotated[
        list[Path] | None, typer.Option("--allow-dir", help="Clients may make folders below this one too.")
    ] = None,
) -> None:
    """Make loops for other programs: Max, Pure Data, anything that speaks OSC."""
    from app.osc.serve_log import Log
    from technogan.engine import Engine
    from technogan.network.library import find_model
    from technogan.osc.peers import is_loopback
    from technogan.osc.server import Server
    from technogan.osc.service import Service, warm

    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # names of folders that the terminal cannot show
    log = Log(verbose=verbose)
    with _stopped_by_signals() as stop:
        engine = Engine(find_model(model))
        warm(engine)
        service = Service(engine, directory=directory, allowed=allow_dir or (), listeners=[log])
        server = Server(service, host=host, port=port, reply_port=reply_port, allowed=allow or ())
        with _running(service, server):
            beats = engine.spec.format.beats
            log.line(f"{engine.spec.name}: {engine.spec.latent_size} sliders, {beats} beat{'s' * (beats > 1)}")
            log.line(f"listening on {server.address[0]}:{server.address[1]}, answering to port {reply_port}")
            if not allow and not is_loopback(server.address[0]):
                log.line("only this machine may ask; others need --allow HOST")
            if server.room < _ENOUGH_ROOM:
                log.line(f"bursts of more than {server.room} messages may lose some: {_MORE_ROOM}")
            log.line(f"files go to {service.settings.directory}; Ctrl-C stops")
            _wait(stop, service, log, tray=tray)
        log.line("stopped")


@contextlib.contextmanager
def _running(service: Service, server: Server) -> Iterator[None]:
    server.start()
    service.start()
    try:
        yield
    finally:
        service.stop()
        server.stop()


def _wait(stop: threading.Event, service: Service, log: Log, *, tray: bool) -> None:
    if tray:
        from app.osc import tray as system_tray

        reason = system_tray.missing()
        if not reason:
            system_tray.show(stop, lambda: service.settings.directory)
            return
        log.line(f"no system tray: {reason}; going on without")
    # With a limit: on Windows a wait without one does not let Ctrl-C through.
    while not stop.wait(0.5):
        pass


@contextlib.contextmanager
def _stopped_by_signals() -> Iterator[threading.Event]:
    """An event that Ctrl-C and the system's request to end set; the old handlers come back afterwards."""
    stop = threading.Event()

    def handle(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    old = {}
    for name in _STOP_SIGNALS:
        number = getattr(signal, name, None)
        if number is not None:
            old[number] = signal.signal(number, handle)
    try:
        yield stop
    finally:
        for number, handler in old.items():
            signal.signal(number, handler)
