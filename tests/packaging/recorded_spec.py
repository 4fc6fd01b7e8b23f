"""Evaluate `pyinstaller.spec` for another system, with PyInstaller's classes replaced by recorders."""

import sys
import types
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


class Recorded:
    """One call of a PyInstaller class, with its arguments. The test provides the entries that the analysis finds."""

    def __init__(self, kind, calls, *arguments, **options):
        self.kind, self.arguments, self.options = kind, arguments, options
        self.binaries, self.datas, self.pure, self.scripts = [], [], [], []
        calls.append(self)


@dataclass
class Spec:
    """All recorded calls, in order."""

    calls: list[Recorded] = field(default_factory=list)
    names: dict[str, Any] = field(default_factory=dict)

    def of(self, kind):
        return [call for call in self.calls if call.kind == kind]

    def one(self, kind):
        (call,) = self.of(kind)
        return call


def evaluate(platform, monkeypatch, tmp_path, *, wheels=1, found=()):
    """Evaluate the spec for a platform. found: the entries that the analysis finds."""
    spec = Spec()
    text = (ROOT / "pyinstaller.spec").read_text(encoding="utf-8")
    _lay_out(tmp_path, wheels)
    _stand_in(monkeypatch, platform)
    names = spec.names = {"SPECPATH": str(tmp_path), "__name__": "__main__"}
    for kind in ("Analysis", "PYZ", "EXE", "COLLECT", "BUNDLE"):
        names[kind] = lambda *a, kind=kind, **o: _record(kind, spec.calls, found, a, o)
    exec(compile(text, "pyinstaller.spec", "exec"), names)
    return spec


def _record(kind, calls, found, arguments, options):
    call = Recorded(kind, calls, *arguments, **options)
    if kind == "Analysis":
        call.binaries = [entry for entry in found if entry[2] != "DATA"]
        call.datas = [entry for entry in found if entry[2] == "DATA"]
    return call


def _lay_out(folder, wheels):
    """Create a checkout that links to the real files and contains stand-ins for the built ones."""
    for name in ("app", "packaging", "resources", "scripts", "pyproject.toml", "constraints-hashed.txt"):
        (folder / name).symlink_to(ROOT / name)
    studio = folder / "build" / "bundle" / "studio"
    studio.mkdir(parents=True)
    for i in range(wheels):
        (studio / f"technogan-0.{i}-py3-none-any.whl").touch()


def _stand_in(monkeypatch, platform):
    hooks, bindepend, uv = (types.ModuleType(name) for name in ("PyInstaller.utils.hooks", "bindepend", "uv"))
    hooks.copy_metadata = lambda name: [(f"/site/{name}.dist-info", f"{name}.dist-info")]  # type: ignore[attr-defined]
    bindepend.get_imports = lambda path: []  # type: ignore[attr-defined]
    uv.find_uv_bin = lambda: "/site/bin/uv.exe" if platform == "win32" else "/site/bin/uv"  # type: ignore[attr-defined]
    notices = types.ModuleType("scripts.bundle.notices")
    notices.write_notices = lambda entries, folder: folder / "THIRD-PARTY-NOTICES.txt"  # type: ignore[attr-defined]
    for name, module in {
        "PyInstaller": types.ModuleType("PyInstaller"),
        "PyInstaller.utils": types.ModuleType("PyInstaller.utils"),
        "PyInstaller.utils.hooks": hooks,
        "PyInstaller.depend": types.ModuleType("PyInstaller.depend"),
        "PyInstaller.depend.bindepend": bindepend,
        "uv": uv,
        "scripts.bundle.notices": notices,
    }.items():
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(sys, "path", list(sys.path))
