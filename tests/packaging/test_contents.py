"""Tests of what the bundle excludes and of how its size is reported."""

import sys

import pytest

from scripts.bundle import size as size_module
from scripts.bundle.contents import select_entries

QT = "PySide6/Qt/lib/libQt6Core.so.6"
XCB = "PySide6/Qt/plugins/platforms/libqxcb.so"
GTK = "PySide6/Qt/plugins/platformthemes/libqgtk3.so"
# The libraries that each file is linked to, by source.
LINKS = {"/xcb": ["/core", "/libxcb"], "/gtk": ["/core", "/libgtk"], "/libgtk": ["/libpango"], "/core": ["/icu"]}
BINARIES = [
    (XCB, "/xcb", "BINARY"),
    (GTK, "/gtk", "BINARY"),
    (QT, "/core", "BINARY"),
    ("libicu.so.73", "/icu", "BINARY"),
    ("libxcb.so.1", "/libxcb", "BINARY"),
    ("libgtk-3.so.0", "/libgtk", "BINARY"),
    ("libpango.so.1", "/libpango", "BINARY"),
    ("libpython3.11.so.1.0", "/python", "BINARY"),
    ("libgtk.so", "libgtk-3.so.0", "SYMLINK"),
    ("libQt6Core.so.6", QT, "SYMLINK"),
    ("PySide6/QtCore.abi3.so", "/qtcore", "EXTENSION"),
]


def names(entries):
    return {entry[0] for entry in entries}


@pytest.fixture
def linux(monkeypatch):
    monkeypatch.setattr("sys.platform", "linux")


def links(path):
    return LINKS.get(path, [])


def test_libraries_of_excluded_plugins_are_excluded(linux):
    binaries, _ = select_entries(BINARIES, [], links)
    assert names(BINARIES) - names(binaries) == {GTK, "libgtk-3.so.0", "libpango.so.1", "libgtk.so"}


def test_other_systems_exclude_listed_files_only(monkeypatch):
    monkeypatch.setattr("sys.platform", "darwin")
    binaries, _ = select_entries(BINARIES, [], lambda path: pytest.fail("no imports are looked up"))
    assert names(BINARIES) - names(binaries) == {GTK}


LEFT_OUT = [
    "PySide6/Qt/translations/qtbase_de.qm",
    "PySide6/translations/qtbase_de.qm",
    "PySide6/Qt/plugins/tls/libqopensslbackend.so",
    "PySide6/plugins/imageformats/qpdf.dll",
    "PySide6/plugins/platforms/qdirect2d.dll",
    "PySide6/opengl32sw.dll",
    "libportaudio.so.2",
    "libmvec.so.1",
]
KEPT = [
    "PySide6/plugins/platforms/qwindows.dll",
    "PySide6/Qt/plugins/platforms/libqcocoa.dylib",
    "PySide6/Qt/plugins/platforms/libqoffscreen.so",
    "_sounddevice_data/portaudio-binaries/libportaudio.dylib",
    "_soundfile_data/libsndfile_x86_64.so",
    "studio/uv",
]


@pytest.mark.parametrize(("name", "kept"), [(name, False) for name in LEFT_OUT] + [(name, True) for name in KEPT])
def test_entries_are_excluded_by_name(linux, name, kept):
    binaries, datas = select_entries([(name, "/source", "EXTENSION")], [(name, "/data", "DATA")], links)
    assert (bool(binaries), bool(datas)) == (kept, kept)


def test_size_is_reported_by_package(tmp_path, capsys):
    for name, size in (
        ("TechnoGAN", 10),
        ("_internal/PySide6/Qt/a.so", 2_000_000),
        ("_internal/numpy.libs/b.so", 500_000),
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes(size))
    if sys.platform != "win32":  # only administrators may create symbolic links
        (tmp_path / "_internal" / "link.so").symlink_to(tmp_path / "_internal" / "PySide6" / "Qt" / "a.so")
    assert size_module.main([str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert "2.0 MB  PySide6" in printed
    assert "0.5 MB  numpy" in printed
    assert "2.5 MB  in total" in printed


def test_oversized_bundle_fails(tmp_path, monkeypatch):
    monkeypatch.setattr(size_module, "LIMIT_MB", 0.001)
    (tmp_path / "large").write_bytes(bytes(2000))
    assert size_module.main([str(tmp_path)]) == 1


def test_missing_folder_prints_the_usage(tmp_path, capsys):
    assert size_module.main([str(tmp_path / "nowhere")]) == 2
    assert "usage" in capsys.readouterr().err
