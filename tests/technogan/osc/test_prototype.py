"""A conversation recorded from the running prototype, repeated with the bridge."""

import ast
import re
from pathlib import Path
from typing import Any

from tests.osc_bridge import Bridge, running, seed

RECORDING = Path(__file__).with_name("prototype.txt").read_text(encoding="utf-8")

ARGUMENTS = {
    "set_target_sr": [34952],
    "generate_single_wav": seed(),
    "generate_single_wav_id": [3, *seed()],
    "generate_single_wav_id_img": [4, *seed()],
    "generate_random_fade": [3, 20.0, *seed()],
    "generate_fade": [5, 3, *seed(), *seed(9)],
    "generate_pingpong": [6, 3, *seed(), *seed(9)],
}


def conversation():
    """Return (command, [(address, tags, values)]) in the recorded order; the first command, "", is the start."""
    found: list[Any] = [("", [])]
    for line in RECORDING.splitlines():
        if sent := re.match(r"-> /gg/(\w+) (\d+) args", line):
            found.append((sent[1], []))
        elif got := re.match(r"\s+<- (\S+) ,(\w*) (\[.*\])", line):
            # In the recording, the end of a long job comes after the next command.
            command = next(c for c in reversed(found) if c[0] != "nonsense") if "pingpong" in line else found[-1]
            command[1].append((got[1], got[2], ast.literal_eval(got[3])))
    return found


def _as_recorded(value, directory, default):
    if not isinstance(value, str):
        return value
    for folder, name in ((f"{default}/", "/temp/TechnoGAN/"), (f"{directory}/", "/samples/")):
        value = value.replace(folder, name)
    return re.sub(r"\d+\\?\.\d\d sec", "SECONDS sec", value)


def test_the_recording_is_parsed():
    commands = [command for command, _ in conversation()]
    assert commands[:4] == ["", "isalive", "init_generator", "init_generator"]
    assert len(commands) == 15
    assert all(answers for command, answers in conversation() if command not in ("nonsense", "isAlive"))


def test_the_same_commands_get_the_same_replies(tmp_path):
    default, directory = tmp_path / "default", tmp_path / "samples"
    directory.mkdir()
    with running(default) as bridge:
        for command, wanted in conversation()[1:]:
            arguments = ARGUMENTS.get(command, [])
            if command == "set_target_dir":
                arguments = [directory.as_posix() + "/"]
            replies = bridge.client.ask(f"/gg/{command}", *arguments)
            if command == "nonsense":  # the prototype did not reply
                assert [reply.address for reply in replies] == ["/ggret/error", "/ggret/msg"]
                continue
            if command == "isAlive":  # nor to a name in another letter case
                wanted = [("/ggret/alive", "T", [True])]
            folders = directory.as_posix(), default.as_posix()
            then = [[_as_recorded(value, *folders) for value in values] for *_, values in wanted]
            got = [[_as_recorded(value, *folders) for value in reply.arguments] for reply in replies]
            assert [(r.address, r.tags) for r in replies] == [(address, tags) for address, tags, _ in wanted]
            assert got == then


def test_the_start_is_announced_as_by_the_prototype(tmp_path):
    bridge = Bridge(tmp_path)
    try:
        messages = [bridge.client.receive() for _ in range(2)]
    finally:
        bridge.close()
    (wanted,) = conversation()[0][1]
    assert wanted in [(m.address, m.tags, list(m.arguments)) for m in messages]
