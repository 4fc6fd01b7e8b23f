"""The command line as a user meets it: real processes, exit codes, one line on standard error."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest
import soundfile

from technogan.files.png import read_png
from technogan.files.seed_source import read_origin
from technogan.formats import FORMATS
from technogan.network.bundle import ModelBundle
from technogan.network.library import bundled_dir, find_model
from technogan.network.writing import write_bundle
from technogan.seeds.seed import Seed
from technogan.transforms import transform_of


def technogan(*arguments, cwd, env=None, **options):
    return subprocess.run(
        [sys.executable, "-m", "app", *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(bundled_dir().parents[1]), **(env or {})},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        **options,
    )


def _names(folder):
    return sorted(path.name for path in folder.iterdir())


def run_json(arguments, cwd):
    """Run a command that must succeed, and return its JSON."""
    done = technogan(*arguments, "--json", cwd=cwd)
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def assert_refused(done, *parts):
    """Assert one line on standard error, exit status 1 and no other output."""
    assert done.returncode == 1, done.stderr
    assert done.stdout == ""
    assert done.stderr.startswith("technogan: ")
    assert done.stderr.count("\n") == 1
    for part in parts:
        assert part in done.stderr


def test_render_writes_loops_and_pictures(tmp_path):
    loops = run_json(["render", "-m", "beat", "--seed", 7, "--count", 3, "--image", "-o", "loops/"], tmp_path)
    assert [f["path"] for f in loops] == [f"loops{os.sep}beat-{n}.wav" for n in (7, 8, 9)]
    assert _names(tmp_path / "loops") == [f"beat-{n}.{e}" for n in (7, 8, 9) for e in ("png", "wav")]
    for number, loop in zip((7, 8, 9), loops, strict=True):
        samples, rate = soundfile.read(tmp_path / loop["path"])
        assert (len(samples), rate) == (16384, 34953)
        origin = read_origin(tmp_path / loop["path"])
        assert origin is not None
        assert origin.seeds == (Seed.from_integer(number),)
        assert read_png(tmp_path / loop["image"])[0].shape == (256, 128)


def test_a_file_and_its_seed_render_the_same_again(tmp_path):
    run_json(["render", "-m", "beat", "--seed", "random", "-o", "first.wav"], tmp_path)
    run_json(["render", "-m", "beat", "--seed", "first.wav", "-o", "second.wav"], tmp_path)
    assert (tmp_path / "first.wav").read_bytes() == (tmp_path / "second.wav").read_bytes()


def test_rate_gives_whole_beats(tmp_path):
    (loop,) = run_json(
        ["render", "-m", "beat", "--bpm", 133.3, "--rate", 44100, "--subtype", "16", "-o", "a.wav"], tmp_path
    )
    info = soundfile.info(tmp_path / "a.wav")
    assert (info.frames, info.samplerate, info.subtype) == (round(60 * 44100 / 133.3), 44100, "PCM_16")
    assert (loop["frames"], loop["bpm"]) == (info.frames, 133.3)


def test_paths_are_printed_one_per_line(tmp_path):
    done = technogan("render", "-m", "beat", "--seed", 1, "--image", "-o", "a.wav", cwd=tmp_path)
    assert (done.stdout, done.stderr, done.returncode) == ("a.wav\na.png\n", "", 0)


@pytest.mark.parametrize("kind", ["fade", "pingpong"])
def test_sequences(tmp_path, kind):
    (loop,) = run_json([kind, "-m", "beat", "--from", 1, "--to", 2, "--steps", 4, "--image", "-o", "a.wav"], tmp_path)
    assert (loop["beats"], loop["frames"], len(loop["seeds"])) == (4, 4 * 16384, 4)
    assert read_png(tmp_path / "a.png")[0].shape == (256, 4 * 128)


def test_walk_is_repeatable_when_asked(tmp_path):
    arguments = ["walk", "-m", "beat", "--from", 1, "--steps", 3, "--morph", 20, "--walk-seed", 5, "-o"]
    first = run_json([*arguments, "a.wav"], tmp_path)[0]["seeds"]
    assert first == run_json([*arguments, "b.wav"], tmp_path)[0]["seeds"]
    assert first[0] == list(Seed.from_integer(1).values)
    assert 0 < np.abs(np.diff(first, axis=0)).max() <= 20.5


def test_a_picture_is_reconstructed_to_a_loop(tmp_path):
    run_json(["render", "-m", "beat", "--seed", 3, "--image", "-o", "a.wav"], tmp_path)
    (loop,) = run_json(["reconstruct", "a.png", "--format", "beat", "-o", "b.wav"], tmp_path)
    assert loop["frames"] == 16384
    assert loop["seeds"] == [list(Seed.from_integer(3).values)]
    transform = transform_of(FORMATS["beat"])
    sounds = (soundfile.read(tmp_path / name, dtype="float32")[0] for name in ("a.wav", "b.wav"))
    first, second = (np.abs(transform.forward(sound)).ravel() for sound in sounds)
    assert np.corrcoef(first, second)[0, 1] > 0.95


def test_models_list_info_verify(tmp_path):
    listed = json.loads(technogan("models", "list", "--json", cwd=tmp_path).stdout)
    assert {"bar", "beat"} <= {model["name"] for model in listed}
    assert json.loads(technogan("models", "info", "beat", "--json", cwd=tmp_path).stdout)["format"]["beats"] == 1
    assert technogan("models", "verify", "beat", cwd=tmp_path).returncode == 0


def test_models_are_installed_and_removed(tmp_path):
    env = {"TECHNOGAN_MODELS": str(tmp_path / "models")}
    bundle = find_model("beat")
    write_bundle(bundle.read(), replace(bundle.spec, name="mine"), tmp_path / "mine.onnx")
    assert technogan("models", "install", "mine.onnx", cwd=tmp_path, env=env).returncode == 0
    assert_refused(technogan("models", "install", "mine.onnx", cwd=tmp_path, env=env), "already a model named mine")
    assert technogan("render", "-m", "mine", "-o", "a.wav", cwd=tmp_path, env=env).returncode == 0
    assert technogan("models", "remove", "mine", cwd=tmp_path, env=env).returncode == 0
    assert_refused(technogan("models", "remove", "mine", cwd=tmp_path, env=env), "no model named 'mine'")
    assert_refused(technogan("models", "remove", "beat", cwd=tmp_path, env=env), "comes with TechnoGAN")


def test_a_model_of_the_prototype_is_imported_and_renders(tmp_path):
    from technogan.network.prototype_network import build_prototype_network

    env = {"TECHNOGAN_MODELS": str(tmp_path / "models")}
    (tmp_path / "old.onnx").write_bytes(build_prototype_network(128, channels=(8, 6, 4, 4)))
    done = technogan("models", "import", "old.onnx", "--format", "beat", "--name", "old", cwd=tmp_path, env=env)
    assert done.returncode == 0, done.stderr
    assert technogan("render", "-m", "old", "-o", "a.wav", cwd=tmp_path, env=env).returncode == 0
    assert_refused(
        technogan("models", "import", "old.onnx", "--format", "beat", cwd=tmp_path, env=env), "already exists"
    )


def test_doctor_finds_models_and_ports(tmp_path):
    found = json.loads(technogan("doctor", "--json", cwd=tmp_path).stdout)
    by_name = {finding["what"]: finding for finding in found}
    assert "beat" in by_name["models"]["detail"]
    assert by_name["network runs on"]["state"] == "ok"
    assert {finding["state"] for finding in found} <= {"ok", "missing", "broken"}
    assert "UDP port 10102" in by_name


@pytest.mark.parametrize("arguments", [["--help"], ["render", "--help"], ["models", "--help"], ["--version"]])
def test_help_names_the_program(tmp_path, arguments):
    done = technogan(*arguments, cwd=tmp_path)
    assert done.returncode == 0
    assert "technogan" in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [["render"], ["render", "--bogus"], ["sing"], ["fade", "-o", "a.wav"], ["render", "-o", "a", "--count", "many"]],
)
def test_wrong_usage_is_status_2(tmp_path, arguments):
    done = technogan(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert _names(tmp_path) == []


RENDER = ["render", "-m", "beat", "-o", "a.wav"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["render", "-m", "nothing", "-o", "a.wav"], "no model named 'nothing' (installed: bar, beat"),
        (["render", "-m", "gone.onnx", "-o", "a.wav"], "gone.onnx"),
        ([*RENDER, "--seed", ",".join(["1"] * 63)], "seed of 64 values, got 63"),
        ([*RENDER, "--seed", ",".join(["1"] * 65)], "seed of 64 values, got 65"),
        ([*RENDER, "--seed", "nan" + ",1" * 63], "value 1 is nan"),
        ([*RENDER, "--seed", "999" + ",1" * 63], "value 1 is 999"),
        ([*RENDER, "--seed", "kick.txt"], "kick.txt"),
        ([*RENDER, "--count", "0"], "count is 0"),
        ([*RENDER, "--count", "2", "--seed", ",".join(["1"] * 64)], "count is 2"),
        ([*RENDER, "--bpm", "0"], "bpm is 0"),
        ([*RENDER, "--bpm", "nan"], "bpm is nan"),
        ([*RENDER, "--rate", "7"], "rate is 7"),
        ([*RENDER, "--threads", "-1"], "threads is -1"),
        ([*RENDER, "--provider", "abacus"], "abacus"),
        (["render", "-o", "a.mp3"], "out is 'a.mp3'"),
        (["render", "-o", ""], "out is ''"),
        (["fade", "--from", "1", "--to", "2", "--steps", "0", "-m", "beat", "-o", "a.wav"], "steps is 0"),
        (["fade", "--from", "1", "--to", "2", "--steps", "5000", "-m", "beat", "-o", "a.wav"], "1 to 1024"),
        (["pingpong", "--from", "1", "--to", "x", "-m", "beat", "-o", "a.wav"], "x"),
        (["walk", "--morph", "-3", "-m", "beat", "-o", "a.wav"], "morph is -3"),
        (["reconstruct", "gone.png", "--format", "beat", "-o", "a.wav"], "gone.png: no such file"),
        (
            ["reconstruct", "gone.png", "--format", "bars", "-o", "a.wav"],
            "bars'; it must be one of beat, half, bar, beat-256",
        ),
        (["models", "info", "nothing"], "no model named"),
        (["models", "verify", "gone.onnx"], "gone.onnx"),
        (["models", "install", "gone.onnx"], "gone.onnx"),
        (["models", "import", "gone.onnx", "--format", "beat"], "gone.onnx"),
    ],
)
def test_bad_input_is_one_line_and_status_1(tmp_path, arguments, message):
    assert_refused(technogan(*arguments, cwd=tmp_path), message)
    assert _names(tmp_path) == []


def _damaged(tmp_path, how):
    data = find_model("beat").read()
    path = tmp_path / "bad.onnx"
    if how == "truncated":
        path.write_bytes(data[: len(data) // 2])
    elif how == "empty":
        path.write_bytes(b"")
    elif how == "text":
        path.write_text("not a network")
    else:  # metadata of another format than the network's
        bundle = find_model("beat")
        lie = bundle.spec.to_json().replace('"n_frames": 128', '"n_frames": 512').replace('"beats": 1', '"beats": 4')
        from technogan.graphs.metadata import with_metadata
        from technogan.network.bundle import CHECKSUM_KEY, SPEC_KEY

        path.write_bytes(with_metadata(data, {SPEC_KEY: lie, CHECKSUM_KEY: bundle.checksum}))
        assert ModelBundle.open(path).spec.format.n_frames == 512
    return path


@pytest.mark.parametrize("how", ["truncated", "empty", "text", "lying"])
def test_damaged_models_are_refused(tmp_path, how):
    path = _damaged(tmp_path, how)
    assert_refused(technogan("render", "-m", path.name, "-o", "a.wav", cwd=tmp_path))
    assert _names(tmp_path) == ["bad.onnx"]


def test_a_name_without_a_folder_is_written_here(tmp_path):
    assert technogan(*RENDER, cwd=tmp_path).returncode == 0
    assert _names(tmp_path) == ["a.wav"]


def test_a_target_below_a_file_is_refused(tmp_path):
    (tmp_path / "file").touch()
    assert_refused(technogan("render", "-m", "beat", "-o", "file/a.wav", cwd=tmp_path), "is a file, not a folder")


def _may_mount(folder):
    return sys.platform == "linux" and shutil.which("mount") is not None and os.geteuid() == 0 and folder.is_dir()


@pytest.fixture
def tiny_disk(tmp_path):
    """A disk of 64 KiB. Needs root."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if not _may_mount(folder):
        pytest.skip("only root can mount a small disk")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)], check=False)
    if mounted.returncode:
        pytest.skip("this system cannot mount a tmpfs")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_leaves_no_partial_files(tmp_path, tiny_disk):
    assert_refused(technogan("render", "-m", "bar", "-o", "disk/a.wav", cwd=tmp_path), "the disk is full")
    assert _names(tiny_disk) == []


def test_a_read_only_folder_is_named(tmp_path, tiny_disk):
    subprocess.run(["mount", "-o", "remount,ro", str(tiny_disk)], check=True)
    assert_refused(technogan("render", "-m", "beat", "-o", "disk/a.wav", cwd=tmp_path), "read-only")


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C reaches a whole console there")
@pytest.mark.parametrize("n_files", [0, 1, 50])
def test_ctrl_c_half_way_leaves_whole_files_only(tmp_path, n_files):
    process = subprocess.Popen(
        [sys.executable, "-m", "app", "render", "-m", "beat", "--count", "5000", "-o", "loops/"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(bundled_dir().parents[1])},
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        # In the background of a shell Ctrl-C is ignored, and children inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        time.sleep(0.3)
        while len(list(tmp_path.glob("loops/*.wav"))) < n_files:
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    finally:
        process.kill()
    # Before the program starts, Python itself may end it.
    if n_files:
        assert (process.returncode, out) == (1, "")
        assert err == "technogan: stopped; no partial files are left\n"
    for path in (tmp_path / "loops").glob("*") if (tmp_path / "loops").exists() else []:
        assert path.suffix == ".wav"
        assert soundfile.info(path).frames == 16384
