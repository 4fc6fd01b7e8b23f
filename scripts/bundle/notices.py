"""Third-party notices of the bundle, from what is in it: `python -m scripts.bundle.notices`, after `make bundle`.

Every file and module of the bundle has to belong to something whose licence is known and fits; otherwise the bundle is
not made. PyInstaller's own code in it is the bootloader, whose exception to the GPL leaves what it starts free.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from scripts.bundle.contents import Entry
from scripts.bundle.licences import accepted, expression, library

_ROOT = Path(__file__).resolve().parents[2]
_CONTENTS = _ROOT / "build" / "bundle" / "contents.json"
_TEXTS = _ROOT / "packaging" / "licences"
_FONT = _ROOT / "resources" / "fonts" / "LICENSE"
_LICENCE_FILES = ("LICEN", "COPYING", "NOTICE", "THIRDPARTY", "LICENSE_NOTES")
# Packages that come without the texts of their licences, or of the libraries inside them.
_TEXTS_OF = {
    "pyside6-essentials": ("LGPL-3.0.txt", "GPL-3.0.txt"),
    "shiboken6": ("LGPL-3.0.txt", "GPL-3.0.txt"),
    "python-osc": ("Unlicense.txt",),
    "sounddevice": ("PortAudio.txt",),
    "soundfile": ("LGPL-2.1.txt",),
}
# What distributions carry besides themselves; the texts are among theirs.
_INSIDE = {
    "numpy": (
        ("OpenBLAS", "BSD-3-Clause"),
        ("GCC runtime", "GPL-3.0-or-later WITH GCC-exception-3.1"),
        ("libquadmath", "LGPL-2.1-or-later"),
    ),
    "pillow": (
        ("libjpeg-turbo", "IJG AND BSD-3-Clause"),
        ("OpenJPEG", "BSD-2-Clause"),
        ("libtiff", "libtiff"),
        ("XZ library", "0BSD"),
        ("XCB", "MIT"),
        ("Zstandard", "BSD-3-Clause OR GPL-2.0-only"),
    ),
    "pyside6-essentials": (("Qt", "LGPL-3.0-only OR GPL-2.0-only OR GPL-3.0-only"), ("ICU", "Unicode-3.0")),
    "sounddevice": (("PortAudio (Windows, macOS)", "MIT"),),
    "soundfile": (
        ("libsndfile", "LGPL-2.1-or-later"),
        ("FLAC", "BSD-3-Clause"),
        ("LAME", "LGPL-2.0-or-later"),
        ("mpg123", "LGPL-2.1-only"),
        ("Ogg", "BSD-3-Clause"),
        ("Opus", "BSD-3-Clause"),
        ("Vorbis", "BSD-3-Clause"),
    ),
}
_HEAD = """\
TechnoGAN: notices of the software, type and tools that this bundle carries

TechnoGAN itself is free software under the MIT licence, its icons with it; its models are in the public domain
(CC0-1.0).

Parts under the LGPL are shared libraries of their own, in the folder `_internal`, on macOS `Contents/Frameworks`: Qt
and Qt for Python (LGPL-3.0), libsndfile with mpg123 and LAME in it (LGPL-2.1, LGPL-2.0), and some of Linux's own.
Other builds of the same interface may take their place. On Windows and Linux, replacing the files is all. On macOS it
breaks the application's seal, which is made anew by: codesign --force --deep --sign - TechnoGAN.app. Its entitlement
disable-library-validation is there so that libraries signed by somebody else are loaded. Sources: https://code.qt.io,
https://github.com/libsndfile/libsndfile, https://www.mpg123.de, https://lame.sourceforge.io.

PyInstaller's part is the bootloader, under the GPL with an exception: what it starts may have any licence.

