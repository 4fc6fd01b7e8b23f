import pytest

from scripts.clients.files import FOLDER, SCRIPTS, client_files

FILES = client_files()


@pytest.mark.parametrize("name", FILES)
def test_file_matches_the_generator(name):
    assert (FOLDER / name).read_bytes() == FILES[name]


def test_folder_contains_no_other_files():
    found = {path for path in FOLDER.rglob("[!.]*") if path.is_file()}
    found -= {path for pattern in SCRIPTS for path in (FOLDER / "max").glob(pattern)}
    assert {path.relative_to(FOLDER).as_posix() for path in found} == set(FILES)
