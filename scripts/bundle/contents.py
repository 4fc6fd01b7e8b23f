"""Select the files that `pyinstaller.spec` puts into the bundle.

A PyInstaller entry is (destination, source, kind), where kind is BINARY, EXTENSION, DATA, SYMLINK or PYMODULE.
"""

import fnmatch
import os
import sys
from collections.abc import Callable, Iterable, Sequence, Set
from pathlib import PurePath

Entry = tuple[str, str, str]

# Training and development packages are excluded by name, so that a full environment freezes the same bundle.
_TRAINING = ("keras", "librosa", "numba", "python_stretch", "scipy", "tensorboard", "tensorflow", "torch")
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
    "pygments",  # 2 MB: syntax highlighting in rich
    "tkinter",  # 10 MB with Tcl and Tk
)
EXCLUDED_MODULES = (*_TRAINING, *_DEVELOPMENT, *_UNUSED)

_LEFT_OUT = (
    # Translations of Qt's own texts, which the instrument does not use: 7 MB.
    "PySide6/*translations/*",
    # Platforms without a desktop, other graphics back ends and TLS: 8 MB, and 30 MB of libraries.
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
    # Software OpenGL for Windows without a graphics driver: 20 MB. The instrument does not use OpenGL.
    "PySide6/opengl32sw.dll",
    "PySide6/Qt6Svg.dll",
    "PySide6/Qt/lib/QtSvg.framework/*",
    # On Linux, PortAudio and ALSA must match the system's plug-ins for PipeWire and PulseAudio. A bundled copy would
    # also bring JACK and with it Berkeley DB, whose licence does not fit.
    "libportaudio.so*",
    # Part of the system's C library.
    "libmvec.so*",
)
# No binary links to these: the bootloader opens them.
_OPENED_AT_RUNTIME = ("libpython*",)


def select_entries(
    binaries: Sequence[Entry], datas: Sequence[Entry], imports: Callable[[str], Iterable[str]]
) -> tuple[list[Entry], list[Entry]]:
    """Return the binaries and data files that belong in the bundle.

    Args:
        binaries: PyInstaller's binaries, including symbolic links.
        datas: PyInstaller's data files.
        imports: Returns the paths of the libraries that a file is linked to.
    """
    binaries = [entry for entry in binaries if not _is_excluded(entry)]
    # On other systems all libraries come with their packages; on Linux many are system libraries.
    if sys.platform.startswith("linux"):
        binaries = _drop_orphans(binaries, imports)
    datas = [entry for entry in datas if not _is_excluded(entry)]
    present = {PurePath(entry[0]) for entry in (*binaries, *datas)}
    return (
        [entry for entry in binaries if not _is_dangling(entry, present)],
        [entry for entry in datas if not _is_dangling(entry, present)],
    )


def _is_excluded(entry: Entry) -> bool:
    destination = PurePath(entry[0]).as_posix()
    return any(fnmatch.fnmatchcase(destination, pattern) for pattern in _LEFT_OUT)


def _drop_orphans(binaries: Sequence[Entry], imports: Callable[[str], Iterable[str]]) -> list[Entry]:
    """Drop the libraries that only excluded files link to."""
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
    """Return True if the entry is bundled only because others link to it."""
    path = PurePath(entry[0])
    if entry[2] != "BINARY" or any(fnmatch.fnmatchcase(path.name, pattern) for pattern in _OPENED_AT_RUNTIME):
        return entry[2] == "SYMLINK"
    return path.parent == PurePath() or path.parent.name == "lib" or path.parent.suffix == ".libs"


def _is_dangling(entry: Entry, present: Set[PurePath]) -> bool:
    """Return True for a symbolic link whose target is excluded."""
    return entry[2] == "SYMLINK" and PurePath(os.path.normpath(PurePath(entry[0]).parent / entry[1])) not in present
