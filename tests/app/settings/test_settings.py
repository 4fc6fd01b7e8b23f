"""The settings and their file."""

import json
import os
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from app.settings import settings as module
from app.settings.settings import Settings, read_settings, write_settings
from technogan.errors import SettingError
from tests.mutations import NASTY, mutate, places, with_value


def test_settings_are_read_back(tmp_path):
    settings = Settings(theme="Light", device="Speakers (ALSA)", recent=("/a", "/b"), osc=False, master_db=-3.5)
    write_settings(settings, tmp_path / "settings.json")
    assert read_settings(tmp_path / "settings.json") == (settings, "")


def test_a_missing_file_is_not_an_error(tmp_path):
    assert read_settings(tmp_path / "none.json") == (Settings(), "")


@pytest.mark.parametrize("content", ["", "[]", "nonsense", "[" * 100_000, "\udcff", '{"version": "one"}'])
def test_an_unreadable_file_is_reported(tmp_path, content):
    (tmp_path / "settings.json").write_bytes(content.encode(errors="surrogateescape"))
    settings, message = read_settings(tmp_path / "settings.json")
    assert settings == Settings()
    assert "settings.json" in message


@pytest.mark.parametrize("number", ["9" * 400, "9" * 5000, "1e400"])
def test_a_huge_version_is_reported(tmp_path, number):
    (tmp_path / "settings.json").write_text(f'{{"version": {number}}}')
    settings, message = read_settings(tmp_path / "settings.json")
    assert settings == Settings()
    assert "version must be a whole number" in message


def test_a_written_file_has_the_version(tmp_path):
    write_settings(Settings(), tmp_path / "settings.json")
    assert json.loads((tmp_path / "settings.json").read_text())["version"] == 1


def test_a_file_without_a_version_is_of_version_1(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_VERSION", 2)
    monkeypatch.setattr(module, "_MIGRATIONS", {1: lambda table: {"theme": table["look"]}})
    (tmp_path / "settings.json").write_text('{"look": "Light"}')
    assert read_settings(tmp_path / "settings.json") == (Settings(theme="Light"), "")


def test_a_file_of_a_newer_version_is_read_with_one_message(tmp_path):
    content = {"version": 2, "theme": "Light", "colour_map": 7, "from the future": 1}
    (tmp_path / "settings.json").write_text(json.dumps(content))
    settings, message = read_settings(tmp_path / "settings.json")
    assert settings == Settings(theme="Light")
    assert "a newer TechnoGAN wrote them; colour_map must be text, not 7" in message


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("theme", "Pink"),
        ("theme", 3),
        ("colour_map", "Rainbow"),
        ("osc", 1),
        ("osc_port", 0),
        ("osc_port", 10102.5),
        ("slots", 1000),
        ("slots", True),
        ("master_db", 100),
        ("master_db", float("nan")),
        ("recent", "/a"),
        ("recent", [1]),
        ("device", 3),
        ("slots", 10**400),
        ("master_db", 10**400),
        ("mutation", -(10**4000)),
    ],
)
def test_one_bad_value_does_not_lose_the_others(tmp_path, name, value):
    content = {"logarithmic": False, name: value, "from the future": 1}
    (tmp_path / "settings.json").write_text(json.dumps(content))
    settings, message = read_settings(tmp_path / "settings.json")
    assert settings == Settings(logarithmic=False)
    assert name in message


def test_recent_files_are_unique_and_few():
    settings = Settings()
    for i in [*range(20), 15]:
        settings = settings.with_recent(Path(f"/{i}"))
    assert len(settings.recent) == 10
    assert settings.recent[:3] == ("/15", "/19", "/18")


def test_invalid_values_are_refused():
    with pytest.raises(SettingError, match="theme is 'Pink'"):
        Settings(theme="Pink")


def check_is_read(path):
    settings, message = read_settings(path)
    assert isinstance(settings, Settings)
    assert "\n" not in message
    write_settings(settings, path)
    assert read_settings(path) == (settings, "")


TABLE = {"version": 1} | asdict(Settings(device="Speakers", recent=("/a", "/b")))


@pytest.mark.parametrize("place", list(places(TABLE)), ids=str)
def test_an_absurd_value_anywhere_does_not_keep_the_window_from_opening(tmp_path, place):
    for value in NASTY:
        (tmp_path / "settings.json").write_text(json.dumps(with_value(TABLE, place, value)))
        check_is_read(tmp_path / "settings.json")


@pytest.mark.parametrize("rounds", [300, pytest.param(30_000, marks=pytest.mark.slow)])
def test_a_damaged_file_does_not_keep_the_window_from_opening(tmp_path, rounds):
    data = json.dumps(TABLE, indent=2).encode()
    for number in range(rounds):
        (tmp_path / "settings.json").write_bytes(mutate(data, np.random.default_rng(number)))
        check_is_read(tmp_path / "settings.json")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with a name")
@pytest.mark.parametrize("make", [os.mkdir, getattr(os, "mkfifo", None)], ids=["folder", "pipe"])
def test_a_folder_or_a_pipe_in_its_place_is_reported(tmp_path, make):
    make(tmp_path / "settings.json")
    settings, message = read_settings(tmp_path / "settings.json")
    assert settings == Settings()
    assert "it is " in message
