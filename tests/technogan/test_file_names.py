import random
import sys
from pathlib import PurePosixPath

import pytest

from technogan.file_names import free_path, is_inside, is_safe_name, name_key, number_duplicates, safe_name, unique_name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("a track", "a track"),
        ("AC/DC: live?", "AC_DC_ live_"),
        ("a\tb\x7f", "a_b_"),
        ("  . ", "track"),
        ("", "track"),
        ("..", "track"),
        ("CON", "CON_"),
        ("\u6771\u3000\u4eac", "\u6771\u3000\u4eac"),
        ("a\u2028b", "a_b"),
        ("nul.wav", "nul_.wav"),
        ("ends with a dot.", "ends with a dot"),
        ("e\u0301tude", "\u00e9tude"),
        ("\u6771" * 75, "\u6771" * 50),
    ],
)
def test_safe_names_are_valid_on_every_system(text, name):
    safe = safe_name(text, fallback="track")
    assert safe == name
    assert is_safe_name(safe)


@pytest.mark.parametrize("text", ["", ".", "..", "a/b", "a\\b", "con", "COM1", "a:b", "a\n", "a ", "a.", "x" * 300])
def test_names_that_a_system_refuses_are_not_safe(text):
    assert not is_safe_name(text)


def test_a_taken_name_gets_the_first_free_number():
    taken = {"a", "a-2"}
    assert unique_name("a", taken.__contains__) == "a-3"
    assert unique_name("b", taken.__contains__) == "b"
    assert unique_name("a", taken.__contains__, separator=" ") == "a 2"


@pytest.mark.parametrize("name", ["a", "a.png", "a/b.png", "./a", "a..b", "...", "ü/東.png", "-", "a b"])
def test_names_inside_of_a_folder(name):
    assert is_inside(name)


@pytest.mark.parametrize("name", ["", ".", "..", "/", "/a", "../a", "a/..", "a/../../b", "./../a", "//a", "a\0b"])
def test_names_that_lead_out_of_a_folder(name):
    assert not is_inside(name)


@pytest.mark.skipif(sys.platform != "win32", reason="these are plain names elsewhere")
@pytest.mark.parametrize("name", ["C:/a", "C:a", "\\a", "..\\a", "a\\..\\..\\b", "\\\\server\\share\\a"])
def test_names_that_lead_out_of_a_folder_on_windows(name):
    assert not is_inside(name)


def make_path(dice):
    """Return a relative or absolute path of names, dots and slashes."""
    return "".join(dice.choice(["..", ".", "/", "a", "b.png", "\\", " ", "é"]) for _ in range(dice.randrange(1, 8)))


def test_no_path_that_passes_leaves_its_folder():
    dice = random.Random(0)
    for name in (make_path(dice) for _ in range(5000)):
        depth = 0
        for part in () if name.startswith("/") else PurePosixPath(name).parts:
            depth += -1 if part == ".." else 1
            if depth < 0:
                break
        leaves = name.startswith("/") or depth < 0
        assert not (leaves and is_inside(name)), name


def test_names_that_some_systems_do_not_tell_apart_have_one_key():
    assert name_key("É.wav") == name_key("e\u0301.WAV")
    assert name_key("a") != name_key("b")


def test_a_path_where_somebody_elses_file_is_gets_a_number(tmp_path):
    for name in ("a.wav", "a-2.wav"):
        (tmp_path / name).touch()
    assert free_path(tmp_path / "a.wav") == tmp_path / "a-3.wav"
    assert free_path(tmp_path / "b.wav") == tmp_path / "b.wav"
    assert free_path(tmp_path / "a.wav", lambda path: path.stem == "a-2") == tmp_path / "a-2.wav"


@pytest.mark.parametrize(
    ("names", "distinct"),
    [
        (["a", "b", "A"], ["a_1", "b", "A_3"]),
        (["a", "a", "a_1"], ["a_1_2", "a_2", "a_1"]),
        (["a_2", "a", "a"], ["a_2", "a_2_2", "a_3"]),
        (["a", "A", "a_1", "A_1", "a_2"], ["a_1", "A_2_2", "a_1_3", "A_1_4", "a_2"]),
        (["\u00e9", "e\u0301"], ["\u00e9_1", "e\u0301_2"]),
    ],
)
def test_names_that_a_system_cannot_tell_apart_are_numbered(names, distinct):
    assert number_duplicates(names, separator="_") == distinct


def test_no_two_names_are_ever_equal(rng):
    for _ in range(300):
        names = ["".join(rng.choice(list("aA_12"), rng.integers(1, 5))) for _ in range(12)]
        assert len({name.casefold() for name in number_duplicates(names, separator="_")}) == len(names)
