"""Check the external links of the documents: `python -m scripts.docs.external_links`. Needs a network.

Prints the broken links. The exit status is 1 if there are any.
"""

import re
import sys
import urllib.request
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
_TIMEOUT_S = 20
_LINK = re.compile(r"https?://[^\s)>\"'`]+")


def find_links() -> dict[str, list[str]]:
    """Return every address with the pages that link to it."""
    found: dict[str, list[str]] = {}
    for page in (*_ROOT.glob("*.md"), *sorted((_ROOT / "docs").rglob("*.md"))):
        for address in _LINK.findall(page.read_text(encoding="utf-8")):
            if "localhost" not in address and "127.0.0.1" not in address:
                found.setdefault(address.rstrip(".,"), []).append(str(page.relative_to(_ROOT)))
    return found


def check_link(address: str) -> str:
    """Return the error of a request to the address, or "" if it works."""
    request = urllib.request.Request(address, headers={"User-Agent": "Mozilla/5.0"})
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT_S):
            return ""
    except (OSError, ValueError) as error:
        return str(error)


def main() -> int:
    """Check all links and return the exit status."""
    failed = 0
    for address, pages in sorted(find_links().items()):
        problem = check_link(address)
        if problem:
            failed += 1
            print(f"{address}: {problem} ({', '.join(pages)})")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
