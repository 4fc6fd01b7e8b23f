"""Tests of the Node patches' generator: its parts in plain Node, and the whole with a stand-in for Max's module."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
import soundfile

from scripts.clients.files import FOLDER
from technogan.audio_graph.export import export_audio
from technogan.engine import Engine
from technogan.network.library import find_model
from technogan.seeds.paths import fade
from technogan.seeds.seed import Seed
from tests.signals import convergence_at_best_gain

HERE = Path(__file__).resolve().parent / "node"
# `make web` installs these packages.
MODULES = HERE.parents[2] / "build" / "node" / "node_modules"
NODE = shutil.which("node")

needs_node = pytest.mark.skipif(NODE is None, reason="needs Node")
needs_runtime = pytest.mark.skipif(
    NODE is None or not (MODULES / "onnxruntime-node").is_dir(), reason="needs Node and onnxruntime-node: make web"
)


@needs_node
def test_service_works_in_plain_node():
    done = subprocess.run(
        [str(NODE), "--test", *map(str, HERE.glob("*.test.mjs"))], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout


class Script:
    """Run `technogan-node.js` as Max would."""

    def __init__(self, folder: Path) -> None:
        for path in (FOLDER / "max").glob("*.*js"):
            shutil.copy(path, folder)
        modules = folder / "node_modules"
        modules.mkdir()
        for path in MODULES.iterdir():
            (modules / path.name).symlink_to(path)
        (modules / "max-api.js").symlink_to(HERE / "max-api.js")
        self._process = subprocess.Popen(
            [str(NODE), "technogan-node.js"], cwd=folder, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def say(self, *message):
        assert self._process.stdin
        self._process.stdin.write(json.dumps(message) + "\n")
        self._process.stdin.flush()

    def answer(self):
        assert self._process.stdout
        return json.loads(self._process.stdout.readline())

    def close(self):
        self._process.communicate(timeout=20)


@pytest.fixture(scope="module")
def script(tmp_path_factory):
    folder = tmp_path_factory.mktemp("max")
    export_audio(find_model("beat"), folder / "beat.audio.onnx", sequence=True)
    running = Script(folder)
    yield running
    running.close()


@pytest.mark.slow
@needs_runtime
def test_script_renders_the_loops_of_the_engine(script):
    status, init = script.answer(), script.answer()
    assert (status[0], status[2:6]) == ("status", ["beat", 64, 128, 34953])
    assert init == ["init"]
    engine = Engine(find_model("beat"))
    a, b = Seed.from_integer(1), Seed.from_integer(2)
    loops = {
        ("generate_single_wav_id", 5, *a.values): engine.render(a),
        ("generate_fade", 3, 2, *a.values, *b.values): engine.render_sequence(fade(a, b, 2)),
    }
    for message, loop in loops.items():
        script.say(*message)
        what, slot, file, _ = script.answer()
        assert (what, slot) == ("wav_id", message[1])
        samples, rate = soundfile.read(file, dtype="float32")
        assert (samples.shape, rate) == (loop.samples.shape, 34953)
        wanted = convergence_at_best_gain(loop.samples, loop.magnitude, engine.spec.format)
        assert convergence_at_best_gain(samples, loop.magnitude, engine.spec.format) == pytest.approx(wanted, abs=1)
