"""The documents, as their tests see them: fences, marks, links.

A mark is a comment above a fence, which no reader sees:

<!-- not run: REASON -->     hours, secrets, network or another system
<!-- small: A => B; C => D -->     what the test puts in place of what, so that hours become seconds
<!-- file: NAME -->     the listing becomes a file of this name, which a later listing uses
<!-- training -->     needs the training extra, and with it minutes
<!-- minutes -->     takes too long for every check
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
REASONS = ("hours", "secrets", "network", "another system")
MARKS = {"file", "minutes", "not run", "small", "training"}
# What is executed, and what is there to be read.
RUN = ("sh", "console", "python")
READ = ("cpp", "json", "powershell", "text", "toml")

_FENCE = re.compile(r"(?P<marks>(?:^<!--[^\n]*-->\n+)*)^```(?P<language>[^\n]*)\n(?P<text>.*?)^```$", re.M | re.S)
_MARK = re.compile(r"<!-- ([\w ]+?)(?:: (.*?))? -->")


@dataclass(frozen=True)
class Fence:
    """One listing. line: of its first, counted from 1."""

    page: Path
    line: int
    language: str
    text: str
    marks: dict[str, str]

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"

    @property
    def runs(self) -> bool:
        """Whether a test executes it."""
        return self.language in RUN and not {"file", "not run"} & set(self.marks)

    @property
    def shortened(self) -> str:
        """The text with small sizes in place of large ones."""
        text = self.text
        for pair in filter(None, self.marks.get("small", "").split("; ")):
            old, new = pair.split(" => ")
            assert old in text, f"{self}: {old} is not there any more"
            text = text.replace(old, new)
        return text

    @property
    def commands(self) -> str:
        """What a shell is given; of a console only what follows a prompt."""
        if self.language != "console":
            return self.shortened
        return "".join(f"{line[2:]}\n" for line in self.shortened.splitlines() if line.startswith("$ "))


def pages() -> list[Path]:
    """Everything a reader is given."""
    return [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md"))]


def fences(page: Path) -> list[Fence]:
    """The listings of a page, in order."""
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
    """The page without its listings and comments."""
    text = re.sub(r"<!--.*?-->", "", page.read_text(encoding="utf-8"), flags=re.S)
    return _FENCE.sub("", text)


def anchors(page: Path) -> set[str]:
    """What a link to a place within the page may name: its headings, as the site and code hosts spell them."""
    headings = re.findall(r"^#+ (.*)$", prose(page), re.M)
    plain = [re.sub(r"[^\w\- ]", "", heading.replace("`", "")).strip().lower() for heading in headings]
    return {re.sub(r"[ ]+", "-", heading) for heading in plain}
