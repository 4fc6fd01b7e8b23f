"""`technogan serve` as users run it: a real process, the model "beat", real messages."""

import os
import queue
import signal
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest
import soundfile

from app.osc import tray
from technogan.engine import Engine
from technogan.network.library import find_model
from technogan.osc.ports import LOOPBACK, free_port
from technogan.seeds.seed import Seed
from tests.osc_bridge import PATIENCE_S, ROOT, Client, seed


class Serve:
    """A running `technogan serve`, its lines, and a client on its reply port."""

    def __init__(self, directory, *options, port=None, **environment):
        self.client = Client()
        self.port = port or free_port()
        self.client.to = (LOOPBACK, self.port)
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "app", "serve", "--model", "beat", "--dir", str(directory)),
                *("--port", str(self.port), "--reply-port", str(self.client.port), *options),
            ],
            cwd=ROOT,
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.lines: queue.Queue[str] = queue.Queue()
        self.reader = threading.Thread(target=self._read)
        self.reader.start()

    def _read(self):
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.put(line)

    def until(self, words):
        """Return the lines up to the one with these words."""
        found = ""
        while words not in found:
            found += self.lines.get(timeout=PATIENCE_S)
        return found

    def ready(self):
        assert [self.client.receive().address for _ in range(2)] == ["/ccret/init", "/ggret/init"]
        return self.until("Ctrl-C")

    def end(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        assert self.process.wait(PATIENCE_S) == 0
        self.reader.join()
        left = ""
        while not self.lines.empty():
            left += self.lines.get()
        assert self.process.stderr is not None
        assert self.process.stderr.read() == ""
        return left

    def close(self):
        self.process.kill()
        self.process.wait()
        self.reader.join()
        for pipe in (self.process.stdout, self.process.stderr):
            assert pipe is not None
            pipe.close()
        self.client.close()


@contextmanager
def serving(*arguments, **options):
    serve = Serve(*arguments, **options)
    try:
        yield serve
    finally:
        serve.close()


unix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals that end a process in order")


@unix
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_performance(tmp_path, number):
    with serving(tmp_path) as serve:
        printed = serve.ready()
        assert f"listening on 127.0.0.1:{serve.port}, replying to port {serve.client.port}" in printed
        (single,) = serve.client.ask("/cc/generate_single_wav_id", 3, *seed(5))
        assert single.arguments[0] == 3
        made = soundfile.info(single.arguments[1])
        loop = Engine(find_model("beat")).render(Seed.of(seed(5)))
        assert (made.frames, made.samplerate) == (len(loop.samples), round(loop.sample_rate))
        (fade, _) = serve.client.ask("/gg/generate_fade", 5, 3, *seed(1), *seed(9))
        id, path = fade.arguments[0].split(" ")
        assert id == "5"
        assert soundfile.info(path).frames == 3 * made.frames
        (picture,) = serve.client.ask("/cc/generate_single_wav_id_img", 4, *seed(5))
        assert Path(picture.arguments[2]).read_bytes().startswith(b"\x89PNG")
        (status,) = serve.client.ask("/cc/status")
        assert status.arguments[1:] == ("beat", 64, 128.0, 34953, f"{tmp_path.as_posix()}/", 0)
        printed = serve.end(number)
    assert printed.count("Generated") == 3
    assert printed.endswith("stopped\n")


@unix
def test_a_long_job_can_be_cancelled_or_stopped(tmp_path):
    with serving(tmp_path) as serve:
        serve.ready()
        serve.client.send("/cc/generate_fade", 5, 1024, *seed(1), *seed(9))
        (cancelled, *rest) = serve.client.ask("/cc/cancel", 5)
        assert cancelled.arguments == (5, 1)
        assert rest[0].arguments[1:3] == (5, "cancelled")
        serve.client.send("/cc/generate_fade", 6, 1024, *seed(1), *seed(9))
        serve.client.send("/cc/isAlive")
        assert serve.client.receive().address == "/ccret/alive"
        serve.end()
        assert serve.client.receive().arguments[2] in ("cancelled", "stopping")
    assert list(tmp_path.iterdir()) == []


@unix
def test_a_short_folder_name_is_answered_in_full(tmp_path):
    (tmp_path / "home").mkdir()
    with serving("~/loops", HOME=str(tmp_path / "home")) as serve:
        serve.ready()
        (reply,) = serve.client.ask("/cc/generate_single_wav_id", 3, *seed(5))
        assert Path(reply.arguments[1]).parent == tmp_path / "home" / "loops"
        serve.end()


@unix
def test_listening_on_all_addresses_explains_allow(tmp_path):
    with serving(tmp_path, "--host", "0.0.0.0") as serve:
        assert "others need --allow HOST" in serve.ready()
        assert [reply.address for reply in serve.client.ask("/gg/isalive")] == ["/ggret/alive"]
        serve.end()


@unix
def test_verbose_shows_every_message(tmp_path):
    with serving(tmp_path, "--verbose") as serve:
        serve.ready()
        serve.client.ask("/cc/isAlive")
        serve.client.ask("/cc/x\x1b[31m")
        printed = serve.end()
    assert "<- 127.0.0.1:" in printed
    assert " /cc/isAlive\n" in printed
    assert f"-> 127.0.0.1:{serve.client.port} /ccret/alive\n" in printed
    assert "\x1b" not in printed


@unix
def test_without_a_tray_it_continues(tmp_path):
    environment = {"DISPLAY": "", "WAYLAND_DISPLAY": "", "QT_QPA_PLATFORM": ""}
    with serving(tmp_path, "--tray", **environment) as serve:
        if sys.platform == "linux":
            assert "no system tray: there is no display; continuing without it" in serve.ready() + serve.until(
                "no system"
            )
        serve.client.ask("/cc/isAlive")
        serve.end()


@unix
def test_two_bridges_run_side_by_side(tmp_path):
    with serving(tmp_path / "a") as one, serving(tmp_path / "b") as two:
        for serve, name in ((one, "a"), (two, "b")):
            serve.ready()
            (reply,) = serve.client.ask("/cc/get_target_dir")
            assert reply.arguments[0].endswith(f"/{name}/")
        one.end()
        two.end()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ((), "in use by another program, perhaps another bridge; choose another with --port"),
        (("--model", "nix"), "no model named 'nix'"),
        (("--host", "203.0.113.7"), "choose another with --host"),
        (("--allow", "no such host"), "allow is 'no such host'"),
        (("--reply-port", "0"), "reply port is 0"),
        (("--dir", __file__), "cannot write"),
    ],
)
def test_it_does_not_start(tmp_path, options, message):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind((LOOPBACK, 0))
        port = taken.getsockname()[1] if not options else free_port()
        done = subprocess.run(
            [sys.executable, "-m", "app", "serve", "-m", "beat", "--dir", tmp_path, "--port", str(port), *options],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert (done.returncode, done.stderr.count("\n")) == (1, 1), done.stderr
    assert message in done.stderr


def test_a_missing_tray_is_explained(monkeypatch):
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    if sys.platform == "linux":
        assert tray.find_problem() == "there is no display"
    monkeypatch.setenv("DISPLAY", ":7777")
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert tray.find_problem() == "this desktop has no tray"
    monkeypatch.setitem(sys.modules, "PySide6.QtWidgets", None)
    assert "reinstall TechnoGAN" in tray.find_problem()


def test_an_unusable_display_does_not_abort_this_process(monkeypatch):
    if sys.platform != "linux":
        pytest.skip("other systems always have a display")
    monkeypatch.setenv("DISPLAY", ":7777")
    monkeypatch.setenv("QT_QPA_PLATFORM", "xcb")
    assert tray.find_problem() == "the display cannot be used"


def test_the_tray_ends_with_the_bridge():
    code = (
        "import threading, pathlib; from app.osc.tray import show\n"
        "stop = threading.Event(); threading.Timer(0.5, stop.set).start()\n"
        "show(stop, pathlib.Path.cwd); print('ended')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "ended\n"), done.stderr
