"""Add files from `resources` to the documentation site; MkDocs calls this hook while it builds."""

from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

_RESOURCES = Path(__file__).resolve().parents[2] / "resources"

# The instrument's typeface and icon, which the site shares.
_SHARED_FILES = {
    "assets/fonts/Inter-Regular.otf": "fonts/Inter-Regular.otf",
    "assets/fonts/Inter-SemiBold.otf": "fonts/Inter-SemiBold.otf",
    "assets/fonts/LICENSE": "fonts/LICENSE",
    "assets/icon.svg": "icons/technogan-small.svg",
}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the shared files to the site."""
    for place, source in _SHARED_FILES.items():
        files.append(File.generated(config, place, abs_src_path=str(_RESOURCES / source)))
    return files
