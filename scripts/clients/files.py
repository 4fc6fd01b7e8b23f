"""List the generated client files."""

from pathlib import Path

from scripts.clients import max_performance, max_sampler, pd_patch, pd_slot
from scripts.clients.max_file import INSTRUMENT

# Hand-written files next to the patches: the scripts of the Node patches.
SCRIPTS = ("*.js", "*.mjs", "package.json", "package-lock.json")

FOLDER = Path(__file__).resolve().parents[2] / "resources" / "clients"


def client_files() -> dict[str, bytes]:
    """Return the content of every file by its path below `FOLDER`."""
    pure_data = {
        "technogan.pd": pd_patch.patch(),
        "technogan-slot.pd": pd_slot.slot(),
        "technogan-voice.pd": pd_slot.voice(),
        "technogan-seed-of.pd": pd_slot.seed_of(),
    }
    max_: dict[str, bytes] = {}
    for node in (False, True):
        sampler, performance = max_sampler.sampler(node=node), max_performance.performance(node=node)
        name = max_sampler.NODE_NAME if node else max_sampler.NAME
        max_ |= {f"{name}.amxd": sampler.device(INSTRUMENT), f"{name}.maxpat": sampler.file().encode()}
        name = max_performance.NODE_NAME if node else max_performance.NAME
        max_[f"{name}.maxpat"] = performance.file().encode()
    return {f"pure-data/{name}": canvas.file().encode() for name, canvas in pure_data.items()} | {
        f"max/{name}": content for name, content in max_.items()
    }
