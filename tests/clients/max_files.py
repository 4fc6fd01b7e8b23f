"""The Max patches as they lie in their folder."""

from __future__ import annotations

import json

from scripts.clients import max_performance, max_sampler
from scripts.clients.files import FOLDER

SAMPLER = f"{max_sampler.NAME}.maxpat"
PERFORMANCE = f"{max_performance.NAME}.maxpat"
DEVICE = FOLDER / "max" / f"{max_sampler.NAME}.amxd"
SCOPE = {SAMPLER: "---", PERFORMANCE: "technogan-"}
CONTENTS = {name: json.loads((FOLDER / "max" / name).read_text(encoding="utf-8"))["patcher"] for name in SCOPE}
