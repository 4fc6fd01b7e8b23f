"""The studio environment: made by a program that stands in for uv, and, where it is asked for, by uv itself."""

import shutil
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.training_tools import installer
from app.training_tools.environment import CACHE, ENVIRONMENT, READY, Studio
from app.training_tools.installer import Downloads, check, require_room, set_up
from app.training_tools.supplies import StudioError, Supplies, bundled_supplies, find_supplies
from app.training_tools.tools import TRAINING, find_tools
from technogan import __version__
from technogan.errors import Cancelled

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the stand-in is a script")

ROOT = Path(__file__).resolve().parents[3]
# Makes an environment whose Python says what it is told to.
UV = """#!/bin/sh
echo "$@" >> {log}
case "$1" in
venv)
    mkdir -p "$4/bin"
    printf '#!/bin/sh\\n{python}\\n' > "$4/bin/python"
    chmod +x "$4/bin/python" ;;
pip)
    {install} ;;
esac
"""
INSTALL = "echo 'Downloading big (2.0MiB)'; echo ' Downloaded big'; echo 'Prepared 1 package'; echo 'Installed 1'"


@pytest.fixture
def studio(tmp_path, monkeypatch):
    monkeypatch.setattr(installer, "_ROOM_MB", 1)
    return Studio(tmp_path / "studio")


@pytest.fixture
def supplies(tmp_path):
    def made(install=INSTALL, python=f"echo {__version__}"):
        uv = tmp_path / "uv"
        uv.write_text(UV.format(log=tmp_path / "log", install=install, python=python))
        uv.chmod(uv.stat().st_mode | stat.S_IXUSR)
        (tmp_path / "constraints.txt").write_text("")
        return Supplies(uv, tmp_path / f"technogan-{__version__}.whl", tmp_path / "constraints.txt")

    return made


def nothing(*_):
    return False


def test_it_is_made_and_checked(studio, supplies, tmp_path):
    told = []
    assert studio.state == "absent"
    set_up(studio, supplies(), lambda text, done: told.append((text, done)), nothing)
    assert studio.ready
    assert ("Downloading: 2 of 2 MB", 1.0) in told
    asked = (tmp_path / "log").read_text().splitlines()
    assert asked[0].startswith("venv --python 3.11")
    assert f"technogan-{__version__}.whl[training] --constraints" in asked[1]
    assert not (studio.folder / CACHE).exists()


@pytest.mark.parametrize(
    ("printed", "reason"),
    [
        ("error: client error (Connect): dns error: failed to lookup address", "no connection"),
        ("error: Failed to fetch: `https://x/`", "no connection"),
        ("error: No space left on device (os error 28)", "disk is full"),
        ("error: something else", "installation failed"),
    ],
)
def test_what_uv_reports_is_explained(studio, supplies, printed, reason):
    with pytest.raises(StudioError, match=reason) as raised:
        set_up(studio, supplies(f"echo '{printed}' >&2; exit 2"), nothing, nothing)
    assert printed in raised.value.details
    assert studio.state == "half-made"


@pytest.mark.parametrize(
    ("python", "reason"),
    [("echo 0.0.0", "another version: 0.0.0"), ("echo no module; exit 1", "cannot be loaded"), ("", "nothing")],
)
def test_tools_that_do_not_work_are_not_ready(studio, supplies, python, reason):
    with pytest.raises(StudioError, match=reason):
        set_up(studio, supplies(python=python), nothing, nothing)
    assert studio.state == "half-made"


def test_a_broken_one_is_found_by_checking_and_mended(studio, supplies):
    set_up(studio, supplies(), nothing, nothing)
    studio.python.write_text("#!/bin/sh\nexit 1\n")
    with pytest.raises(StudioError, match="cannot be loaded"):
        check(studio, nothing, nothing)
    assert studio.state == "half-made"
    set_up(studio, supplies(), nothing, nothing)
    assert studio.ready


def test_a_stop_ends_uv_soon_and_keeps_what_was_fetched(studio, supplies):
    began = time.monotonic()
    (studio.folder / CACHE).mkdir(parents=True)
    heard = []
    with pytest.raises(Cancelled):
        set_up(
            studio,
            supplies("echo 'Downloading big (2.0MiB)'; exec sleep 60"),
            lambda text, _done: heard.append(text),
            lambda: any("Downloading" in text for text in heard),
        )
    assert time.monotonic() - began < 30
    assert studio.state == "half-made"
    assert (studio.folder / CACHE).is_dir()


def test_too_little_room_is_said_before_anything_is_done(studio, supplies, monkeypatch):
    monkeypatch.setattr(installer, "_ROOM_MB", 10**12)
    with pytest.raises(StudioError, match="GB are needed"):
        set_up(studio, supplies(), nothing, nothing)
    assert not studio.folder.exists()


def test_room_is_looked_for_where_the_folder_will_be(tmp_path):
    require_room(tmp_path / "not" / "there" / "yet")


