"""Kill processes at random moments: `python -m scripts.measure.kills [COUNT]`.

Kills and freezes the player and the renderers of a playing window, then whole windows, then conversions of sounds.
Prints how long the sound was away, and whether anything was lost or left behind. The exit status is 1 if so.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from scripts.measure.window_figures import rest, until

if TYPE_CHECKING:
    from app.window.instrument import Instrument

_SIGNALS = (signal.SIGKILL, signal.SIGSTOP)
_AUDIBLE = 1e-3
_MEMORY = Path("/dev/shm")
# Lets the script run as the window to kill.
_VICTIM = "--window"


def main() -> int:
    """Kill COUNT times, a fifth of them windows and a fifth conversions, and return the exit status."""
    if sys.argv[1:2] == [_VICTIM]:
        return _play_in_window(Path(sys.argv[2]))
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    rng = random.Random(0)
    with tempfile.TemporaryDirectory() as folder:
        environment = {"TECHNOGAN_STATE": f"{folder}/state", "QT_QPA_PLATFORM": "offscreen"}
        os.environ.update(environment)
        problems = _kill_children(Path(folder) / "children", rng, count * 3 // 5)
        problems += _kill_windows(Path(folder) / "windows", rng, count // 5)
        problems += _kill_conversions(Path(folder) / "conversions", rng, count // 5)
    print(*problems, f"{count} kills, {len(problems)} problems", sep="\n")
    return 1 if problems else 0


def _open(folder: Path) -> Instrument:
    from app.window.instrument import Instrument

    folder.mkdir(parents=True, exist_ok=True)
    (folder / "settings.json").write_text(json.dumps({"osc": False}))
    its = Instrument(folder)
    its.start()
    until(lambda: its.session.loop is not None)
    its.playback.run(True)
    return its


def _kill_children(folder: Path, rng: random.Random, count: int) -> list[str]:
    """Kill the processes of a window that plays."""
    from PySide6.QtWidgets import QApplication

    from technogan.seeds.seed import Seed

    application = QApplication.instance() or QApplication([sys.argv[0]])
    its = _open(folder)
    until(lambda: _is_audible(its))
    away: list[float] = []
    problems: list[str] = []
    for number in range(count):
        rest(rng.uniform(0.1, 1.5))
        kind, name = rng.choice(_SIGNALS), rng.choice(["player", "live", "live", "sequences"])
        child = its.player.child if name == "player" else its._renderers[name].child
        its.session.load_seed(Seed.from_integer(number, len(its.session.state.seed)))
        if name == "sequences":
            its.sequences.make("walk")
        before = child.process_id
        if before is None:
            continue
        os.kill(before, kind)
        began = time.monotonic()
        if name == "player":
            until(partial(_has_another_player, its, before))
            away.append(time.monotonic() - began)
        else:
            player = its.player.child.process_id
            until(lambda: not its.queue.busy)
            if its.player.child.process_id != player or not _is_audible(its):
                problems.append(f"kill {number}: the sound stopped with the renderer")
    its.window.close()
    application.processEvents()
    longest = max(away, default=0.0)
    print(f"player: {len(away)} kills, sound back after {statistics.median(away):.2f} s, at most {longest:.2f} s")
    return problems + ([f"the sound was away for {longest:.1f} s"] if longest > 3 else []) + _leftovers(folder)


def _has_another_player(its: Instrument, before: int) -> bool:
    return its.player.child.process_id not in (None, before) and _is_audible(its)


def _is_audible(its: Instrument) -> bool:
    return bool(abs(its.player.mixer.tap(4096)).max() > _AUDIBLE)


def _kill_windows(folder: Path, rng: random.Random, count: int) -> list[str]:
    """Kill windows that keep loops, and compare the loops that were saved with those of the next start."""
    from app.session.session_file import read_session

    problems: list[str] = []
    for number in range(count):
        with subprocess.Popen(
            [sys.executable, "-m", "scripts.measure.kills", _VICTIM, str(folder)], stdout=subprocess.PIPE, text=True
        ) as window:
            assert window.stdout is not None
            saved: list[str] = []
            for _ in range(rng.randrange(1, 6)):
                saved = json.loads(window.stdout.readline() or "[]")
            time.sleep(rng.uniform(0, 0.25))
            window.kill()
        found = [slot.clip.name if slot.clip else "" for slot in read_session(folder / "autosave").slots]
        lost = {name for name in saved if name} - set(found)
        # A loop may have been replaced by a later one between its report and the kill.
        if len(lost) > 1:
            problems.append(f"window {number}: {sorted(lost)} were saved and are not in {found}")
    its = _open(folder)
    its.window.close()
    print(f"window: {count} kills")
    return problems + _leftovers(folder)


def _play_in_window(folder: Path) -> int:
    """Keep loops in the slots and print the names that are saved, until killed."""
    from PySide6.QtWidgets import QApplication

    from app.session.session_file import read_session
    from technogan.errors import TechnoganError
    from technogan.seeds.seed import Seed

    QApplication([sys.argv[0]])
    its = _open(folder)
    for number in range(10_000):
        its.session.load_seed(Seed.from_integer(random.randrange(1 << 30), len(its.session.state.seed)))
        until(lambda: not its.queue.busy)
        its.slots.keep(number % 8)
        rest(0.3)
        try:
            slots = read_session(folder / "autosave").slots
        except TechnoganError:
            continue  # it is being written
        print(json.dumps([slot.clip.name if slot.clip else "" for slot in slots]), flush=True)
    return 0


def _kill_conversions(folder: Path, rng: random.Random, count: int) -> list[str]:
    """Kill conversions and continue them; the last one must end with every image."""
    import numpy as np
    import soundfile

    sounds, target = folder / "sounds", folder / "images"
    sounds.mkdir(parents=True)
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, 20672).astype(np.float32)
    for number in range(400):
        soundfile.write(sounds / f"{number}.wav", np.roll(noise, 997 * number), 44100)
    command = [sys.executable, "-m", "app", "dataset", "convert", str(sounds), "--format", "beat", "-o", str(target)]
    began = time.monotonic()
    subprocess.run(command, check=True, capture_output=True)
    needed = time.monotonic() - began
    expected = sorted(path.name for path in (target / "images").iterdir())
    shutil.rmtree(target)
    for _ in range(count):
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as conversion:
            time.sleep(rng.uniform(0, needed))
            conversion.kill()
    subprocess.run(command, check=True, capture_output=True)
    found = sorted(path.name for path in (target / "images").iterdir())
    checked = subprocess.run([sys.executable, "-m", "app", "dataset", "check", str(target)], check=False)
    print(f"convert: {count} kills")
    problems = [] if found == expected else [f"convert: {len(found)} images instead of {len(expected)}"]
    return problems + ([] if checked.returncode == 0 else ["convert: the dataset is damaged"]) + _leftovers(folder)


def _leftovers(folder: Path) -> list[str]:
    from app.processes.shared_arrays import remove_abandoned

    remove_abandoned()
    memory = [path.name for path in _MEMORY.glob(f"technogan-{os.getpid()}-*")] if _MEMORY.is_dir() else []
    files = [str(path.relative_to(folder)) for path in folder.rglob(".*.part")]
    return [f"left behind: {name}" for name in (*memory, *files)]


if __name__ == "__main__":
    sys.exit(main())
