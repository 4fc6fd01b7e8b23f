"""Start programs in a folder with Python files that have the names of modules; none of them may run."""

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PLANTED = ("app", "technogan", "typer", "multiprocessing", "numpy", "onnxruntime", "sitecustomize", "json")

SPAWN = """
import multiprocessing
from app.processes.safe_start import protect_child_processes

if __name__ == "__main__":
    protect_child_processes()
    child = multiprocessing.get_context("spawn").Process(target=print, args=("spawned",))
    child.start()
    child.join()
"""


@pytest.fixture
def folder(tmp_path):
    for name in PLANTED:
        (tmp_path / f"{name}.py").write_text(f"print('executed', {name!r}, flush=True)")
    return tmp_path


def run(folder, *command):
    variables = {name: value for name, value in os.environ.items() if name != "PYTHONSAFEPATH"}
    return subprocess.run(
        command, cwd=folder, env=variables, capture_output=True, text=True, timeout=120, check=False
    ).stdout


def test_a_spawned_process_imports_nothing_from_the_current_folder(folder, tmp_path_factory):
    # A script, as the installed command is one: its own folder comes first, not the current one.
    script = tmp_path_factory.mktemp("scripts") / "program.py"
    script.write_text(f"import sys; sys.path.append({str(ROOT)!r})\n{SPAWN}")
    assert run(folder, sys.executable, str(script)) == "spawned\n"


def test_the_command_imports_nothing_from_the_current_folder(folder):
    suffix = ".exe" if sys.platform == "win32" else ""
    command = Path(sysconfig.get_path("scripts")) / f"technogan{suffix}"
    if not command.exists():
        pytest.skip("TechnoGAN is not installed")
    printed = run(folder, str(command), "models", "list")
    assert "bar" in printed
    assert "executed" not in printed
