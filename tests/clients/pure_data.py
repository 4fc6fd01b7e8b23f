"""Drive the Pure Data patch without a screen: commands go in over TCP, reports come from standard error."""

import queue
import re
import shutil
import socket
import subprocess
import threading
import time
from pathlib import Path
from typing import Self

import numpy as np
import pytest
import soundfile

from scripts.clients.files import FOLDER
from scripts.clients.pd_file import Canvas
from technogan.osc.ports import LOOPBACK, free_port

needs_pure_data = pytest.mark.skipif(shutil.which("pd") is None, reason="needs Pure Data (pd)")


class PureData:
    """The patch, opened in another that passes commands to it. `complaints` holds Pd's other messages."""

    def __init__(self, folder: Path, bridge_port: int) -> None:
        self.reply_port = free_port()
        self.complaints: list[str] = []
        self._folder = folder
        self._port = free_port(socket.SOCK_STREAM)
        self._reports: queue.Queue[list[str]] = queue.Queue()
        patch = folder / "drive.pd"
        patch.write_text(_driver(self._port).file())
        quiet = ["pd", "-nogui", "-noaudio", "-nomidi", "-stderr", "-noprefs", "-r", "44100"]
        start = f"technogan reply {self.reply_port}; technogan port {bridge_port}"
        self._process = subprocess.Popen(
            [*quiet, "-path", str(FOLDER / "pure-data"), "-open", str(patch), "-send", start],
            stderr=subprocess.PIPE,
            text=True,
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        self._commands = self._connect()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._commands.close()
        self._process.terminate()
        self._process.wait(timeout=10)
        self._reader.join(timeout=10)
        assert self._process.stderr is not None
        self._process.stderr.close()

    def send(self, *atoms: object) -> None:
        """Send a message to the receiver `technogan`."""
        self._tell("technogan", *atoms)

    def report(self, kind: str, timeout_s: float = 10.0) -> list[str]:
        """Return the next report of this kind and skip earlier ones."""
        deadline = time.monotonic() + timeout_s
        while True:
            words = self._reports.get(timeout=max(0.0, deadline - time.monotonic()))
            if words[0] == kind:
                return words[1:]

    def forget(self) -> None:
        """Discard all reports so far."""
        while not self._reports.empty():
            self._reports.get()

    def array(self, name: str) -> np.ndarray:
        """Return the content of an array of the patch."""
        path = self._folder / f"{name}.wav"
        self._tell("write", path, name)
        self.report("written")
        samples, _ = soundfile.read(path, dtype="float32")
        return samples

    def _tell(self, *atoms: object) -> None:
        self._commands.sendall((" ".join(str(atom) for atom in atoms) + ";\n").encode())

    def _connect(self) -> socket.socket:
        deadline = time.monotonic() + 10
        while True:
            try:
                return socket.create_connection((LOOPBACK, self._port), timeout=1)
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def _read(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            head, _, report = line.strip().partition("report: ")
            if head == "" and report:
                self._reports.put([word.replace("\\ ", " ") for word in re.split(r"(?<!\\) ", report)])
            elif line.strip() and "biggest amplitude" not in line:  # printed for every file that it writes
                self.complaints.append(line.strip())


def _driver(port: int) -> Canvas:
    patch = Canvas()
    patch.obj("technogan", at=(20, 20))
    inbox = patch.obj("netreceive", port, at=(20, 60))
    kinds = patch.obj("route", "technogan", "write")
    patch.wire(inbox, kinds, patch.obj("s", "technogan"))
    told = patch.obj("print", "report", at=(300, 200))
    named = patch.obj("list", at=(100, 120))
    write = patch.msg("write", "-wave", "-bytes", 4, "$1", "$2")
    patch.wire(kinds.out(1), named, write, patch.obj("soundfiler"), patch.msg("written", "$1"), told)
    patch.wire(patch.obj("r", "technogan-report", at=(300, 60)), told)
    return patch
