"""Tests of the GitHub workflows and of the shell scripts."""

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


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_shell_lines_parse(path):
    for step in steps(path):
        if step.get("shell", "bash") == "bash" and "run" in step:
            text = re.sub(r"\$\{\{.*?\}\}", "expression", step["run"])
            done = subprocess.run(["bash", "-n"], input=text, capture_output=True, text=True, check=False)
            assert (done.returncode, done.stderr) == (0, ""), step


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_make_targets_exist(path):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for step in steps(path):
        for arguments in re.findall(r"^\s*make (.+)$", step.get("run", ""), re.MULTILINE):
            for target in (word for word in arguments.split() if "=" not in word):
                assert f"\n{target}:" in makefile


def test_bundle_is_built_tested_and_packed_on_three_systems():
    systems = {name.split("-")[0] for name in BUNDLE["strategy"]["matrix"]["os"]}
    assert systems == {"ubuntu", "macos", "windows"}
    runs = " ".join(step.get("run", "") for step in BUNDLE["steps"])
    assert runs.index(" bundle") < runs.index("--self-test") < runs.index("make package")


def test_steps_with_secrets_run_only_if_they_are_set():
    for step in BUNDLE["steps"]:
        if "secrets." in str(step.get("env", "")):
            assert re.search(r"env\.(MACOS|WINDOWS)_CERTIFICATE != ''", step["if"])


def test_only_the_release_job_writes_and_only_for_a_tag():
    assert RELEASE["permissions"] == {"contents": "read"}
    assert RELEASE["jobs"]["release"]["if"] == "startsWith(github.ref, 'refs/tags/')"
    permissions = {"contents": "write", "id-token": "write", "attestations": "write"}
    assert RELEASE["jobs"]["release"]["permissions"] == permissions
    assert "permissions" not in BUNDLE


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned_by_commit(path):
    used = re.findall(r"uses: (.*)", path.read_text(encoding="utf-8"))
    assert used
    for action in used:
        assert re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action)


def test_packages_are_attested_once_their_checksums_are_verified():
    steps = RELEASE["jobs"]["release"]["steps"]
    (verified,) = (i for i, step in enumerate(steps) if "sha256sum --check" in step.get("run", ""))
    (attested,) = (i for i, step in enumerate(steps) if "attest-build-provenance" in step.get("uses", ""))
    (released,) = (i for i, step in enumerate(steps) if "gh release create" in step.get("run", ""))
    assert verified < attested < released
    assert steps[attested]["with"] == {"subject-path": "packages/*"}


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
@pytest.mark.parametrize(
    "name",
    [
        "bundle/bundle.sh",
        "bundle/pack.sh",
        "environment/constraints.sh",
        "environment/environment.sh",
        "environment/system-libraries.sh",
        "web.sh",
    ],
)
def test_shell_scripts_parse(name):
    done = subprocess.run(["bash", "-n", f"scripts/{name}"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
