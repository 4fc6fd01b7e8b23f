"""What `pyinstaller.spec` leaves out of the bundle, and why.

An entry is PyInstaller's (destination, source, kind), where kind is BINARY, EXTENSION, DATA, SYMLINK or PYMODULE.
"""

from __future__ import annotations

import fnmatch
import os
import sys
from collections.abc import Callable, Iterable, Sequence, Set
from pathlib import PurePath

Entry = tuple[str, str, str]

# Training runs in the studio environment, development here. Named, so that a full environment freezes the same bundle.
_TRAINING = ("audioread", "keras", "librosa", "numba", "python_stretch", "scipy", "tensorboard", "tensorflow", "torch")
_DEVELOPMENT = ("dask", "distributed", "IPython", "joblib", "matplotlib", "pandas", "psutil", "pytest", "sklearn")
_UNUSED = (
    "numpy.f2py",
    "onnxruntime.quantization",
    "onnxruntime.tools",
    "onnxruntime.transformers",
    "PIL._avif",  # 5 MB
    "PIL._imagingcms",
    "PIL._imagingft",  # 4 MB with HarfBuzz and FreeType
    "PIL._imagingtk",
    "PIL._webp",
    "pydoc_data",
    "readline",  # under the GPL
    "pygments",  # 2 MB: rich's colours for source code
    "tkinter",  # 10 MB with Tcl and Tk
)
EXCLUDED_MODULES = (*_TRAINING, *_DEVELOPMENT, *_UNUSED)

_LEFT_OUT = (
    # Text of Qt's own, of which we have none to translate: 7 MB.
    "PySide6/*translations/*",
    # Qt without a desktop, other ways to draw than ours, networks beyond this machine: 8 MB, and 30 MB of libraries.
    "PySide6/*plugins/egldeviceintegrations/*",
    "PySide6/*plugins/generic/*",
    "PySide6/*plugins/iconengines/*",
    "PySide6/*plugins/imageformats/*",
    "PySide6/*plugins/networkinformation/*",
    "PySide6/*plugins/platforms/*direct2d*",
    "PySide6/*plugins/platforms/*eglfs*",
    "PySide6/*plugins/platforms/*linuxfb*",
    "PySide6/*plugins/platforms/*minimal*",
    "PySide6/*plugins/platforms/*vkkhr*",
    "PySide6/*plugins/platforms/*vnc*",
    "PySide6/*plugins/platformthemes/*gtk*",
    "PySide6/*plugins/tls/*",
    "PySide6/*plugins/wayland-graphics-integration-client/*",
    "PySide6/*plugins/xcbglintegrations/*",
    # OpenGL in software, for Windows without a graphics driver: 20 MB. We paint without it.
    "PySide6/opengl32sw.dll",
    "PySide6/Qt6Svg.dll",
    "PySide6/Qt/lib/QtSvg.framework/*",
    # On Linux sound is the system's: its PortAudio and ALSA have to fit its plug-ins, through which PipeWire and
    # PulseAudio play. Left here, they would also bring JACK, and by that Berkeley DB, which is not free enough.
    "libportaudio.so*",
    # A part of the system's C library.
    "libmvec.so*",
)
# What nothing is linked to: the bootloader opens it.
_OPENED = ("libpython*",)


def chosen(
    binaries: Sequence[Entry], datas: Sequence[Entry], imports: Callable[[str], Iterable[str]]
) -> tuple[list[Entry], list[Entry]]:
    """The entries that belong into the bundle. imports: the paths of the libraries that a file is linked to."""
    binaries = [entry for entry in binaries if _wanted(entry)]
    # Elsewhere all libraries come with their packages; on Linux they come from all over the system.
    if sys.platform.startswith("linux"):
        binaries = _reached(binaries, imports)
    datas = [entry for entry in datas if _wanted(entry)]
    there = {PurePath(entry[0]) for entry in (*binaries, *datas)}
    return [entry for entry in binaries if _leads(entry, there)], [entry for entry in datas if _leads(entry, there)]


def _wanted(entry: Entry) -> bool:
    destination = PurePath(entry[0]).as_posix()
    return not any(fnmatch.fnmatchcase(destination, pattern) for pattern in _LEFT_OUT)


def _reached(binaries: Sequence[Entry], imports: Callable[[str], Iterable[str]]) -> list[Entry]:
    """Without the libraries that only something left out has asked for."""
    sources = {source for _, source, _ in binaries}
    reached: set[str] = set()
    waiting = [entry[1] for entry in binaries if not _is_library(entry)]
    while waiting:
        source = waiting.pop()
        if source not in reached:
            reached.add(source)
            waiting += [path for path in imports(source) if path in sources]
    return [entry for entry in binaries if entry[1] in reached or entry[2] == "SYMLINK"]


def _is_library(entry: Entry) -> bool:
    """Whether it is there because others are linked to it."""
    path = PurePath(entry[0])
    if entry[2] != "BINARY" or any(fnmatch.fnmatchcase(path.name, pattern) for pattern in _OPENED):
        return entry[2] == "SYMLINK"
    return path.parent == PurePath() or path.parent.name == "lib" or path.parent.suffix == ".libs"


def _leads(entry: Entry, there: Set[PurePath]) -> bool:
    """Whether it is no symbolic link to something that is left out."""
    return entry[2] != "SYMLINK" or PurePath(os.path.normpath(PurePath(entry[0]).parent / entry[1])) in there
