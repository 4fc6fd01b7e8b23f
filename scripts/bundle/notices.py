"""Write the third-party notices of the bundle: `python -m scripts.bundle.notices`, after `make bundle`.

Every file in the bundle must belong to a part with a known and accepted licence; otherwise the build fails.
The bootloader is PyInstaller's own code; its exception to the GPL does not bind the program that it starts.
"""

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
from scripts.bundle.licences import find_library, is_accepted, spdx_expression

_ROOT = Path(__file__).resolve().parents[2]
_CONTENTS = _ROOT / "build" / "bundle" / "contents.json"
_TEXTS = _ROOT / "packaging" / "licences"
_FONT = _ROOT / "resources" / "fonts" / "LICENSE"
_LICENCE_FILES = ("LICEN", "COPYING", "NOTICE", "THIRDPARTY", "LICENSE_NOTES")
# Packages that do not include their licence texts, or those of the libraries that they bundle.
_TEXTS_OF = {
    "pyside6-essentials": ("LGPL-3.0.txt", "GPL-3.0.txt"),
    "shiboken6": ("LGPL-3.0.txt", "GPL-3.0.txt"),
    "python-osc": ("Unlicense.txt",),
    "sounddevice": ("PortAudio.txt",),
    "soundfile": ("LGPL-2.1.txt",),
}
# Libraries inside distributions; their licence texts come with the distribution.
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
TechnoGAN: notices for the software, fonts and tools in this bundle

TechnoGAN and its icons are free software under the MIT licence. Its models are in the public domain (CC0-1.0).

Parts under the LGPL are separate shared libraries in the folder `_internal` (on macOS `Contents/Frameworks`): Qt and
Qt for Python (LGPL-3.0), libsndfile including mpg123 and LAME (LGPL-2.1, LGPL-2.0), and some Linux system libraries.
You may replace them with other builds that have the same interface. On Windows and Linux, replace the files. On macOS
this breaks the application's signature; sign it again with: codesign --force --deep --sign - TechnoGAN.app. The
entitlement disable-library-validation lets the application load libraries that others have signed. Sources:
https://code.qt.io, https://github.com/libsndfile/libsndfile, https://www.mpg123.de, https://lame.sourceforge.io.

PyInstaller's bootloader is under the GPL with an exception: the program that it starts may have any licence.

The training tools are downloaded from their authors when you install them; each package includes its own licence.
"""


@dataclass(frozen=True, slots=True)
class Part:
    """A third-party part of the bundle.

    Attributes:
        name: The project's name.
        version: Its version, or "" if unknown.
        licence: An SPDX expression.
        texts: The files with its licence and notices.
    """

    name: str
    version: str
    licence: str
    texts: tuple[Path, ...] = ()

    def __str__(self) -> str:
        return f"{self.name} {self.version}".strip() + f": {self.licence}"


class UnfitPart(Exception):
    """A part of the bundle has an unknown or unaccepted licence."""


def parts_of(entries: Iterable[Entry]) -> list[Part]:
    """Return the parts of the bundle, sorted by name.

    Raises:
        UnfitPart: A file belongs to no known part, or a licence is not accepted.
    """
    parts = {part for entry in entries for part in _parts_of(entry)}
    parts |= {_python(), *_distribution("pyinstaller"), Part("Inter", "", "OFL-1.1", (_FONT,))}
    unfit = sorted(f"{part.name} ({part.licence or 'none stated'})" for part in parts if not is_accepted(part.licence))
    if unfit:
        raise UnfitPart(f"unknown or unaccepted licences: {', '.join(unfit)}; see scripts/bundle/licences.py")
    return sorted(parts, key=lambda part: (part.name.casefold(), part.texts))


def render_notices(parts: Iterable[Part]) -> str:
    """Return the notices: a table of the parts, then every licence text once."""
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


def write_notices(entries: Iterable[Entry], folder: Path) -> Path:
    """Write the notices and the list of entries into a folder and return the path of the notices.

    Raises:
        UnfitPart: A file belongs to no known part, or a licence is not accepted.
    """
    entries = sorted({(str(destination), str(source), kind) for destination, source, kind in entries})
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _CONTENTS.name).write_text(json.dumps(entries, indent=0), encoding="utf-8")
    path = folder / "THIRD-PARTY-NOTICES.txt"
    path.write_text(render_notices(parts_of(entries)), encoding="utf-8")
    return path


def _parts_of(entry: Entry) -> tuple[Part, ...]:
    """Return the parts that an entry belongs to; none for our own files, Python's and symbolic links."""
    destination, source, kind = entry
    if kind in ("SYMLINK", "EXECUTABLE") or source in ("", "-"):
        return ()
    path = Path(source).resolve()
    owner = _owners().get(path)
    if owner is not None:
        return _distribution(owner) if owner != "technogan" else ()
    if _ROOT in path.parents or any(base in path.parents for base in _pythons()):
        return ()
    known = find_library(Path(destination).name)
    if known is None:
        raise UnfitPart(f"{destination} (from {source}) belongs to no known part; see scripts/bundle/licences.py")
    return (Part(known[0], "", known[1], _system_texts(path)),)