What the studio environment fetches when it is set up comes from its authors, with their licences beside it.
"""


@dataclass(frozen=True, slots=True)
class Part:
    """Something that others made. licence: an SPDX expression. texts: the files with what has to be told."""

    name: str
    version: str
    licence: str
    texts: tuple[Path, ...] = ()

    def __str__(self) -> str:
        return f"{self.name} {self.version}".strip() + f": {self.licence}"


class UnfitPart(Exception):
    """Something in the bundle has no licence that is known to fit."""


def parts_of(entries: Iterable[Entry]) -> list[Part]:
    """What the bundle is made of, by name. Raises UnfitPart."""
    parts = {part for entry in entries for part in _parts_of(entry)}
    parts |= {_python(), *_distribution("pyinstaller"), Part("Inter", "", "OFL-1.1", (_FONT,))}
    unfit = sorted(f"{part.name} ({part.licence or 'none stated'})" for part in parts if not accepted(part.licence))
    if unfit:
        raise UnfitPart(
            f"licences that do not fit or are not known: {', '.join(unfit)}; see scripts/bundle/licences.py"
        )
    return sorted(parts, key=lambda part: (part.name.casefold(), part.texts))


def notices(parts: Iterable[Part]) -> str:
    """The whole text: a table, then every licence, each once."""
    parts = list(parts)
    table = dict.fromkeys(map(str, parts))
    bearers: dict[str, list[str]] = {}
    for part in parts:
        for path in part.texts:
            names = bearers.setdefault(path.read_text(encoding="utf-8", errors="replace").strip(), [])
            names += [] if part.name in names else [part.name]
    sections = ["\n".join([_HEAD, "Parts", "", *table])]
    sections += [f"{', '.join(names)}\n{'-' * 80}\n\n{text}" for text, names in bearers.items()]
    return "\n\n\n".join(sections) + "\n"


def write(entries: Iterable[Entry], folder: Path) -> Path:
    """Write the notices into a folder, and what they were made from; returns their path. Raises UnfitPart."""
    entries = sorted({(str(destination), str(source), kind) for destination, source, kind in entries})
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _CONTENTS.name).write_text(json.dumps(entries, indent=0), encoding="utf-8")
    path = folder / "THIRD-PARTY-NOTICES.txt"
    path.write_text(notices(parts_of(entries)), encoding="utf-8")
    return path


def _parts_of(entry: Entry) -> tuple[Part, ...]:
    """What an entry belongs to; nothing for what is ours, Python's, or leads to another entry."""
    destination, source, kind = entry
    if kind in ("SYMLINK", "EXECUTABLE") or source in ("", "-"):
        return ()
    path = Path(source).resolve()
    owner = _owners().get(path)
    if owner is not None:
        return _distribution(owner) if owner != "technogan" else ()
    if _ROOT in path.parents or any(base in path.parents for base in _pythons()):
        return ()
    known = library(Path(destination).name)
    if known is None:
        raise UnfitPart(f"nobody knows what {destination} (from {source}) belongs to; see scripts/bundle/licences.py")
    return (Part(known[0], "", known[1], _system_texts(path)),)


@cache
def _owners() -> dict[Path, str]:
    """The distribution that each installed file came with."""
    owners = {}
    for distribution in importlib.metadata.distributions():
        folder = Path(str(distribution.locate_file(""))).resolve()
        # Not resolved one by one: an environment may hold a hundred thousand.
        owners |= {
            Path(os.path.normpath(folder / file)): distribution.name.lower() for file in distribution.files or ()
        }
    return owners


@cache
def _pythons() -> frozenset[Path]:
    return frozenset({Path(sys.base_prefix).resolve(), Path(sysconfig.get_path("stdlib")).resolve()})


@cache
def _distribution(name: str) -> tuple[Part, ...]:
    """A distribution, and what it carries."""
    distribution = importlib.metadata.distribution(name)
    metadata, name = distribution.metadata, distribution.name.lower().replace("_", "-")
    classes = [line.rsplit("::", 1)[-1].strip() for line in metadata.get_all("Classifier", []) if "License ::" in line]
    said = [metadata[key] for key in ("License-Expression", "License") if key in metadata]
    stated = next(filter(None, said), "") or " AND ".join(map(expression, classes))
    files = [
        Path(str(distribution.locate_file(file)))
        for file in distribution.files or ()
        if file.name.upper().startswith(_LICENCE_FILES) and file.suffix not in (".py", ".pyc")
    ]
    own = [_TEXTS / text for text in _TEXTS_OF.get(name, ())]
    part = Part(distribution.name, distribution.version, expression(stated), (*files, *own))
    return part, *(Part(title, "", licence) for title, licence in _INSIDE.get(name, ()))


def _python() -> Part:
    candidates = (Path(sysconfig.get_path("stdlib")) / "LICENSE.txt", Path(sys.base_prefix) / "LICENSE.txt")
    return Part("Python", sys.version.split()[0], "PSF-2.0", tuple(path for path in candidates if path.is_file())[:1])


@cache
def _system_texts(path: Path) -> tuple[Path, ...]:
    """Debian keeps what has to be told of a package beside it."""
    if shutil.which("dpkg-query") is None:
        return ()
    asked = subprocess.run(["dpkg-query", "--search", path.name], capture_output=True, text=True, check=False)
    packages = {line.split(":", 1)[0] for line in asked.stdout.splitlines()}
    return tuple(text for name in sorted(packages) if (text := Path("/usr/share/doc", name, "copyright")).is_file())[:1]


def main() -> int:
    """Write the notices anew from the contents of the last bundle; returns the exit status."""
    try:
        path = write([tuple(entry) for entry in json.loads(_CONTENTS.read_text(encoding="utf-8"))], _CONTENTS.parent)
    except FileNotFoundError:
        print(f"there is no {_CONTENTS}; it is written by: make bundle", file=sys.stderr)
        return 1
    except UnfitPart as error:
        print(error, file=sys.stderr)
        return 1
    print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
