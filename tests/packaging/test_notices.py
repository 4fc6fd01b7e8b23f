"""Notices: whose work is bundled, and what is refused."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from scripts.bundle import licences, notices
from scripts.bundle.notices import Part, UnfitPart

FITS = [
    "MIT",
    "BSD-3-Clause AND 0BSD AND MIT AND Zlib AND CC0-1.0",
    "LGPL-3.0-only OR GPL-2.0-only OR GPL-3.0-only",
    "(MIT OR GPL-3.0-only)",
    "GPL-3.0-or-later WITH GCC-exception-3.1",
]
DOES_NOT_FIT = [
    "GPL-3.0-only",
    "GPL-2.0-or-later",
    "AGPL-3.0-only",
    "MIT AND GPL-2.0-only",
    "Proprietary",
    "",
    "UNKNOWN",
]


@pytest.mark.parametrize(
    ("licence", "fits"), [(each, True) for each in FITS] + [(each, False) for each in DOES_NOT_FIT]
)
def test_which_licences_fit(licence, fits):
    assert licences.accepted(licence) is fits


@pytest.mark.parametrize(
    ("stated", "meant"),
    [
        ("MIT License", "MIT"),
        ("BSD 3-Clause License", "BSD-3-Clause"),
        ("Apache License, Version 2.0", "Apache-2.0"),
        ("This is free and unencumbered software released into\nthe public domain.", "Unlicense"),
        ("GNU General Public License v3 (GPLv3)", "GNU General Public License v3 (GPLv3)"),
    ],
)
def test_old_words_for_licences(stated, meant):
    assert licences.expression(stated) == meant


@pytest.mark.parametrize(
    ("name", "project"),
    [("libcrypto.so.3", "OpenSSL"), ("libcrypto-3.dll", "OpenSSL"), ("libgthread-2.0.so.0", "GLib")],
)
def test_libraries_of_systems_are_known_by_name(name, project):
    found = licences.library(name)
    assert found is not None
    assert found[0] == project


@pytest.mark.parametrize("name", ["libreadline.so.8", "libdb-5.3.so", "libsomething.so.1"])
def test_what_is_not_free_enough_is_not_known(name):
    assert licences.library(name) is None


def entry_of(module):
    path = Path(sys.modules[module].__file__ or "")
    return (module, str(path), "PYMODULE")


@pytest.fixture
def bundler(monkeypatch):
    """The environment that freezes has PyInstaller; this one need not."""
    real = notices._distribution

    def distribution(name):
        return (Part("pyinstaller", "6", "MIT"),) if name == "pyinstaller" else real(name)

    monkeypatch.setattr(notices, "_distribution", distribution)


def test_a_package_is_told_with_its_licence_and_what_it_carries(bundler):
    import soundfile  # noqa: F401

    text = notices.notices(notices.parts_of([entry_of("soundfile")]))
    head = text.partition("Parts\n")[2].partition("\n\n\n")[0]
    for line in ("soundfile", "libsndfile: LGPL-2.1-or-later", "LAME: LGPL-2.0-or-later", "Inter: OFL-1.1", "Python 3"):
        assert line in head
    assert "GNU LESSER GENERAL PUBLIC LICENSE" in text
    assert "Bastian Bechtold" in text


def test_what_is_ours_and_pythons_needs_no_notice_of_its_own(bundler):
    ours = ("app/x", str(notices._ROOT / "app" / "cli.py"), "PYMODULE")
    assert notices.parts_of([ours, entry_of("json"), ("a.so", "b.so", "SYMLINK")]) == notices.parts_of([])


@pytest.mark.parametrize("name", ["libreadline.so.8", "libsecret.so.1"])
def test_an_unknown_library_stops_it(bundler, tmp_path, name):
    with pytest.raises(UnfitPart, match=name):
        notices.parts_of([(name, str(tmp_path / name), "BINARY")])


def test_a_package_under_the_gpl_stops_it(bundler, monkeypatch, tmp_path):
    monkeypatch.setattr(notices, "_parts_of", lambda entry: (Part("gplthing", "1", "GPL-3.0-only"),))
    with pytest.raises(UnfitPart, match=r"gplthing \(GPL-3.0-only\)"):
        notices.parts_of([("gplthing", str(tmp_path), "PYMODULE")])


def test_each_text_is_printed_once(tmp_path):
    text = tmp_path / "LICENSE"
    text.write_text("the very same words")
    told = notices.notices([Part("one", "1", "MIT", (text,)), Part("two", "2", "MIT", (text,))])
    assert told.count("the very same words") == 1
    assert "one, two\n" in told


def test_written_notices_can_be_written_anew(bundler, tmp_path, monkeypatch, capsys):
    path = notices.write([entry_of("json")], tmp_path)
    before = path.read_text(encoding="utf-8")
    path.unlink()
    monkeypatch.setattr(notices, "_CONTENTS", tmp_path / "contents.json")
    assert notices.main() == 0
    assert path.read_text(encoding="utf-8") == before
    assert str(path) in capsys.readouterr().out


def test_without_a_bundle_it_says_what_to_do(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(notices, "_CONTENTS", tmp_path / "contents.json")
    assert notices.main() == 1
    assert "make bundle" in capsys.readouterr().err
