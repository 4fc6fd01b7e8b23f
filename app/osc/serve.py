"""`technogan serve`: the OSC service without the window."""

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

from technogan.osc.ports import DEFAULT_PORT, DEFAULT_REPLY_PORT, LOOPBACK

if TYPE_CHECKING:
    from app.osc.serve_log import ServeLog
    from technogan.osc.server import Server
    from technogan.osc.service import Service

_ENOUGH_BUFFER = 400
_BUFFER_ADVICE = "the system limits the receive buffer (Linux: sudo sysctl -w net.core.rmem_max=4194304)"
_STOP_SIGNALS = ("SIGINT", "SIGTERM", "SIGBREAK", "SIGHUP")


def serve(
    host: Annotated[
        str, typer.Option("--host", help="Address to listen on; other than loopback needs --allow.")
    ] = LOOPBACK,
    port: Annotated[int, typer.Option("--port", help="UDP port to listen on.")] = DEFAULT_PORT,
    reply_port: Annotated[
        int, typer.Option("--reply-port", help="UDP port of the clients, for replies.")
    ] = DEFAULT_REPLY_PORT,
    model: Annotated[
        str, typer.Option("--model", "-m", help="A name from `technogan models list`, or an .onnx file.")
    ] = "bar",
    directory: Annotated[
        Path | None, typer.Option("--dir", help="Folder for files. Default: your own folder in the temporary folder.")
    ] = None,
    tray: Annotated[bool, typer.Option("--tray", help="Show an icon in the system tray.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", help="Show every message.")] = False,
    allow: Annotated[
        list[str] | None, typer.Option("--allow", help="Another host or network that may send requests. Repeatable.")
    ] = None,
    allow_dir: Annotated[
        list[Path] | None,
        typer.Option("--allow-dir", help="Another folder below which clients may create folders. Repeatable."),
    ] = None,
) -> None:
    """Generate loops for other programs over OSC: Max, Pure Data and others."""
    from app.osc.serve_log import ServeLog
    from technogan.engine import Engine
    from technogan.network.library import find_model
    from technogan.osc.peers import is_loopback
    from technogan.osc.server import Server
    from technogan.osc.service import Service, warm_up

    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # folder names may have characters that the terminal cannot show
    log = ServeLog(verbose=verbose)
    with _stop_on_signals() as stop:
        engine = Engine(find_model(model))
        warm_up(engine)
        service = Service(engine, directory=directory, allowed=allow_dir or (), listeners=[log])
        server = Server(service, host=host, port=port, reply_port=reply_port, allowed=allow or ())
        with _running(service, server):
            beats = engine.spec.format.beats
            log.line(f"{engine.spec.name}: {engine.spec.latent_size} sliders, {beats} beat{'s' * (beats > 1)}")
            log.line(f"listening on {server.address[0]}:{server.address[1]}, replying to port {reply_port}")
            if not allow and not is_loopback(server.address[0]):
                log.line("only this machine may send requests; others need --allow HOST")
            if server.capacity < _ENOUGH_BUFFER:
                log.line(f"bursts of more than {server.capacity} messages may lose some; {_BUFFER_ADVICE}")
            log.line(f"files are written to {service.settings.directory}; press Ctrl-C to stop")
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


def _wait(stop: threading.Event, service: Service, log: ServeLog, *, tray: bool) -> None:
    if tray:
        from app.osc import tray as system_tray

        reason = system_tray.find_problem()
        if not reason:
            system_tray.show(stop, lambda: service.settings.directory)
            return
        log.line(f"no system tray: {reason}; continuing without it")
    # On Windows, Ctrl-C does not interrupt a wait without a timeout.
    while not stop.wait(0.5):
        pass


@contextlib.contextmanager
def _stop_on_signals() -> Iterator[threading.Event]:
    """Yield an event that Ctrl-C and termination signals set; restore the old handlers afterwards."""
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
