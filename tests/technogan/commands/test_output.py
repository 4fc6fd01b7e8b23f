"""Where commands write: files, folders, pipes and standard output, without replacing what is not theirs."""

import io
import os
import subprocess
import sys
import threading

import numpy as np
import pytest

from app.cli import run
from technogan.files.png import write_png
from technogan.files.seed_source import read_origin
from technogan.seeds.origin import Origin
from technogan.seeds.seed import Seed

RENDER = ["render", "-m", "beat", "--seed"]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def names(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def write_picture(path, number):
    origin = Origin("beat", (Seed.from_integer(number),), 128.0, 1)
    path.parent.mkdir(exist_ok=True)
    image = np.random.default_rng(number).uniform(-1, 0, (320, 128)).astype(np.float32)
    write_png(path, image, comment=origin.to_json())


def origin_of(path):
    origin = read_origin(path)
    assert origin is not None
    return origin


def test_pictures_of_one_name_become_several_files(folder, capsys):
    for i, name in enumerate(("p/loop.png", "q/loop.png", "q/loop-2.png")):
        write_picture(folder / name, i)
    reconstruct = ["reconstruct", "p/loop.png", "q/loop.png", "q/loop-2.png", "--format", "beat", "--method", "fast"]
    assert run([*reconstruct, "-o", "r/"]) == 0
    written = [folder / line for line in capsys.readouterr().out.splitlines()]
    assert len(set(written)) == 3
    assert [origin_of(path).seeds[0] for path in written] == [Seed.from_integer(i) for i in range(3)]


def test_the_loops_of_earlier_runs_are_kept(folder):
    for options in (["--bpm", "120"], ["--bpm", "130"], ["--bpm", "130"]):
        assert run([*RENDER, "1", *options, "-o", "out"]) == 0
    assert names(folder) == ["out/beat-1-2.wav", "out/beat-1.wav"]
    assert origin_of(folder / "out" / "beat-1.wav").bpm == 120


def test_a_file_that_is_named_is_replaced_with_its_picture(folder):
    for seed in ("1", "2"):
        assert run([*RENDER, seed, "--image", "-o", "a.wav"]) == 0
    assert names(folder) == ["a.png", "a.wav"]
    assert origin_of(folder / "a.png").seeds == origin_of(folder / "a.wav").seeds == (Seed.from_integer(2),)


def test_a_cover_is_kept(folder):
    (folder / "a.png").write_bytes(b"a cover")
    assert run([*RENDER, "1", "--image", "-o", "a.wav"]) == 0
    assert names(folder) == ["a-2.png", "a.png", "a.wav"]
    assert (folder / "a.png").read_bytes() == b"a cover"


def test_numbered_files_of_others_are_kept(folder):
    (folder / "a-2.wav").write_bytes(b"RIFF")
    assert run([*RENDER, "1", "--count", "2", "-o", "a.wav"]) == 0
    assert names(folder) == ["a-1.wav", "a-2-2.wav", "a-2.wav"]


def test_a_single_loop_goes_to_standard_output(folder):
    command = [sys.executable, "-m", "app", *RENDER, "1"]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([*command, "-o", "-"], capture_output=True, check=True, env=environment)
    assert run([*RENDER, "1", "-o", "a.wav"]) == 0
    assert done.stdout == (folder / "a.wav").read_bytes()
    assert names(folder) == ["a.wav"]


@pytest.mark.parametrize("options", [["--count", "2"], ["--image"], ["--stems"]])
def test_several_files_do_not_go_to_standard_output(folder, capsys, options):
    assert run([*RENDER, "1", *options, "-o", "-"]) == 1
    assert "out is '-'; it must be a .wav file or a folder" in capsys.readouterr().err
    assert names(folder) == []


def test_a_terminal_is_not_filled_with_a_loop(monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdout", type("Terminal", (io.StringIO,), {"isatty": lambda _: True})())
    assert run([*RENDER, "1", "-o", "-"]) == 1
    assert "must not be a terminal" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pipes in folders")
@pytest.mark.parametrize("name", ["pipe.wav", "pipe"])
def test_a_loop_goes_through_a_pipe(folder, name):
    os.mkfifo(folder / name)
    received = []
    reader = threading.Thread(target=lambda: received.append((folder / name).read_bytes()), daemon=True)
    reader.start()
    assert run([*RENDER, "1", "-o", name]) == 0
    reader.join(60)
    assert received[0][:4] == b"RIFF"
    assert [path.name for path in folder.iterdir()] == [name]


def test_the_file_of_a_seed_with_any_name_names_its_loop(folder):
    (folder / ("s" * 240 + ".json")).write_text(str([1] * 64))
    assert run([*RENDER, "s" * 240 + ".json", "-o", "out"]) == 0
    assert run([*RENDER, ",".join(["-12.3456"] * 64), "-o", "out"]) == 0
    assert len(names(folder)) == 3


@pytest.mark.parametrize(
    "arguments",
    [
        ["export-audio", "beat", "-o", "-"],
        ["encode", "a.wav", "-o", "-"],
        ["models", "import", "x.onnx", "--format", "beat", "--out", "-"],
        ["dataset", "convert", ".", "--format", "beat", "-o", "-"],
        ["dataset", "slice", "a.wav", "--bpm", "120", "-o", "-"],
        ["train", ".", "-o", "-"],
        ["export", ".", "-o", "-"],
    ],
)
def test_other_commands_refuse_standard_output(folder, capsys, arguments):
    assert run(arguments) == 1
    assert "out is '-'" in capsys.readouterr().err
    assert names(folder) == []
