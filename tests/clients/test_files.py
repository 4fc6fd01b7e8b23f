from __future__ import annotations

import pytest

from scripts.clients.files import FOLDER, client_files

FILES = client_files()


@pytest.mark.parametrize("name", FILES)
def test_file_is_what_the_scripts_write(name):
    assert (FOLDER / name).read_bytes() == FILES[name]


def test_nothing_else_lies_beside_them():
    assert {path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("[!.]*") if path.is_file()} == set(FILES)
