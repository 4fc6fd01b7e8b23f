"""A bridge over a fake engine, and clients for it, for tests of OSC that need no real loops."""

import os
import queue
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from pythonosc.osc_message_builder import OscMessageBuilder

from technogan.errors import Cancelled, ModelNotFound, SeedError
from technogan.formats import SpectrogramFormat, StftSettings
from technogan.network.spec import ModelSpec
from technogan.osc.packet import Message, decode_datagram
from technogan.osc.ports import LOOPBACK
from technogan.osc.server import Server
from technogan.osc.service import Service
from technogan.seeds.origin import Origin
from technogan.sound.level import Levels
from technogan.sound.loop import Loop

ROOT = Path(__file__).resolve().parents[1]
N = 64
FORMAT = SpectrogramFormat("tiny", 8, 16, beats=2, hop_length=8, transform=StftSettings(32))
PATIENCE_S = 20.0


class FakeEngine:
    """A `Renderer` that renders at once, or when `gate` is opened. Its loops store their seeds, as real ones do."""

    def __init__(self, name="tiny", latent_size=N, bpm=120.0, gate=None, stems=("kick", "drums", "music")):
        self.spec = ModelSpec(name, FORMAT, latent_size=latent_size, bpm=bpm, stems=stems)
        self.gate = gate
        self.rendered = []
        self.entered = threading.Event()
        self.fail_with = None
        self.shares = []

    def render(self, seed, *, bpm=None, progress=None, stop=None):
        return self.render_sequence([seed], bpm=bpm, progress=progress, stop=stop)

    def render_sequence(self, seeds, *, bpm=None, progress=None, stop=None):
        self.entered.set()
        while self.gate is not None and not self.gate.wait(0.005):
            if stop is not None and stop():
                raise Cancelled
        if self.fail_with is not None:
            raise self.fail_with
        if len(seeds[0]) != self.spec.latent_size:
            raise SeedError(f"{self.spec.name} has {self.spec.latent_size} sliders")
        for share in self.shares:
            progress(share)
        self.rendered.append(tuple(seeds))
        bpm = bpm or self.spec.bpm
        n_samples = FORMAT.n_frames * FORMAT.hop_length * len(seeds)
        samples = np.full(n_samples, seeds[0].values[0] / 128, np.float32)
        magnitude = np.zeros((FORMAT.n_frames * len(seeds), FORMAT.n_bins), np.float32)
        origin = Origin(self.spec.name, tuple(seeds), bpm, FORMAT.beats * len(seeds))
        stems = {name: samples / np.float32(len(self.spec.stems)) for name in self.spec.stems}
        levels = Levels(-16, -1, 0, 0, 0)
        return Loop(samples, FORMAT.sample_rate(bpm), bpm, origin.beats, magnitude, levels, origin, stems)


def open_model(name):
    """Open one of two models: "tiny", and "small" with 8 sliders and without stems."""
    if name not in ("tiny", "small"):
        raise ModelNotFound(name, ["small", "tiny"])
    return FakeEngine(name) if name == "tiny" else FakeEngine(name, 8, stems=())


class Client:
    """A UDP socket that sends, and that receives if its port is the bridge's reply port."""

    def __init__(self, address=(LOOPBACK, 0), host=LOOPBACK):
        self.socket = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 17)  # macOS sends 9 kB at most otherwise
        self.socket.bind((host, 0))
        self.socket.settimeout(PATIENCE_S)
        self.port = self.socket.getsockname()[1]
        self.to = address
        self.synced = 0

    def send(self, address, *arguments):
        self.send_bytes(encoded(address, *arguments))

    def send_bytes(self, data):
        self.socket.sendto(data, self.to)

    def receive(self):
        (message,) = decode_datagram(self.socket.recv(65536))
        assert isinstance(message, Message)
        return message

    def replies(self):
        """Return all messages until everything that was sent is answered."""
        self.synced += 1
        self.send("/cc/sync", self.synced)
        found = []
        while (message := self.receive()).address != "/ccret/synced" or message.arguments != (self.synced,):
            found.append(message)
        return found

    def ask(self, address, *arguments):
        self.send(address, *arguments)
        return self.replies()

    def receive_within(self, seconds=0.3):
        """Return the next message, or None if none arrives in time."""
        self.socket.settimeout(seconds)
        try:
            return self.receive()
        except TimeoutError:
            return None
        finally:
            self.socket.settimeout(PATIENCE_S)

    def register(self):
        """Receive replies at this socket from now on."""
        self.send("/cc/register", self.port)
        assert self.receive() == Message("/ccret/registered", "si", (self.to[0], self.port))
        return self

    def close(self):
        self.socket.close()


