"""The workflows: files that GitHub can read, with shell lines that a shell can."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
import yaml

from tests.packaging.recorded_spec import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
RELEASE = yaml.safe_load((ROOT / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8"))
BUNDLE = RELEASE["jobs"]["bundle"]


def steps(path):
    jobs = yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"]
    return [step for job in jobs.values() for step in job["steps"]]


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash here")
@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_shell_lines_can_be_read(path):
    for step in steps(path):
        if step.get("shell", "bash") == "bash" and "run" in step:
            text = re.sub(r"\$\{\{.*?\}\}", "expression", step["run"])
            done = subprocess.run(["bash", "-n"], input=text, capture_output=True, text=True, check=False)
            assert (done.returncode, done.stderr) == (0, ""), step


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_targets_are_there(path):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for step in steps(path):
        for arguments in re.findall(r"^\s*make (.+)$", step.get("run", ""), re.MULTILINE):
            for target in (word for word in arguments.split() if "=" not in word):
                assert f"\n{target}:" in makefile


def test_three_systems_are_built_tried_out_and_packed():
    systems = {name.split("-")[0] for name in BUNDLE["strategy"]["matrix"]["os"]}
    assert systems == {"ubuntu", "macos", "windows"}
    runs = " ".join(step.get("run", "") for step in BUNDLE["steps"])
    assert runs.index(" bundle") < runs.index("--self-test") < runs.index("make package")


def test_secrets_are_used_only_where_they_are():
    for step in BUNDLE["steps"]:
        if "secrets." in str(step.get("env", "")):
            assert re.search(r"env\.(MACOS|WINDOWS)_CERTIFICATE != ''", step["if"])


def test_only_a_tag_is_released_and_only_that_job_may_write():
    assert RELEASE["permissions"] == {"contents": "read"}
    assert RELEASE["jobs"]["release"]["if"] == "startsWith(github.ref, 'refs/tags/')"
    assert RELEASE["jobs"]["release"]["permissions"] == {"contents": "write"}
    assert "permissions" not in BUNDLE


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash here")
@pytest.mark.parametrize(
    "name", ["bundle/bundle.sh", "bundle/pack.sh", "environment/environment.sh", "environment/system-libraries.sh"]
)
def test_scripts_can_be_read(name):
    done = subprocess.run(["bash", "-n", f"scripts/{name}"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
