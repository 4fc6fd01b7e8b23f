"""The frozen instrument itself: built anew, and run where no Python is to be found."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.bundle.size import LIMIT_MB, sizes
from tests.packaging.recorded_spec import ROOT

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="the program is called otherwise elsewhere"),
]
PATIENCE_S = 1500
BUNDLE = ROOT / "dist" / "TechnoGAN"


@pytest.fixture(scope="module")
def program():
    """BUNDLE_IS_BUILT=1 takes the one that is there."""
    if not os.environ.get("BUNDLE_IS_BUILT"):
        subprocess.run(["make", "bundle"], cwd=ROOT, check=True, timeout=PATIENCE_S)
    return BUNDLE / "TechnoGAN"


def run(program, *arguments, folder, **environment):
    """With nothing but a home and a locale: no PATH, so no Python."""
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


def test_its_self_test_passes(program, tmp_path):
    done = run(program, "--self-test", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    states = {line.split()[1]: line.split()[0] for line in done.stdout.splitlines()}
    assert list(states) == ["model", "file", "studio", "display", "window", "sound", "osc", "end"]
    assert {name for name, state in states.items() if state != "ok"} <= {"display", "sound"}


def test_a_broken_bundle_says_so(program, tmp_path):
    broken = tmp_path / "broken"
    shutil.copytree(BUNDLE, broken, symlinks=True)
    shutil.rmtree(broken / "_internal" / "technogan" / "_resources" / "models")
    done = run(broken / "TechnoGAN", "--self-test", folder=tmp_path)
    assert done.returncode == 1
    assert "no model is there; install TechnoGAN anew" in done.stderr


def test_commands_work(program, tmp_path):
    done = run(program, "render", "--seed", "7", "--json", "-o", "seven.wav", folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)[0]["path"] == "seven.wav"
    assert (tmp_path / "seven.wav").stat().st_size > 100_000


def test_errors_are_one_line(program, tmp_path):
    done = run(program, "render", "-m", "nothing", "-o", "a.wav", folder=tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)


def test_nothing_is_linked_to_what_is_missing(program):
    folder = {"LD_LIBRARY_PATH": str(BUNDLE / "_internal")}
    for path in BUNDLE.rglob("*.so*"):
        if not path.is_symlink():
            told = subprocess.run(["ldd", path], env=os.environ | folder, capture_output=True, text=True, check=False)
            assert "not found" not in told.stdout, path


def test_it_is_small_enough_and_carries_no_training(program):
    assert sum(sizes(BUNDLE).values()) <= LIMIT_MB * 1e6
    carried = {path.name.lower() for path in (BUNDLE / "_internal").iterdir()}
    assert not carried & {"tensorflow", "keras", "torch", "librosa", "numba", "scipy", "llvmlite", "sklearn"}


def test_no_link_leads_nowhere(program):
    assert not [path for path in BUNDLE.rglob("*") if path.is_symlink() and not path.exists()]


def test_notices_and_licence_lie_beside_it(program):
    text = (BUNDLE / "THIRD-PARTY-NOTICES.txt").read_text(encoding="utf-8")
    assert re.search(r"^Qt: LGPL-3.0-only", text, re.MULTILINE)
    assert (BUNDLE / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()


def test_the_package_is_one_file_with_its_sum(program):
    subprocess.run(["make", "package"], cwd=ROOT, check=True, timeout=PATIENCE_S)
    (package,) = (ROOT / "build" / "packages").glob("TechnoGAN-*-linux-*.tar.gz")
    subprocess.run(["sha256sum", "--check", f"{package.name}.sha256"], cwd=package.parent, check=True)
    listed = subprocess.run(["tar", "-tzf", package], capture_output=True, text=True, check=True).stdout.splitlines()
    assert "TechnoGAN/TechnoGAN" in listed
    assert {Path(name).parts[0] for name in listed} == {"TechnoGAN"}
