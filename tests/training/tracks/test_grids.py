"""Reading beat grids, also from strangers."""

import json

import pytest

from technogan.errors import SourceError
from training.tracks.grids import KnownGrid, read_grids

GRID = {"path": "a.wav", "bpm": 120, "first_downbeat_s": 0.5}


def write(path, content):
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def test_grids_are_found_by_the_path_of_their_track(tmp_path):
    grids = read_grids(
        write(tmp_path / "grids.json", [GRID | {"path": str(tmp_path / "x" / ".." / "a.wav"), "name": "b"}])
    )
    assert grids == {tmp_path.resolve() / "a.wav": KnownGrid(120.0, 0.5, "b")}


@pytest.mark.parametrize(
    "content",
    [
        "", "{}", "[" * 100_000, "[1]", ["x" * 100_000], [GRID | {"bpm": float("nan")}], [GRID | {"bpm": 10**400}],
        [GRID | {"first_downbeat_s": float("inf")}], [GRID | {"first_downbeat_s": -1}], [GRID | {"path": "\0"}],
        [GRID | {"path": "\ud800"}], [GRID | {"name": "../b"}], [GRID | {"name": "/b"}], [GRID | {"name": "x" * 500}],
        [{"path": "a.wav"}], "[" + "9" * 5000 + "]",
    ],
)  # fmt: skip
def test_a_hostile_file_is_one_line_that_names_it(tmp_path, content):
    with pytest.raises(SourceError, match=r"grids\.json: contains no grids") as caught:
        read_grids(write(tmp_path / "grids.json", content))
    assert "\n" not in (text := str(caught.value))
    assert len(text) < 1000 + len(str(tmp_path))
