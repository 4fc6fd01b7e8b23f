"""A virtual sound card, exact to the sample: PulseAudio with a null sink whose monitor is recorded."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest

from technogan.arrays import FloatArray

RATE = 44100
_TOOLS = ("pulseaudio", "pactl", "parec")


class SoundCard:
    """A card that tests plug in and pull out. Only programs that run with `environment` see it."""

    def __init__(self, folder: Path):
        self._socket = folder / "native"
        self._recording = folder / "recorded.raw"
        self.environment = {
            "XDG_RUNTIME_DIR": str(folder),
            "PULSE_SERVER": f"unix:{self._socket}",
            "PULSE_RUNTIME_PATH": str(folder),
            "PULSE_STATE_PATH": str(folder),
        }
        self._server: subprocess.Popen | None = None
        self._monitor: subprocess.Popen | None = None

    def plug_in(self) -> None:
        """Start the server, and record everything that is played."""
        self._server = subprocess.Popen(
            [
                *("pulseaudio", "-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1"),
                *("--realtime=no", "--high-priority=no", "--log-target=stderr"),
                *("-L", f"module-native-protocol-unix auth-anonymous=1 socket={self._socket}"),
                # Without norewinds, playback stalls for a second.
                *("-L", f"module-null-sink sink_name=ci norewinds=1 rate={RATE} channels=2 format=float32le"),
            ],
            env={**os.environ, **self.environment},
            stderr=subprocess.DEVNULL,
        )
        _raise_priority(self._server)
        end = time.monotonic() + 20
        while self._run("pactl", "info") != 0:
            if time.monotonic() > end:
                pytest.fail("PulseAudio does not start")
            time.sleep(0.05)
        with self._recording.open("ab") as file:
            self._monitor = subprocess.Popen(
                [
                    *("parec", "--device=ci.monitor", "--format=float32le", f"--rate={RATE}", "--channels=2"),
                    *("--raw", "--latency-msec=50"),
                ],
                env={**os.environ, **self.environment},
                stdout=file,
                stderr=subprocess.DEVNULL,
            )
        _raise_priority(self._monitor)
        end = time.monotonic() + 20
        while not self._recording.stat().st_size and time.monotonic() < end:
            time.sleep(0.05)

    def pull_out(self) -> None:
        """Kill the server, as if the cable were cut."""
        for process in (self._monitor, self._server):
            if process is not None:
                process.send_signal(signal.SIGKILL)
                process.wait()
        self._monitor = self._server = None

    def clear(self) -> None:
        """Discard what was recorded so far."""
        self._recording_start = self._recording.stat().st_size // 8 * 8

    _recording_start = 0

    def recorded(self) -> FloatArray:
        """Return what was played since the start, or since `clear`: float32 (n_frames, 2)."""
        data = self._recording.read_bytes()[self._recording_start :]
        return np.frombuffer(data[: len(data) // 8 * 8], np.float32).reshape(-1, 2)

    def _run(self, *command):
        environment = {**os.environ, **self.environment}
        return subprocess.run(command, env=environment, capture_output=True, check=False, timeout=20).returncode


def _raise_priority(process):
    """Run before ordinary processes, as real sound servers do, so that a busy machine affects only the player."""
    with contextlib.suppress(OSError):
        os.sched_setscheduler(process.pid, os.SCHED_RR, os.sched_param(20))


@pytest.fixture
def sound_card(monkeypatch):
    """A card that is plugged in and that PortAudio finds."""
    missing = [tool for tool in _TOOLS if shutil.which(tool) is None]
    if sys.platform != "linux" or missing:
        pytest.skip(f"a virtual sound card needs {', '.join(missing or _TOOLS)} on Linux")
    # Not below pytest's own folder: a socket's path has at most about 100 characters.
    with tempfile.TemporaryDirectory() as folder:
        card = SoundCard(Path(folder))
        for name, value in card.environment.items():
            monkeypatch.setenv(name, value)
        card.plug_in()
        try:
            yield card
        finally:
            card.pull_out()