def test_a_program_that_is_not_there(studio, supplies, tmp_path):
    with pytest.raises(StudioError):
        set_up(studio, Supplies(tmp_path / "none", tmp_path, None), nothing, nothing)


def test_states(studio):
    studio.folder.mkdir()
    assert studio.state == "absent"
    (studio.folder / ENVIRONMENT).mkdir()
    assert studio.state == "half-made"
    studio.python.parent.mkdir()
    studio.python.write_text("")
    (studio.folder / READY).write_text('{"version": "0.0.0"}')
    assert studio.state == "outdated"
    (studio.folder / READY).write_text("[")
    assert studio.state == "half-made"
    studio.mark_ready()
    assert studio.state == "ready"
    studio.remove()
    assert studio.state == "absent"


def test_its_size_counts_links_once(studio):
    studio.folder.mkdir()
    (studio.folder / "a").write_bytes(bytes(2_000_000))
    (studio.folder / "b").hardlink_to(studio.folder / "a")
    assert studio.megabytes() == pytest.approx(2.0)


@pytest.mark.parametrize(
    ("lines", "share", "text"),
    [
        ([], 0.0, "Downloading: 0 of 0 MB"),
        (["Downloading a (1.0GiB)", " Downloading b (512.0KiB)"], 0.0, "Downloading: 0 of 1024 MB"),
        (["Downloading a (3.0MiB)", "Downloading b (1.0MiB)", " Downloaded a"], 0.75, "Downloading: 3 of 4 MB"),
        ([" Downloaded unheard-of", "Resolved 70 packages in 1s"], 0.0, "Downloading: 0 of 0 MB"),
    ],
)
def test_downloads(lines, share, text):
    downloads = Downloads()
    for line in lines:
        downloads.take(line)
    assert (downloads.share, downloads.text) == (share, text)


def test_the_bundle_carries_what_is_needed(tmp_path):
    with pytest.raises(StudioError, match="damaged: uv"):
        bundled_supplies(tmp_path)
    (tmp_path / "uv").write_text("")
    with pytest.raises(StudioError, match="wheel"):
        bundled_supplies(tmp_path)
    (tmp_path / "technogan-1.whl").write_text("")
    (tmp_path / "constraints.txt").write_text("")
    found = bundled_supplies(tmp_path)
    assert (found.project.name, found.constraints) == ("technogan-1.whl", tmp_path / "constraints.txt")


def test_a_checkout_is_installed_itself(monkeypatch, tmp_path):
    monkeypatch.setattr(shutil, "which", lambda _: str(tmp_path / "uv"))
    found = find_supplies()
    assert (found.project, found.constraints) == (ROOT, ROOT / "constraints.txt")


def test_without_uv_one_is_told(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(StudioError, match="uv is not found"):
        find_supplies()


def test_this_environment_serves_where_it_has_the_modules():
    tools = find_tools(("json", "numpy"))
    assert tools is not None
    printed = subprocess.run([*tools.program, "--version"], env=tools.environment, capture_output=True, text=True)
    assert printed.stdout.strip() == f"technogan {__version__}"


def test_without_the_modules_the_studio_serves_once_it_is_ready(state_folder):
    assert find_tools(("unheard_of",)) is None
    studio = Studio(state_folder / "studio")
    studio.python.parent.mkdir(parents=True)
    studio.python.write_text("")
    studio.mark_ready()
    tools = find_tools(("unheard_of",))
    assert tools is not None
    assert tools.program[0] == str(studio.python)


def test_the_bundled_application_never_serves(monkeypatch, state_folder):
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setenv("LD_LIBRARY_PATH", "/bundle")
    monkeypatch.setenv("LD_LIBRARY_PATH_ORIG", "/system")
    monkeypatch.setenv("PYTHONHOME", "/bundle")
    assert find_tools(("json",)) is None
    studio = Studio(state_folder / "studio")
    studio.python.parent.mkdir(parents=True)
    studio.python.write_text("")
    studio.mark_ready()
    tools = find_tools(("json",))
    assert tools is not None
    assert tools.environment["LD_LIBRARY_PATH"] == "/system"
    assert "PYTHONHOME" not in tools.environment


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("uv"), reason="needs uv and a package index")
def test_a_real_one_is_made_from_a_wheel(tmp_path):
    uv = str(shutil.which("uv"))
    subprocess.run([uv, "build", "--wheel", "--out-dir", tmp_path, ROOT], check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    studio, told = Studio(tmp_path / "studio"), []
    supplies = Supplies(Path(uv), wheel, ROOT / "constraints.txt")
    set_up(studio, supplies, lambda text, done: told.append((text, done)), nothing)
    assert studio.ready
    assert any(done is not None and done > 0.5 for _, done in told)
    shown = subprocess.run([studio.python, "-m", "app", "train", "--help"], capture_output=True, text=True, cwd="/")
    assert "Train a network" in shown.stdout
    assert TRAINING
