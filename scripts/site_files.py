"""What the site of the documents takes from elsewhere in the project: MkDocs calls this while it builds."""

from __future__ import annotations

from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

_ROOT = Path(__file__).resolve().parent.parent
_FONTS = ("Inter-Regular.otf", "Inter-SemiBold.otf", "LICENSE")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the instrument's typeface, which is kept once, among the resources."""
    for name in _FONTS:
        place = f"assets/fonts/{name}"
        files.append(File.generated(config, place, abs_src_path=str(_ROOT / "resources" / "fonts" / name)))
    return files
