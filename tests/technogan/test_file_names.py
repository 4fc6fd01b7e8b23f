import pytest

from technogan.file_names import is_safe_name, safe_name, unique_name


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
