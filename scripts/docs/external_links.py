"""Asks for every page elsewhere that the documents link to: `python -m scripts.docs.external_links`. Needs a network.

Prints those that do not answer, and ends with 1 if there are any.
"""

from __future__ import annotations

import re
import sys
import urllib.request
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
_PATIENCE_S = 20
_LINK = re.compile(r"https?://[^\s)>\"'`]+")


def links() -> dict[str, list[str]]:
    """Every address, and the pages it stands on."""
    found: dict[str, list[str]] = {}
    for page in (*_ROOT.glob("*.md"), *sorted((_ROOT / "docs").rglob("*.md"))):
        for address in _LINK.findall(page.read_text(encoding="utf-8")):
            if "localhost" not in address and "127.0.0.1" not in address:
                found.setdefault(address.rstrip(".,"), []).append(str(page.relative_to(_ROOT)))
    return found


def problem(address: str) -> str:
    """What is wrong with an address; "" for nothing."""
    request = urllib.request.Request(address, headers={"User-Agent": "Mozilla/5.0"})
    try:
        with urllib.request.urlopen(request, timeout=_PATIENCE_S):
            return ""
    except (OSError, ValueError) as error:
        return str(error)


def main() -> int:
    """Ask for all."""
    failed = 0
    for address, pages in sorted(links().items()):
        wrong = problem(address)
        if wrong:
            failed += 1
            print(f"{address}: {wrong} ({', '.join(pages)})")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
