from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.settings.settings import Settings, read_settings, write_settings
from technogan.errors import SettingError


def test_settings_come_back(tmp_path):
    settings = Settings(theme="Light", device="Speakers (ALSA)", recent=("/a", "/b"), osc=False, master_db=-3.5)
    write_settings(settings, tmp_path / "settings.json")
    assert read_settings(tmp_path / "settings.json") == (settings, "")


def test_a_missing_file_is_nothing_wrong(tmp_path):
    assert read_settings(tmp_path / "none.json") == (Settings(), "")


@pytest.mark.parametrize("content", ["", "[]", "nonsense", "[" * 100_000, "\udcff"])
def test_nonsense_is_told(tmp_path, content):
    (tmp_path / "settings.json").write_bytes(content.encode(errors="surrogateescape"))
    settings, told = read_settings(tmp_path / "settings.json")
    assert settings == Settings()
    assert "settings.json" in told


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
    ],
)
def test_one_bad_value_does_not_lose_the_others(tmp_path, name, value):
    content = {"logarithmic": False, name: value, "from the future": 1}
    (tmp_path / "settings.json").write_text(json.dumps(content))
    settings, told = read_settings(tmp_path / "settings.json")
    assert settings == Settings(logarithmic=False)
    assert name in told


def test_recent_files_are_unique_and_few():
    settings = Settings()
    for i in [*range(20), 15]:
        settings = settings.with_recent(Path(f"/{i}"))
    assert len(settings.recent) == 10
    assert settings.recent[:3] == ("/15", "/19", "/18")


def test_values_that_make_no_sense_cannot_be():
    with pytest.raises(SettingError, match="theme is 'Pink'"):
        Settings(theme="Pink")
