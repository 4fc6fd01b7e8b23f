"""Read the documents: code fences, marks and anchors.

A mark is an HTML comment above a fence:

<!-- not run: REASON -->     do not run it; the reason is hours, secrets, network or another system
<!-- small: A => B; C => D -->     replace A by B and C by D, to shorten it
<!-- file: NAME -->     save the listing under this name for a later one
<!-- training -->     needs the training extra and takes minutes
<!-- minutes -->     takes minutes
"""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
REASONS = ("hours", "secrets", "network", "another system")
MARKS = {"file", "minutes", "not run", "small", "training"}
# Languages that are executed, and languages that are only shown.
RUN = ("sh", "console", "python")
READ = ("cpp", "json", "powershell", "text", "toml")

_FENCE = re.compile(r"(?P<marks>(?:^<!--[^\n]*-->\n+)*)^```(?P<language>[^\n]*)\n(?P<text>.*?)^```$", re.M | re.S)
_MARK = re.compile(r"<!-- ([\w ]+?)(?:: (.*?))? -->")


@dataclass(frozen=True)
class Fence:
    """One listing. line: the number of its first line, from 1."""

    page: Path
    line: int
    language: str
    text: str
    marks: dict[str, str]

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"

    @property
    def runs(self) -> bool:
        """True if a test executes it."""
        return self.language in RUN and not {"file", "not run"} & set(self.marks)

    @property
    def shortened(self) -> str:
        """The text after the replacements of its mark."""
        text = self.text
        for pair in filter(None, self.marks.get("small", "").split("; ")):
            old, new = pair.split(" => ")
            assert old in text, f"{self}: {old} is not in the listing"
            text = text.replace(old, new)
        return text

    @property
    def commands(self) -> str:
        """The commands to execute; in a console the text after each prompt."""
        if self.language != "console":
            return self.shortened
        return "".join(f"{line[2:]}\n" for line in self.shortened.splitlines() if line.startswith("$ "))


def pages() -> list[Path]:
    """Return all pages, README and CONTRIBUTING included."""
    return [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md"))]


def fences(page: Path) -> list[Fence]:
    """Return the listings of a page in order."""
    text = page.read_text(encoding="utf-8")
    return [
        Fence(
            page,
            text.count("\n", 0, match.start("language")) + 2,
            match["language"],
            match["text"],
            {name: value or "" for name, value in _MARK.findall(match["marks"])},
        )
        for match in _FENCE.finditer(text)
    ]


def prose(page: Path) -> str:
    """Return the page without listings and comments."""
    text = re.sub(r"<!--.*?-->", "", page.read_text(encoding="utf-8"), flags=re.S)
    return _FENCE.sub("", text)


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page: its headings, as the site and code hosts spell them."""
    headings = re.findall(r"^#+ (.*)$", prose(page), re.M)
    plain = [re.sub(r"[^\w\- ]", "", heading.replace("`", "")).strip().lower() for heading in headings]
    return {re.sub(r"[ ]+", "-", heading) for heading in plain}
