"""The training tools: installed by a stand-in for uv and, in the slow tests, by uv itself."""

import shutil
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.training_tools import installer
from app.training_tools.environment import CACHE, ENVIRONMENT, READY, ToolsEnvironment
from app.training_tools.install_sources import InstallSources, TrainingToolsError, find_bundled_sources, find_sources
from app.training_tools.installer import Downloads, check, require_room, set_up
from app.training_tools.tools import find_tools
from technogan import __version__
from technogan.errors import Cancelled

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the stand-in is a script")

ROOT = Path(__file__).resolve().parents[3]
# Creates an environment whose Python runs the given script.
UV = """#!/bin/sh
echo "$@" >> {log}
pwd >> {log}
shift
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
def environment(tmp_path, monkeypatch):
    monkeypatch.setattr(installer, "_ROOM_MB", 1)
    return ToolsEnvironment(tmp_path / "studio")


@pytest.fixture
def sources(tmp_path):
    def made(install=INSTALL, python=f"echo {__version__}"):
        uv = tmp_path / "uv"
        uv.write_text(UV.format(log=tmp_path / "log", install=install, python=python))
        uv.chmod(uv.stat().st_mode | stat.S_IXUSR)
        (tmp_path / "constraints-hashed.txt").write_text("")
        return InstallSources(uv, tmp_path / f"technogan-{__version__}.whl", tmp_path / "constraints-hashed.txt")

    return made


def nothing(*_):
    return False


def test_it_is_installed_and_checked(environment, sources, tmp_path):
    reported = []
    assert environment.state == "absent"
    set_up(environment, sources(), lambda text, done: reported.append((text, done)), nothing)
    assert environment.is_ready
    assert ("Downloading: 2 of 2 MB", 1.0) in reported
    calls = (tmp_path / "log").read_text().splitlines()
    assert calls[0].startswith("--no-config venv --python 3.11")
    assert f"technogan-{__version__}.whl[training] --constraints" in calls[2]
    assert calls[1] == calls[3] == str(environment.folder)  # not the current folder, whose uv.toml could name any index
    assert not (environment.folder / CACHE).exists()


@pytest.mark.parametrize(
    ("printed", "reason"),
    [
        ("error: client error (Connect): dns error: failed to lookup address", "no internet connection"),
        ("error: Failed to fetch: `https://x/`", "no internet connection"),
        ("error: No space left on device (os error 28)", "disk is full"),
        ("error: something else", "installation failed"),
    ],
)
def test_errors_of_uv_are_explained(environment, sources, printed, reason):
    with pytest.raises(TrainingToolsError, match=reason) as raised:
        set_up(environment, sources(f"echo '{printed}' >&2; exit 2"), nothing, nothing)
    assert printed in raised.value.details
    assert environment.state == "incomplete"


@pytest.mark.parametrize(
    ("python", "reason"),
    [("echo 0.0.0", "another version: 0.0.0"), ("echo no module; exit 1", "cannot be loaded"), ("", "nothing")],
)
def test_tools_that_do_not_work_are_not_ready(environment, sources, python, reason):
    with pytest.raises(TrainingToolsError, match=reason):
        set_up(environment, sources(python=python), nothing, nothing)
    assert environment.state == "incomplete"


def test_broken_tools_are_found_and_repaired(environment, sources):
    set_up(environment, sources(), nothing, nothing)
    environment.python.write_text("#!/bin/sh\nexit 1\n")
    with pytest.raises(TrainingToolsError, match="cannot be loaded"):
        check(environment, nothing, nothing)
    assert environment.state == "incomplete"
    set_up(environment, sources(), nothing, nothing)
    assert environment.is_ready


def test_a_stop_ends_uv_and_keeps_the_downloads(environment, sources):
    began = time.monotonic()
    (environment.folder / CACHE).mkdir(parents=True)
    steps = []
    with pytest.raises(Cancelled):
        set_up(
            environment,
            sources("echo 'Downloading big (2.0MiB)'; exec sleep 60"),
            lambda text, _done: steps.append(text),
            lambda: any("Downloading" in text for text in steps),
        )
    assert time.monotonic() - began < 30
    assert environment.state == "incomplete"
    assert (environment.folder / CACHE).is_dir()


def test_too_little_space_is_reported_first(environment, sources, monkeypatch):
    monkeypatch.setattr(installer, "_ROOM_MB", 10**12)
    with pytest.raises(TrainingToolsError, match=r"needs .* GB"):
        set_up(environment, sources(), nothing, nothing)
    assert not environment.folder.exists()


def test_space_is_checked_where_the_folder_will_be(tmp_path):
    require_room(tmp_path / "not" / "there" / "yet")


def test_a_missing_program_is_reported(environment, sources, tmp_path):
    with pytest.raises(TrainingToolsError):
        set_up(environment, InstallSources(tmp_path / "none", tmp_path, None), nothing, nothing)


def test_states(environment):
    environment.folder.mkdir()
    assert environment.state == "absent"
    (environment.folder / ENVIRONMENT).mkdir()
    assert environment.state == "incomplete"
    environment.python.parent.mkdir()
    environment.python.write_text("")
    (environment.folder / READY).write_text('{"version": "0.0.0"}')
    assert environment.state == "outdated"
    (environment.folder / READY).write_text("[")
    assert environment.state == "incomplete"
    environment.mark_ready()
    assert environment.state == "ready"
    environment.remove()
    assert environment.state == "absent"


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
        downloads.read_line(line)
    assert (downloads.share, downloads.text) == (share, text)


def test_the_sources_in_the_bundle_are_found(tmp_path):
    with pytest.raises(TrainingToolsError, match="damaged: uv"):
        find_bundled_sources(tmp_path)
    (tmp_path / "uv").write_text("")
    with pytest.raises(TrainingToolsError, match="wheel"):
        find_bundled_sources(tmp_path)
    (tmp_path / "technogan-1.whl").write_text("")
    (tmp_path / "constraints-hashed.txt").write_text("")
    found = find_bundled_sources(tmp_path)
    assert (found.project.name, found.constraints) == ("technogan-1.whl", tmp_path / "constraints-hashed.txt")


def test_a_checkout_is_its_own_source(monkeypatch, tmp_path):
    monkeypatch.setattr(shutil, "which", lambda _: str(tmp_path / "uv"))
    found = find_sources()
    assert (found.project, found.constraints) == (ROOT, ROOT / "constraints-hashed.txt")


def test_a_missing_uv_is_reported(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(TrainingToolsError, match="uv was not found"):
        find_sources()


def test_this_environment_is_used_if_it_has_the_modules():
    tools = find_tools(("json", "numpy"))
    assert tools is not None
    printed = subprocess.run([*tools.program, "--version"], env=tools.environment, capture_output=True, text=True)
    assert printed.stdout.strip() == f"technogan {__version__}"


def test_without_the_modules_the_training_tools_are_used_once_ready(state_folder):
    assert find_tools(("unheard_of",)) is None
    environment = ToolsEnvironment(state_folder / "studio")
    environment.python.parent.mkdir(parents=True)
    environment.python.write_text("")
    environment.mark_ready()
    tools = find_tools(("unheard_of",))
    assert tools is not None
    assert tools.program[0] == str(environment.python)


def test_the_bundled_application_is_never_used(monkeypatch, state_folder):
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setenv("LD_LIBRARY_PATH", "/bundle")
    monkeypatch.setenv("LD_LIBRARY_PATH_ORIG", "/system")
    monkeypatch.setenv("PYTHONHOME", "/bundle")
    assert find_tools(("json",)) is None
    environment = ToolsEnvironment(state_folder / "studio")
    environment.python.parent.mkdir(parents=True)
    environment.python.write_text("")
    environment.mark_ready()
    tools = find_tools(("json",))
    assert tools is not None
    assert tools.environment["LD_LIBRARY_PATH"] == "/system"
    assert "PYTHONHOME" not in tools.environment


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("uv"), reason="needs uv and a package index")
def test_uv_installs_them_from_a_wheel(tmp_path):
    uv = str(shutil.which("uv"))
    subprocess.run([uv, "build", "--wheel", "--out-dir", tmp_path, ROOT], check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    environment, reported = ToolsEnvironment(tmp_path / "studio"), []
    sources = InstallSources(Path(uv), wheel, ROOT / "constraints-hashed.txt")
    set_up(environment, sources, lambda text, done: reported.append((text, done)), nothing)
    assert environment.is_ready
    assert any(done is not None and done > 0.5 for _, done in reported)
    shown = subprocess.run(
        [environment.python, "-m", "app", "train", "--help"], capture_output=True, text=True, cwd="/"
    )
    assert "Train a network" in shown.stdout