class Bridge:
    """A running service and server on a free port. `client` receives the replies to unregistered clients."""

    def __init__(self, directory, engine=None, **options):
        self.engine = engine or FakeEngine()
        self.client = Client()
        service = {name: options.pop(name) for name in ("listeners", "allowed", "kept_files") if name in options}
        self.directory = directory
        self.service = Service(
            self.engine, open_model=open_model, list_models=lambda: ["small", "tiny"], directory=directory, **service
        )
        options["allowed"] = options.pop("hosts", ())
        options.setdefault("reply_port", self.client.port)
        self.server = Server(self.service, port=0, **options)
        self.server.start()
        self.service.start()
        self.client.to = ((LOOPBACK if options.get("host") == "0.0.0.0" else self.server.address[0]), self.port)
        self.clients = [self.client]

    @property
    def port(self):
        return self.server.address[1]

    def started(self):
        """Receive the messages that announce the start."""
        assert [self.client.receive().address for _ in range(2)] == ["/ccret/init", "/ggret/init"]
        return self

    def another(self):
        client = Client(self.client.to)
        self.clients.append(client)
        return client

    def close(self):
        assert self.service.stop()
        self.server.stop()
        for client in self.clients:
            client.close()


@contextmanager
def running(directory, engine=None, **options):
    bridge = Bridge(directory, engine, **options)
    try:
        yield bridge.started() if "reply_port" not in options else bridge
    finally:
        bridge.close()


@contextmanager
def own_process(folder, *options):
    """Run a bridge in another process, with its own home folder; yield the process and a client."""
    client = Client()
    for name in ("home", "tmp"):
        (folder / name).mkdir()
    home, temporary = str(folder / "home"), str(folder / "tmp")
    own = {"HOME": home, "USERPROFILE": home, "TMPDIR": temporary, "TEMP": temporary, "TMP": temporary}
    environment = {**os.environ, **own, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.technogan.osc.bridge_process", str(folder), str(client.port), *options],
        cwd=folder,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        client.to = (LOOPBACK, int(process.stdout.readline()))
        assert [client.receive().address for _ in range(2)] == ["/ccret/init", "/ggret/init"]
        yield process, client
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout, process.stderr):
            assert pipe is not None
            pipe.close()
        client.close()


def encoded(address, *arguments):
    """Return the bytes of a message, built by python-osc from ints, floats, strings, bools and None."""
    builder = OscMessageBuilder(address)
    for argument in arguments:
        builder.add_arg(argument)
    return builder.build().dgram


def seed(first=1.0, size=N):
    return [float(first)] + [float(i % 100) for i in range(size - 1)]


def needs(program, package):
    """Skip if an independent client is not installed; fail on Linux in CI or as root, where it must be installed."""
    if shutil.which(program):
        return
    if sys.platform == "linux" and (os.environ.get("CI") or os.geteuid() == 0):
        pytest.fail(f"{program} is missing; scripts/environment/system-libraries.sh test installs {package}")
    pytest.skip(f"{program} is not installed here (Debian: {package})")


class Dump:
    """An independent receiver: liblo's oscdump on a port."""

    def __init__(self, port):
        self._process = subprocess.Popen(["oscdump", "-L", str(port)], stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self._output = self._process.stdout
        self._lines: queue.Queue[str] = queue.Queue()
        self._thread = threading.Thread(target=self._read)
        self._thread.start()
        self._await_bound(port)

    def _read(self):
        for line in self._output:
            self._lines.put(line.rstrip("\n"))

    def _await_bound(self, port):
        deadline = time.monotonic() + PATIENCE_S
        while True:
            oscsend(port, "/bound")
            try:
                return self.line(0.1)
            except queue.Empty:
                assert time.monotonic() < deadline, "oscdump does not start"

    def line(self, timeout=PATIENCE_S):
        """Return the address, type tags and values of the next message, as oscdump prints them after the time."""
        text = self._lines.get(timeout=timeout)
        address, _, rest = re.sub(r"^\S+ ", "", text).partition(" ")
        tags, _, values = rest.partition(" ")
        return address, tags, values

    def until(self, address, values):
        found = []
        while (line := self.line())[0] != address or line[2].strip() != values:
            found.append(line)
        return [line for line in found if line[0] != "/bound"]

    def close(self):
        self._process.kill()
        self._process.wait()
        self._thread.join()
        self._output.close()


def oscsend(port, address, tags="", *values):
    """Send with liblo."""
    arguments = ["oscsend", LOOPBACK, str(port), address, *([tags] if tags else []), *map(str, values)]
    subprocess.run(arguments, check=True, timeout=PATIENCE_S)
