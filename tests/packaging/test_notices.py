"""Tests of the third-party notices and of the licences that the bundle accepts."""

import sys
from pathlib import Path

import pytest

from scripts.bundle import licences, notices
from scripts.bundle.notices import Part, UnfitPart

ACCEPTED = [
    "MIT",
    "BSD-3-Clause AND 0BSD AND MIT AND Zlib AND CC0-1.0",
    "LGPL-3.0-only OR GPL-2.0-only OR GPL-3.0-only",
    "(MIT OR GPL-3.0-only)",
    "GPL-3.0-or-later WITH GCC-exception-3.1",
]
REJECTED = [
    "GPL-3.0-only",
    "GPL-2.0-or-later",
    "AGPL-3.0-only",
    "MIT AND GPL-2.0-only",
    "Proprietary",
    "",
    "UNKNOWN",
]


@pytest.mark.parametrize(
    ("licence", "accepted"), [(each, True) for each in ACCEPTED] + [(each, False) for each in REJECTED]
)
def test_accepted_licences(licence, accepted):
    assert licences.is_accepted(licence) is accepted


@pytest.mark.parametrize(
    ("stated", "expression"),
    [
        ("MIT License", "MIT"),
        ("BSD 3-Clause License", "BSD-3-Clause"),
        ("Apache License, Version 2.0", "Apache-2.0"),
        ("This is free and unencumbered software released into\nthe public domain.", "Unlicense"),
        ("GNU General Public License v3 (GPLv3)", "GNU General Public License v3 (GPLv3)"),
    ],
)
def test_licence_statements_become_spdx_expressions(stated, expression):
    assert licences.spdx_expression(stated) == expression


@pytest.mark.parametrize(
    ("name", "project"),
    [("libcrypto.so.3", "OpenSSL"), ("libcrypto-3.dll", "OpenSSL"), ("libgthread-2.0.so.0", "GLib")],
)
def test_system_libraries_are_found_by_name(name, project):
    found = licences.find_library(name)
    assert found is not None
    assert found[0] == project


@pytest.mark.parametrize("name", ["libreadline.so.8", "libdb-5.3.so", "libsomething.so.1"])
def test_libraries_with_other_licences_are_unknown(name):
    assert licences.find_library(name) is None


def entry_of(module):
    path = Path(sys.modules[module].__file__ or "")
    return (module, str(path), "PYMODULE")


@pytest.fixture
def bundler(monkeypatch):
    """Replace PyInstaller, which is installed in the bundle environment only."""
    real = notices._distribution

    def distribution(name):
        return (Part("pyinstaller", "6", "MIT"),) if name == "pyinstaller" else real(name)

    monkeypatch.setattr(notices, "_distribution", distribution)


def test_package_is_listed_with_its_licence_and_bundled_libraries(bundler):
    import soundfile  # noqa: F401

    text = notices.render_notices(notices.parts_of([entry_of("soundfile")]))
    head = text.partition("Parts\n")[2].partition("\n\n\n")[0]
    for line in ("soundfile", "libsndfile: LGPL-2.1-or-later", "LAME: LGPL-2.0-or-later", "Inter: OFL-1.1", "Python 3"):
        assert line in head
    assert "GNU LESSER GENERAL PUBLIC LICENSE" in text
    assert "Bastian Bechtold" in text


def test_own_and_standard_library_files_add_no_parts(bundler):
    ours = ("app/x", str(notices._ROOT / "app" / "cli.py"), "PYMODULE")
    assert notices.parts_of([ours, entry_of("json"), ("a.so", "b.so", "SYMLINK")]) == notices.parts_of([])


@pytest.mark.parametrize("name", ["libreadline.so.8", "libsecret.so.1"])
def test_unknown_library_is_an_error(bundler, tmp_path, name):
    with pytest.raises(UnfitPart, match=name):
        notices.parts_of([(name, str(tmp_path / name), "BINARY")])


def test_package_under_the_gpl_is_an_error(bundler, monkeypatch, tmp_path):
    monkeypatch.setattr(notices, "_parts_of", lambda entry: (Part("gplthing", "1", "GPL-3.0-only"),))
    with pytest.raises(UnfitPart, match=r"gplthing \(GPL-3.0-only\)"):
        notices.parts_of([("gplthing", str(tmp_path), "PYMODULE")])


def test_each_licence_text_is_printed_once(tmp_path):
    text = tmp_path / "LICENSE"
    text.write_text("a licence text")
    text_of_both = notices.render_notices([Part("one", "1", "MIT", (text,)), Part("two", "2", "MIT", (text,))])
    assert text_of_both.count("a licence text") == 1
    assert "one, two\n" in text_of_both


def test_notices_can_be_rewritten_from_the_saved_entries(bundler, tmp_path, monkeypatch, capsys):
    path = notices.write_notices([entry_of("json")], tmp_path)
    before = path.read_text(encoding="utf-8")
    path.unlink()
    monkeypatch.setattr(notices, "_CONTENTS", tmp_path / "contents.json")
    assert notices.main() == 0
    assert path.read_text(encoding="utf-8") == before
    assert str(path) in capsys.readouterr().out


def test_missing_bundle_is_reported(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(notices, "_CONTENTS", tmp_path / "contents.json")
    assert notices.main() == 1
    assert "make bundle" in capsys.readouterr().err
