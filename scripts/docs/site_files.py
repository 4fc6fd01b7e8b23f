"""What the site of the documents takes from elsewhere in the project: MkDocs calls this while it builds."""

from __future__ import annotations

from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

_RESOURCES = Path(__file__).resolve().parents[2] / "resources"

# Kept once, among the resources: the instrument's typeface and its icon.
_BROUGHT = {
    "assets/fonts/Inter-Regular.otf": "fonts/Inter-Regular.otf",
    "assets/fonts/Inter-SemiBold.otf": "fonts/Inter-SemiBold.otf",
    "assets/fonts/LICENSE": "fonts/LICENSE",
    "assets/icon.svg": "icons/technogan-small.svg",
}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add what the pages show and do not hold."""
    for place, source in _BROUGHT.items():
        files.append(File.generated(config, place, abs_src_path=str(_RESOURCES / source)))
    return files
