#!/usr/bin/env python
"""Write docs/osc.md from the tables that drive the OSC parser."""

from pathlib import Path

from technogan.osc.reference import render

if __name__ == "__main__":
    target = Path(__file__).resolve().parents[2] / "docs" / "osc.md"
    target.parent.mkdir(exist_ok=True)
    target.write_text(render(), encoding="utf-8", newline="\n")
    print(target)
