"""Which files there are."""

from __future__ import annotations

from pathlib import Path

from scripts.clients import max_performance, max_sampler, pd_patch, pd_slot
from scripts.clients.max_file import INSTRUMENT

FOLDER = Path(__file__).resolve().parents[2] / "resources" / "clients"


def client_files() -> dict[str, bytes]:
    """Every file, by its path below `FOLDER`."""
    pure_data = {
        "technogan.pd": pd_patch.patch(),
        "technogan-slot.pd": pd_slot.slot(),
        "technogan-voice.pd": pd_slot.voice(),
        "technogan-seed-of.pd": pd_slot.seed_of(),
    }
    sampler = max_sampler.sampler()
    max_ = {
        f"{max_sampler.NAME}.amxd": sampler.device(INSTRUMENT),
        f"{max_sampler.NAME}.maxpat": sampler.file().encode(),
        f"{max_performance.NAME}.maxpat": max_performance.performance().file().encode(),
    }
    return {f"pure-data/{name}": canvas.file().encode() for name, canvas in pure_data.items()} | {
        f"max/{name}": content for name, content in max_.items()
    }
