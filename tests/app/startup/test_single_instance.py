"""The socket of the first instance, and other users who share the temporary folder."""

import os
import socket
import struct
import sys
from pathlib import Path

import pytest
from PySide6.QtNetwork import QLocalServer

from app.startup import single_instance
from app.startup.single_instance import FirstInstance, name_for, raise_first

unix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no shared temporary folder")


@pytest.fixture
def folders(tmp_path, monkeypatch):
    """A temporary folder that all users share, and no folder of the user's own for sockets."""
    tmp_path.chmod(0o1777)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    return tmp_path


def test_a_second_start_raises_the_first_window(folders, qtbot):
    name = name_for(folders / "state")
    assert not raise_first(name)
    first = FirstInstance(name)
    with qtbot.waitSignal(first.raised):
        assert raise_first(name)
    first.close()
    assert not raise_first(name)


def test_another_state_folder_has_another_window(folders):
    assert name_for(folders / "a") != name_for(folders / "b")


@unix
def test_the_socket_is_in_a_folder_that_only_the_user_can_change(folders, monkeypatch):
    folder = Path(name_for(folders)).parent
    assert folder == folders / f"TechnoGAN-{os.getuid()}"
    assert folder.stat().st_mode & 0o777 == 0o700
    runtime = folders / "runtime"
    runtime.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    assert Path(name_for(folders)).parent == runtime
    runtime.chmod(0o777)
    assert Path(name_for(folders)).parent == folder


@unix
def test_a_socket_of_another_user_does_not_keep_the_window_from_opening(folders, qtbot, monkeypatch):
    name = name_for(folders)
    other = QLocalServer()
    assert other.listen(name)
    monkeypatch.setattr(single_instance, "_is_own", lambda _socket: False)
    assert not raise_first(name)
    other.close()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the user at the other end")
@pytest.mark.parametrize(("user", "own"), [(0, True), (1, False)])
def test_the_user_at_the_other_end_is_asked_for(folders, qtbot, monkeypatch, user, own):
    first = FirstInstance(name_for(folders))
    credentials = struct.pack("3i", 1, os.getuid() + user, 0)
    monkeypatch.setattr(socket.socket, "getsockopt", lambda *_arguments: credentials)
    assert raise_first(name_for(folders)) == own
    first.close()


@unix
def test_a_temporary_folder_that_cannot_be_written_is_no_obstacle(folders, qtbot, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(folders / "missing"))
    assert not raise_first(name_for(folders))
    FirstInstance(name_for(folders)).close()
