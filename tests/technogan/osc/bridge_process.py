"""Run a bridge in a separate process, for tests that attack it. It writes only to its folder, and prints its port.

usage: python -m tests.technogan.osc.bridge_process FOLDER REPLY_PORT [slow]
"""

import sys
import threading
import time
from pathlib import Path

import technogan.sound.wav
from technogan.atomic import open_atomically
from technogan.osc.server import Server
from technogan.osc.service import Service
from technogan.sound.loop import Loop
from tests.osc_bridge import FakeEngine, open_model


def main() -> None:
    """Serve until standard input ends."""
    folder = Path(sys.argv[1]).resolve()
    write = Loop.save

    def save(loop: Loop, path: Path, **options: object) -> int:
        # A mutated set_target_dir may name an existing folder.
        return write(loop, path) if path.is_relative_to(folder) else 0

    Loop.save = save  # type: ignore[method-assign, assignment]
    if "slow" in sys.argv:
        vars(technogan.sound.wav)["write_atomically"] = _write_slowly
    service = Service(FakeEngine(), open_model=open_model, list_models=lambda: ["tiny"], directory=folder / "out")
    server = Server(service, port=0, reply_port=int(sys.argv[2]))
    server.start()
    service.start()
    print(server.address[1], flush=True)
    sys.stdin.read()
    stopped = service.stop()
    server.stop()
    print("stopped" if stopped and threading.active_count() == 1 else threading.enumerate(), flush=True)


def _write_slowly(path: Path, data: bytes) -> None:
    """Write as slowly as a slow disk."""
    with open_atomically(path) as file:
        for start in range(0, len(data), 64):
            file.write(data[start : start + 64])
            file.flush()
            time.sleep(0.02)


if __name__ == "__main__":
    main()
