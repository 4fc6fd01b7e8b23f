"""Read the generated Max patches."""

import json

from scripts.clients import max_performance, max_sampler
from scripts.clients.files import FOLDER

SAMPLER = f"{max_sampler.NAME}.maxpat"
PERFORMANCE = f"{max_performance.NAME}.maxpat"
NODE_SAMPLER = f"{max_sampler.NODE_NAME}.maxpat"
NODE_PERFORMANCE = f"{max_performance.NODE_NAME}.maxpat"
DEVICES = {name: FOLDER / "max" / name.replace(".maxpat", ".amxd") for name in (SAMPLER, NODE_SAMPLER)}
NETWORK_SCOPE = {SAMPLER: "---", PERFORMANCE: "technogan-"}
NODE_SCOPE = {NODE_SAMPLER: "---", NODE_PERFORMANCE: max_performance.NODE_SCOPE}
SCOPE = NETWORK_SCOPE | NODE_SCOPE
CONTENTS = {name: json.loads((FOLDER / "max" / name).read_text(encoding="utf-8"))["patcher"] for name in SCOPE}
