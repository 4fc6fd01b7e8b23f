"""List the licences that the bundle may contain, and the licences of system libraries."""

import fnmatch
import re

# Permissive licences, and the LGPL for libraries that stay separate, replaceable files. The GPL only with an exception
# that does not bind the program: GCC's for its runtime, PyInstaller's for its bootloader.
ACCEPTED = frozenset(
    {
        *("0BSD", "AFL-2.1", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "FTL", "HPND", "ISC", "MIT"),
        *("MIT-0", "MIT-CMU", "MPL-2.0", "OFL-1.1", "PSF-2.0", "Unicode-3.0", "Unlicense", "Zlib", "bzip2-1.0.6"),
        *("IJG", "libpng-2.0", "libtiff", "LicenseRef-Public-Domain"),
        *("LGPL-2.0-or-later", "LGPL-2.1-only", "LGPL-2.1-or-later", "LGPL-3.0-only", "LGPL-3.0-or-later"),
        *("GPL-2.0-or-later WITH Bootloader-exception", "GPL-3.0-or-later WITH GCC-exception-3.1"),
        "LicenseRef-Microsoft-Redistributable",
    }
)

# Licence texts of packages that do not state an SPDX expression.
_SPDX_PATTERNS = (
    (r"3-clause bsd license|bsd 3-clause license|bsd license", "BSD-3-Clause"),
    (r"apache software license|apache( license)?,? (version )?2(\.0)?", "Apache-2.0"),
    (r"isc license( \(iscl\))?", "ISC"),
    (r"(the )?mit license( \(mit\))?", "MIT"),
    (r"this is free and unencumbered software.*", "Unlicense"),
    (
        r"gplv2-or-later with a special exception which allows to use pyinstaller.*",
        "GPL-2.0-or-later WITH Bootloader-exception",
    ),
)

# Shared libraries of the build system, by file name pattern.
_LIBRARIES = {
    "libgthread-2.0.so*": ("GLib", "LGPL-2.1-or-later"),
    "libX*.so*": ("X.Org libraries", "MIT"),
    "libbrotli*.so*": ("Brotli", "MIT"),
    "libbsd.so*": ("libbsd", "BSD-3-Clause"),
    "libbz2.so*": ("bzip2", "bzip2-1.0.6"),
    "libcap.so*": ("libcap", "BSD-3-Clause OR GPL-2.0-only"),
    "libcom_err.so*": ("E2fsprogs com_err", "MIT"),
    "libcrypto[.-]*": ("OpenSSL", "Apache-2.0"),
    "libdbus-1.so*": ("D-Bus", "AFL-2.1 OR GPL-2.0-or-later"),
    "libexpat.so*": ("Expat", "MIT"),
    "libffi.so*": ("libffi", "MIT"),
    "libfontconfig.so*": ("Fontconfig", "HPND"),
    "libfreetype.so*": ("FreeType", "FTL OR GPL-2.0-or-later"),
    "libgcc_s.so*": ("GCC runtime", "GPL-3.0-or-later WITH GCC-exception-3.1"),
    "libgcrypt.so*": ("Libgcrypt", "LGPL-2.1-or-later"),
    "libglib-2.0.so*": ("GLib", "LGPL-2.1-or-later"),
    "libgpg-error.so*": ("libgpg-error", "LGPL-2.1-or-later"),
    "libgssapi_krb5.so*": ("MIT Kerberos", "MIT"),
    "libk5crypto.so*": ("MIT Kerberos", "MIT"),
    "libkeyutils.so*": ("keyutils library", "LGPL-2.1-or-later"),
    "libkrb5*.so*": ("MIT Kerberos", "MIT"),
    "liblz4.so*": ("LZ4 library", "BSD-2-Clause"),
    "liblzma.so*": ("XZ library", "0BSD"),
    "libmd.so*": ("libmd", "BSD-3-Clause"),
    "libncursesw.so*": ("ncurses", "MIT"),
    "libpcre2-8.so*": ("PCRE2", "BSD-3-Clause"),
    "libpng16.so*": ("libpng", "libpng-2.0"),
    "libsqlite3.so*": ("SQLite", "LicenseRef-Public-Domain"),
    "libssl[.-]*": ("OpenSSL", "Apache-2.0"),
    "libstdc++.so*": ("GCC runtime", "GPL-3.0-or-later WITH GCC-exception-3.1"),
    "libsystemd.so*": ("systemd library", "LGPL-2.1-or-later"),
    "libtinfo.so*": ("ncurses", "MIT"),
    "libuuid.so*": ("libuuid", "BSD-3-Clause"),
    "libwayland-*.so*": ("Wayland", "MIT"),
    "libxcb*.so*": ("XCB", "MIT"),
    "libxkbcommon*.so*": ("xkbcommon", "MIT"),
    "libz.so*": ("zlib", "Zlib"),
    "libzstd.so*": ("Zstandard", "BSD-3-Clause OR GPL-2.0-only"),
    "api-ms-win-*.dll": ("Microsoft C runtime", "LicenseRef-Microsoft-Redistributable"),
    "msvcp*.dll": ("Microsoft C runtime", "LicenseRef-Microsoft-Redistributable"),
    "ucrtbase.dll": ("Microsoft C runtime", "LicenseRef-Microsoft-Redistributable"),
    "vcruntime*.dll": ("Microsoft C runtime", "LicenseRef-Microsoft-Redistributable"),
}


def spdx_expression(stated: str) -> str:
    """Return the SPDX expression for a package's licence statement; an unknown statement is returned unchanged."""
    words = " ".join(stated.split())
    for pattern, meant in _SPDX_PATTERNS:
        if re.fullmatch(pattern, words, re.IGNORECASE):
            return meant
    return words


def is_accepted(licence: str) -> bool:
    """Return True if the bundle may contain a part under this SPDX expression."""
    alternatives = (alternative.strip(" ()").split(" AND ") for alternative in licence.split(" OR "))
    return any(all(part.strip(" ()") in ACCEPTED for part in parts) for parts in alternatives)


def find_library(name: str) -> tuple[str, str] | None:
    """Return the project and licence of a shared system library, or None if its file name is unknown."""
    for pattern, known in _LIBRARIES.items():
        if fnmatch.fnmatchcase(name if name.startswith("lib") else name.lower(), pattern):
            return known
    return None
