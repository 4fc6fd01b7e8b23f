"""The settings and their file."""

import json
from pathlib import Path

import pytest

from app.settings import settings as module
from app.settings.settings import Settings, read_settings, write_settings
from technogan.errors import SettingError


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
