"""A fake `technogan train`, a fake preview, and steps that tests of the training wizard share."""

from typing import Any

from PySide6.QtCore import QObject, Signal

# A fake `technogan train`: it locks its folder, reports events, obeys commands and writes a configuration. The variable
# PLAY makes it fail in different ways.
PROGRAM = """
import json, os, sys, time
from pathlib import Path
from filelock import FileLock

words = sys.argv[1:]
option = lambda name, default=None: words[words.index(name) + 1] if name in words else default
out = Path(option("--out"))
plays = os.environ["PLAY"].split(",")
batch = int(option("--batch", 16))

def report(event, **details):
    with (out / "events.jsonl").open("a") as file:
        file.write(json.dumps({"event": event} | details) + chr(10))

if "--trial" in words:
    if "memory" in plays and batch > 8:
        report("failed", message="out of memory with 16 images per step", cause="memory")
        sys.exit(1)
    report("progress", what="measuring", done=50, total=100)
    cost = dict(images_per_second=10, begin_seconds=1, memory_mb=1, device="", device_mb=0, checkpoint_mb=1, kept_mb=1)
    (out / "result.json").write_text("{" if "nonsense" in plays else json.dumps(cost))
    report("finished")
    sys.exit()
out.mkdir(exist_ok=True)
with FileLock(out / "lock"):
    recipe = {"network": {"recipe": {"batch": batch}}}
    (out / "config.json").write_text(json.dumps({"dataset": words[1], "images": 100} | recipe))
    report("started", process=os.getpid(), words=words, images=0, seconds=0)
    if "memory" in plays and batch > 8:
        report("failed", message="memory", cause="memory", images=0)
        sys.exit(1)
    if "fault" in plays:
        1 / 0
    losses = dict(generator=1.0, discriminator=0.5, images_per_second=8.0, seconds_left=60.0)
    report("progress", images=160, seconds=20.0, **losses)
    if "full" in plays:
        report("warning", message="cannot write x: the disk is full; training goes on from memory")
    for _ in range(3000):
        time.sleep(0.02)
        control = out / "control"
        if control.exists():
            word = control.read_text()
            control.unlink()
            report({"pause": "paused", "resume": "resumed", "save": "checkpoint", "stop": "stopped"}[word], images=160)
            if word == "save":
                (out / "model.onnx").write_bytes(b"")
                report("floor", mel=2.0)
                report("figures", mel=8.0, images=160)
                report("preview", images=160, paths=["previews/1.png", "previews/1.wav"])
            if word == "stop":
                break
"""


class _FakePreview(QObject):
    """A preview that plays nothing and records what it would play."""

    changed = Signal()

    def __init__(self):
        super().__init__()
        self.playing = None

    def play(self, loop, key):
        self.playing = key
        self.changed.emit()

    def stop(self):
        self.playing = None
        self.changed.emit()


# Any: it replaces a Preview.
FakePreview: Any = _FakePreview


def wait_for_state(qtbot, wizard, state):
    qtbot.waitUntil(lambda: wizard.run.follower.state == state, timeout=20_000)
    # The display follows a moment later.
    qtbot.waitUntil(lambda: not wizard.run.follower._show_soon.isActive())


def start_run(qtbot, wizard):
    wizard.run.begin.click()
    qtbot.waitUntil(lambda: wizard.run.follower.progress.images == 160, timeout=20_000)
    wait_for_state(qtbot, wizard, "running")
