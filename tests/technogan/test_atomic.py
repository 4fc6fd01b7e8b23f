import errno
import os
import sys
import threading
from pathlib import Path

import pytest

from technogan.atomic import explain, is_stream, open_atomically, write_atomically
from technogan.errors import OutputError

ON_WINDOWS = sys.platform == "win32"
needs_links = pytest.mark.skipif(ON_WINDOWS, reason="links need a privilege on Windows")


def _names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_written_into_a_new_folder(tmp_path):
    write_atomically(tmp_path / "a" / "b" / "file", b"content")
    assert (tmp_path / "a" / "b" / "file").read_bytes() == b"content"
    assert _names(tmp_path / "a" / "b") == ["file"]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, OSError(errno.ENOSPC, "full")])
def test_a_failed_write_keeps_the_earlier_file(tmp_path, error):
    path = tmp_path / "file"
    path.write_bytes(b"before")

    def fail():
        with open_atomically(path) as file:
            file.write(b"half of it")
            raise error

    with pytest.raises(OutputError if isinstance(error, OSError) else error):
        fail()
    assert path.read_bytes() == b"before"
    assert _names(tmp_path) == ["file"]


def test_a_folder_of_that_name_is_reported(tmp_path):
    (tmp_path / "taken").mkdir()
    with pytest.raises(OutputError, match="a folder has that name"):
        write_atomically(tmp_path / "taken", b"")
    assert _names(tmp_path) == ["taken"]


def test_a_file_in_the_path_is_reported(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="is a file, not a folder"):
        write_atomically(tmp_path / "file" / "below", b"")


def test_a_name_that_is_too_long_is_reported(tmp_path):
    with pytest.raises(OutputError, match="too long"):
        write_atomically(tmp_path / ("n" * 300), b"")


def test_a_full_disk_is_explained():
    assert explain(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))) == "the disk is full"


def test_other_errors_keep_the_message_of_the_system():
    assert explain(OSError(errno.EIO, "Input/output error")) == "Input/output error"


def test_names_of_any_length_that_the_system_takes_are_written(tmp_path):
    for name in ("\u6280" * 75 + ".wav", "n" * 255):
        write_atomically(tmp_path / name, b"content")
        assert (tmp_path / name).read_bytes() == b"content"


@pytest.mark.skipif(sys.platform != "linux", reason="other systems accept UTF-8 only")
def test_a_name_that_is_not_utf_8_is_written(tmp_path):
    path = tmp_path / os.fsdecode(b"M\xfcller.wav")
    write_atomically(path, b"content")
    assert path.read_bytes() == b"content"


@needs_links
def test_a_link_stays_and_its_target_is_replaced(tmp_path):
    (tmp_path / "disk").mkdir()
    (tmp_path / "disk" / "file").write_bytes(b"before")
    (tmp_path / "link").symlink_to("disk/file")
    (tmp_path / "dangling").symlink_to("disk/new")
    for name in ("link", "dangling"):
        write_atomically(tmp_path / name, b"after")
        assert (tmp_path / name).is_symlink()
    assert (tmp_path / "disk" / "file").read_bytes() == (tmp_path / "disk" / "new").read_bytes() == b"after"
    assert _names(tmp_path / "disk") == ["file", "new"]


@pytest.mark.skipif(ON_WINDOWS, reason="Windows has other permissions")
def test_the_mode_of_a_file_stays(tmp_path):
    path = tmp_path / "file"
    path.touch(0o600)
    write_atomically(path, b"after")
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_write_protected_file_is_kept(tmp_path, monkeypatch):
    path = tmp_path / "file"
    path.write_bytes(b"before")
    # A superuser may write to any file, so the answer of the system is replaced.
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(OutputError, match="permission denied"):
        write_atomically(path, b"after")
    assert path.read_bytes() == b"before"


@pytest.mark.skipif(ON_WINDOWS, reason="Windows has no pipes in folders")
def test_a_pipe_receives_the_content_and_stays(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    received = []
    reader = threading.Thread(target=lambda: received.append((tmp_path / "pipe").read_bytes()))
    reader.start()
    with open_atomically(tmp_path / "pipe") as file:
        file.write(b"head, body")
        file.seek(0)
        file.write(b"HEAD")
    reader.join()
    assert received == [b"HEAD, body"]
    assert is_stream(tmp_path / "pipe")
    assert _names(tmp_path) == ["pipe"]


@pytest.mark.skipif(ON_WINDOWS, reason="Windows has no devices in folders")
def test_a_device_stays():
    write_atomically(Path(os.devnull), b"content")
    assert is_stream(Path(os.devnull))
