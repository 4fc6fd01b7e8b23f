"""Tests of the frozen instrument, which run it without Python on the PATH."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.bundle.size import LIMIT_MB, measure_sizes
from tests.packaging.recorded_spec import ROOT

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="the program has another name on other systems"),
]
PATIENCE_S = 1500
BUNDLE = ROOT / "dist" / "TechnoGAN"


@pytest.fixture(scope="module")
def program():
    """Build the bundle and return its program; BUNDLE_IS_BUILT=1 uses an existing one."""
    if not os.environ.get("BUNDLE_IS_BUILT"):
        subprocess.run(["make", "bundle"], cwd=ROOT, check=True, timeout=PATIENCE_S)
    return BUNDLE / "TechnoGAN"


def run(program, *arguments, folder, **environment):
    """Run the program with an empty PATH, so that no Python is found."""
    own = {"HOME": str(folder), "LC_ALL": "C.UTF-8", "PATH": str(folder), "TMPDIR": str(folder)}
    return subprocess.run(
        [program, *arguments],
        env=own | environment,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_self_test_passes(program, tmp_path):
    done = run(program, "--self-test", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    states = {line.split()[1]: line.split()[0] for line in done.stdout.splitlines()}
    assert list(states) == ["model", "file", "tools", "display", "window", "sound", "osc", "end"]
    assert {name for name, state in states.items() if state != "ok"} <= {"display", "sound"}


def test_broken_bundle_is_reported(program, tmp_path):
    broken = tmp_path / "broken"
    shutil.copytree(BUNDLE, broken, symlinks=True)
    shutil.rmtree(broken / "_internal" / "technogan" / "_resources" / "models")
    done = run(broken / "TechnoGAN", "--self-test", folder=tmp_path)
    assert done.returncode == 1
    assert "no model found; reinstall TechnoGAN" in done.stderr


def test_commands_work(program, tmp_path):
    done = run(program, "render", "--seed", "7", "--json", "-o", "seven.wav", folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)[0]["path"] == "seven.wav"
    assert (tmp_path / "seven.wav").stat().st_size > 100_000


def test_errors_are_one_line(program, tmp_path):
    done = run(program, "render", "-m", "nothing", "-o", "a.wav", folder=tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)


def test_all_linked_libraries_are_found(program):
    folder = {"LD_LIBRARY_PATH": str(BUNDLE / "_internal")}
    for path in BUNDLE.rglob("*.so*"):
        if not path.is_symlink():
            linked = subprocess.run(["ldd", path], env=os.environ | folder, capture_output=True, text=True, check=False)
            assert "not found" not in linked.stdout, path


def test_bundle_is_small_and_contains_no_training_packages(program):
    assert sum(measure_sizes(BUNDLE).values()) <= LIMIT_MB * 1e6
    packages = {path.name.lower() for path in (BUNDLE / "_internal").iterdir()}
    assert not packages & {"tensorflow", "keras", "torch", "librosa", "numba", "scipy", "llvmlite", "sklearn"}


def test_symbolic_links_are_valid(program):
    assert not [path for path in BUNDLE.rglob("*") if path.is_symlink() and not path.exists()]


def test_bundle_contains_notices_and_licence(program):
    text = (BUNDLE / "THIRD-PARTY-NOTICES.txt").read_text(encoding="utf-8")
    assert re.search(r"^Qt: LGPL-3.0-only", text, re.MULTILINE)
    assert (BUNDLE / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()


def test_package_is_one_file_with_a_checksum(program):
    subprocess.run(["make", "package"], cwd=ROOT, check=True, timeout=PATIENCE_S)
    (package,) = (ROOT / "build" / "packages").glob("TechnoGAN-*-linux-*.tar.gz")
    subprocess.run(["sha256sum", "--check", f"{package.name}.sha256"], cwd=package.parent, check=True)
    listed = subprocess.run(["tar", "-tzf", package], capture_output=True, text=True, check=True).stdout.splitlines()
    assert "TechnoGAN/TechnoGAN" in listed
    assert {Path(name).parts[0] for name in listed} == {"TechnoGAN"}
