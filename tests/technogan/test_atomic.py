import errno
import os

import pytest

from technogan.atomic import explain, open_atomically, write_atomically
from technogan.errors import OutputError


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
