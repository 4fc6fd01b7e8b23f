"""Which files there are."""

from __future__ import annotations

from pathlib import Path

from scripts.clients import pd_patch, pd_slot

FOLDER = Path(__file__).resolve().parents[2] / "resources" / "clients"


def client_files() -> dict[str, bytes]:
    """Every file, by its path below `FOLDER`."""
    pure_data = {
        "technogan.pd": pd_patch.patch(),
        "technogan-slot.pd": pd_slot.slot(),
        "technogan-voice.pd": pd_slot.voice(),
        "technogan-seed-of.pd": pd_slot.seed_of(),
    }
    return {f"pure-data/{name}": canvas.file().encode() for name, canvas in pure_data.items()}