@cache
def _owners() -> dict[Path, str]:
    """Return the distribution of each installed file."""
    owners: dict[Path, str] = {}
    for distribution in importlib.metadata.distributions():
        folder = Path(str(distribution.locate_file(""))).resolve()
        # Path.resolve would be too slow: an environment may hold a hundred thousand files.
        owners |= {
            Path(os.path.normpath(folder / file)): distribution.name.lower() for file in distribution.files or ()
        }
    return owners


@cache
def _pythons() -> frozenset[Path]:
    return frozenset({Path(sys.base_prefix).resolve(), Path(sysconfig.get_path("stdlib")).resolve()})


@cache
def _distribution(name: str) -> tuple[Part, ...]:
    """Return a distribution and the libraries inside it."""
    distribution = importlib.metadata.distribution(name)
    metadata, name = distribution.metadata, distribution.name.lower().replace("_", "-")
    classes = [line.rsplit("::", 1)[-1].strip() for line in metadata.get_all("Classifier", []) if "License ::" in line]
    statements = [metadata[key] for key in ("License-Expression", "License") if key in metadata]
    stated = next(filter(None, statements), "") or " AND ".join(map(spdx_expression, classes))
    files = [
        Path(str(distribution.locate_file(file)))
        for file in distribution.files or ()
        if file.name.upper().startswith(_LICENCE_FILES) and file.suffix not in (".py", ".pyc")
    ]
    own = [_TEXTS / text for text in _TEXTS_OF.get(name, ())]
    part = Part(distribution.name, distribution.version, spdx_expression(stated), (*files, *own))
    return part, *(Part(title, "", licence) for title, licence in _INSIDE.get(name, ()))


def _python() -> Part:
    candidates = (Path(sysconfig.get_path("stdlib")) / "LICENSE.txt", Path(sys.base_prefix) / "LICENSE.txt")
    return Part("Python", sys.version.split()[0], "PSF-2.0", tuple(path for path in candidates if path.is_file())[:1])


@cache
def _system_texts(path: Path) -> tuple[Path, ...]:
    """Return the Debian copyright file of the package that owns a library."""
    if shutil.which("dpkg-query") is None:
        return ()
    asked = subprocess.run(["dpkg-query", "--search", path.name], capture_output=True, text=True, check=False)
    packages = {line.split(":", 1)[0] for line in asked.stdout.splitlines()}
    return tuple(text for name in sorted(packages) if (text := Path("/usr/share/doc", name, "copyright")).is_file())[:1]


def main() -> int:
    """Rewrite the notices from the entries of the last bundle and return the exit status."""
    try:
        path = write_notices(
            [tuple(entry) for entry in json.loads(_CONTENTS.read_text(encoding="utf-8"))], _CONTENTS.parent
        )
    except FileNotFoundError:
        print(f"{_CONTENTS} not found; run: make bundle", file=sys.stderr)
        return 1
    except UnfitPart as error:
        print(error, file=sys.stderr)
        return 1
    print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
