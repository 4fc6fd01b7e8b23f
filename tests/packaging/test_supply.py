"""Pinned versions and checksums: of Python packages for pip and uv, and of Node packages."""

import json
import re
import shutil
import subprocess

import pytest

from tests.packaging.recorded_spec import ROOT

HASHED = (ROOT / "constraints-hashed.txt").read_text(encoding="utf-8")
LOCKS = [ROOT / "resources" / folder / "package-lock.json" for folder in ("web", "clients/max")]


def pins(text):
    """Return the pinned versions with their markers, in order."""
    lines = (line.removesuffix("\\").strip() for line in text.splitlines() if "==" in line and line[0] != "#")
    return sorted(lines)


def test_both_files_pin_the_same_versions():
    assert pins(HASHED) == pins((ROOT / "constraints.txt").read_text(encoding="utf-8"))


def test_every_package_has_checksums():
    for block in re.split(r"\n(?=\S)", HASHED)[1:]:
        first, *hashes = block.strip().splitlines()
        assert hashes, first
        assert all(re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}( \\)?", line) for line in hashes)


def test_no_file_names_a_package_index():
    for path in (ROOT / "constraints.txt", ROOT / "constraints-hashed.txt"):
        assert "://" not in path.read_text(encoding="utf-8")


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_the_workflow_finds_the_checksums_of_uv():
    """The step of the release workflow that installs uv."""
    workflow = (ROOT / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8")
    (command,) = re.findall(r"sed -n '.*' constraints-hashed.txt", workflow)
    found = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert re.fullmatch(r"uv==\S+ \\\n(    --hash=sha256:\w+ \\\n)*    --hash=sha256:\w+\n", found)


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.parent.name)
def test_node_packages_have_checksums_and_no_addresses(path):
    lock = json.loads(path.read_text(encoding="utf-8"))
    wanted = json.loads(path.with_name("package.json").read_text(encoding="utf-8"))
    root = lock["packages"].pop("")
    for kind in ("dependencies", "devDependencies"):
        assert root.get(kind) == wanted.get(kind)
    assert lock["packages"]
    for name, package in lock["packages"].items():
        assert package["integrity"].startswith("sha512-"), name
        assert "resolved" not in package, name
