import json

import numpy as np
import pytest

from technogan.errors import SeedError, SourceError, TechnoganError
from technogan.files.png import write_png
from technogan.files.seed_source import read_origin, read_seed
from technogan.seeds.origin import Origin
from technogan.seeds.seed import Seed
from technogan.sound.wav import write_wav

SEED = Seed.from_integer(11)
ORIGIN = Origin("bar", (SEED, Seed.from_integer(12)), 128.0, 8)


def test_a_whole_number_expands_to_a_seed():
    assert read_seed("11", 64) == SEED
    assert read_seed(" -11 ", 64) == Seed.from_integer(-11)
    assert len(read_seed("11", 32)) == 32


def test_random_gives_another_seed_each_time():
    assert read_seed("random", 64) != read_seed("random", 64)


def test_numbers_separated_by_commas_are_a_seed():
    text = ", ".join(str(value) for value in SEED.values)
    assert read_seed(text, 64) == SEED


@pytest.mark.parametrize(
    "content",
    [
        list(SEED.values),
        {"seed": list(SEED.values)},
        {"values": list(SEED.values), "name": "mine"},
    ],
)
def test_json_files_contain_a_seed(tmp_path, content):
    (tmp_path / "seed.json").write_text(json.dumps(content))
    assert read_seed(str(tmp_path / "seed.json"), 64) == SEED


def test_wav_and_png_store_their_seed(tmp_path):
    write_wav(tmp_path / "a.wav", np.zeros(100, np.float32), 44100, bpm=128, beats=8, comment=ORIGIN.to_json())
    write_png(tmp_path / "a.png", np.zeros((256, 128), np.float32), comment=ORIGIN.to_json())
    for name in ("a.wav", "a.png"):
        assert read_seed(str(tmp_path / name), 64) == SEED
        assert read_origin(tmp_path / name) == ORIGIN


def test_fractions_survive_to_a_thousandth():
    origin = Origin("bar", (Seed((0.1234567, -5.0, 127.0)),), 133.33, 4)
    assert Origin.from_json(origin.to_json()).seeds[0].values == (0.123, -5.0, 127.0)


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "null", '{"TechnoGAN": {}}', '{"TechnoGAN": {"seeds": [["x"]]}}', "x" * 99]
)
def test_text_that_is_not_an_origin_is_refused(text):
    with pytest.raises(SeedError):
        Origin.from_json(text)


@pytest.mark.parametrize("count", [63, 65])
def test_a_wrong_count_is_reported(count):
    with pytest.raises(SeedError, match=f"seed of 64 values, got {count}"):
        read_seed(",".join(["1"] * count), 64)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nan," + "0," * 62 + "0", "value 1 is nan"),
        ("0," * 63 + "inf", "value 64 is inf"),
        ("0," * 63 + "300", "value 64 is 300"),
        ("0," * 63 + "x", "consists of numbers"),
        ("no-such-file.json", "no such file"),
        ("kick", "a whole number"),
        ("", "seed"),
    ],
)
def test_text_that_is_not_a_seed_is_refused(text, said):
    with pytest.raises(TechnoganError, match=said):
        read_seed(text, 64)


@pytest.mark.parametrize(
    "content",
    [b"", b"text", b"{}", b'{"seed": 5}', b"[1, 2, 3]", b'[null, "x"]', b"[[[[", b"\xff\xfe\0", b"[" * 100000],
)
def test_files_that_are_not_a_seed_are_refused(tmp_path, content):
    (tmp_path / "seed.json").write_bytes(content)
    with pytest.raises(SourceError, match=r"seed\.json"):
        read_seed(str(tmp_path / "seed.json"), 64)


def test_a_sound_without_a_seed_is_refused(tmp_path):
    write_wav(tmp_path / "a.wav", np.zeros(100, np.float32), 44100, bpm=128, beats=1, comment="another program")
    with pytest.raises(SourceError, match="contains no seed"):
        read_seed(str(tmp_path / "a.wav"), 64)


def test_a_sound_with_a_seed_of_another_size_is_refused(tmp_path):
    comment = Origin("m", (Seed((1.0, 2.0)),), 128, 1).to_json()
    write_wav(tmp_path / "a.wav", np.zeros(100, np.float32), 44100, bpm=128, beats=1, comment=comment)
    with pytest.raises(SourceError, match="seed of 64 values, got 2"):
        read_seed(str(tmp_path / "a.wav"), 64)


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(SourceError):
        read_seed(str(tmp_path), 64)


@pytest.mark.parametrize(
    "content",
    [
        '{"seeds": []}', "[" * 100_000, "[NaN]", f"[{'9' * 400}]", f'{{"seed": [{"9" * 5000}]}}', "[1e999]", "null", "",
        json.dumps(["x" * 100_000]), '{"seed": ["\\u0000"]}', '{"seed": {"seed": []}}', "[[1]]", "\ufeff[", "[1, 2",
    ],
)  # fmt: skip
def test_a_hostile_seed_file_is_one_short_line(tmp_path, content):
    (tmp_path / "seed.json").write_text(content, encoding="utf-8")
    with pytest.raises(SourceError, match=r"seed\.json: ") as caught:
        read_seed(tmp_path / "seed.json", 64)
    assert "\n" not in (text := str(caught.value))
    assert len(text) < 300 + len(str(tmp_path))


def test_text_that_is_no_path_is_not_a_seed():
    with pytest.raises(SeedError, match="a seed cannot be"):
        read_seed("a\0b", 64)
