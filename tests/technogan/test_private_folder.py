"""Folders in a temporary folder that other users share."""

import os
import sys

import pytest

from technogan.private_folder import is_private, private_folder

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no shared temporary folder")


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def test_it_is_named_after_the_user_and_found_again(temporary):
    folder = private_folder("TechnoGAN")
    assert folder == temporary / f"TechnoGAN-{os.getuid()}"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert private_folder("TechnoGAN") == folder


def link(path):
    (path.parent / "elsewhere").mkdir()
    path.symlink_to(path.parent / "elsewhere")


def writable_by_others(path):
    path.mkdir()
    path.chmod(0o777)


def of_another_user(path):
    path.mkdir()
    if os.getuid() != 0:
        pytest.skip("only root can give a folder away")
    os.chown(path, 12345, 12345)


@pytest.mark.parametrize("make", [link, writable_by_others, of_another_user, lambda path: path.write_text("")])
def test_what_another_user_made_of_that_name_is_not_used(temporary, make):
    make(temporary / f"TechnoGAN-{os.getuid()}")
    folder = private_folder("TechnoGAN")
    assert folder.name.startswith("TechnoGAN-")
    assert folder != temporary / f"TechnoGAN-{os.getuid()}"
    assert is_private(folder)
    assert " " not in folder.name


def test_a_missing_folder_is_not_private(temporary):
    assert not is_private(temporary / "missing")
