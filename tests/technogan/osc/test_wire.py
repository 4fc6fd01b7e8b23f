"""Every row of the protocol's tables over UDP, in both dialects: exact addresses and type tags.

Once with liblo's oscsend and oscdump, and once with the bytes of python-osc.
"""

import re
from typing import Any

import pytest

from technogan import __version__
from technogan.osc.ports import LOOPBACK
from technogan.osc.table import COMMANDS, REPLIES, find_command
from tests.osc_bridge import encoded, oscsend, seed

S, D = seed(3), seed(40)
F, FF = "f" * 64, "f" * 128
SECONDS = r"\d+\.\d\d sec\.: "

# What is sent (address, type tags, values), and what is received (address, type tags, a pattern for each value).
# DIR stands for the folder.
CC: list[Any] = [
    ("/cc/isAlive", "", (), [("/ccret/alive", "", ())]),
    ("/cc/initGenerator", "", (), [("/ccret/msg", "s", ("Init Generator: network (loaded|already up)",))]),
    ("/cc/set_target_sr", "i", (34952,), [("/ccret/msg", "s", ("target sampling rate set to: 34952",))]),
    ("/cc/set_target_dir", "", (), [("/ccret/msg", "s", ("target dir is: DIR/",))]),
    ("/cc/set_target_dir", "s", ("DIR",), [("/ccret/msg", "s", ("target directory set to: DIR/",))]),
    ("/cc/get_target_dir", "", (), [("/ccret/msg", "s", ("target dir is: DIR/",))]),
    (
        "/cc/generate_single_wav",
        F,
        S,
        [("/ccret/wav", "ss", (r"DIR/single0-\d{6}\.wav", rf"Generated single in {SECONDS}single0-\d{{6}}\.wav"))],
    ),
    (
        "/cc/generate_single_wav_id",
        "i" + F,
        (3, *S),
        [("/ccret/wav_id", "iss", ("3", r"DIR/single3-\d{6}\.wav", rf"Generated single in {SECONDS}DIR/single3-.*"))],
    ),
    (
        "/cc/generate_single_wav_id_img",
        "i" + F,
        (4, *S),
        [
            (
                "/ccret/wav_id_img",
                "isss",
                ("4", r"DIR/single4-\d{6}\.wav", r"DIR/single4-\d{6}\.png", rf"Generated single in {SECONDS}.*\.wav"),
            )
        ],
    ),
    (
        "/cc/generate_random_fade",
        "if" + F,
        (3, 12.5, *S),
        [("/ccret/wav", "ss", (r"DIR/randomfade0-\d{6}\.wav", rf"Generated randomfade in {SECONDS}randomfade0.*"))],
    ),
    (
        "/cc/generate_fade",
        "i" + FF,
        (3, *S, *D),
        [("/ccret/wav_id", "iss", ("0", r"DIR/fade0-\d{6}\.wav", rf"Generated fade in {SECONDS}.*"))],
    ),
    (
        "/cc/generate_fade",
        "ii" + FF,
        (5, 3, *S, *D),
        [("/ccret/wav_id", "iss", ("5", r"DIR/fade5-\d{6}\.wav", rf"Generated fade in {SECONDS}.*"))],
    ),
    (
        "/cc/generate_pingpong",
        "i" + FF,
        (3, *S, *D),
        [("/ccret/wav_id", "iss", ("0", r"DIR/pingpong0-\d{6}\.wav", rf"Generated pingpong in {SECONDS}.*"))],
    ),
    (
        "/cc/generate_pingpong",
        "ii" + FF,
        (6, 3, *S, *D),
        [("/ccret/wav_id", "iss", ("6", r"DIR/pingpong6-\d{6}\.wav", rf"Generated pingpong in {SECONDS}.*"))],
    ),
    (
        "/cc/generate_stems_id",
        "i" + F,
        (7, *S),
        [
            (
                "/ccret/stems_id",
                "issss",
                (
                    "7",
                    *(rf"DIR/single7-\d{{6}}-{stem}\.wav" for stem in ("kick", "drums", "music")),
                    rf"Generated single in {SECONDS}DIR/single7-.*-music\.wav",
                ),
            )
        ],
    ),
]
GG: list[Any] = [
    ("/gg/isalive", "", (), [("/ggret/alive", "T", ("(True|#T)",))]),
    ("/gg/init_generator", "", (), [("/ggret/msg", "s", ("Init Generator: network (loaded|already up)",))]),
    ("/gg/set_target_sr", "i", (34952,), [("/ggret/msg", "s", ("target sampling rate set to: 34952",))]),
    ("/gg/get_target_dir", "", (), [("/ggret/msg", "s", ("target dir is: DIR/",))]),
    ("/gg/set_target_dir", "", (), [("/ggret/msg", "s", ("target dir is: DIR/",))]),
    ("/gg/set_target_dir", "s", ("DIR",), [("/ggret/msg", "s", ("target directory set to: DIR/",))]),
    (
        "/gg/generate_single_wav",
        F,
        S,
        [
            ("/ggret/wav", "s", (r"DIR/testo\.wav",)),
            ("/ggret/msg", "s", (rf"Generated single in {SECONDS}testo\.wav",)),
        ],
    ),
    (
        "/gg/generate_single_wav_id",
        "i" + F,
        (3, *S),
        [
            ("/ggret/wav_id", "s", (r"3 DIR/single3\.wav",)),
            ("/ggret/msg", "s", (rf"Generated single in {SECONDS}DIR/single3\.wav",)),
        ],
    ),
    (
        "/gg/generate_single_wav_id_img",
        "i" + F,
        (4, *S),
        [
            ("/ggret/wav_id_img", "s", (r"4 DIR/single4\.wav DIR/single4\.png",)),
            ("/ggret/msg", "s", (rf"Generated single in {SECONDS}DIR/single4\.wav",)),
        ],
    ),
    (
        "/gg/generate_random_fade",
        "if" + F,
        (3, 12.5, *S),
        [
            ("/ggret/wav", "s", (r"DIR/testo\.wav",)),
            ("/ggret/msg", "s", (rf"Generated randomfade in {SECONDS}testo\.wav",)),
        ],
    ),
    (
        "/gg/generate_fade",
        "ii" + FF,
        (5, 3, *S, *D),
        [
            ("/ggret/wav_id", "s", (r"5 DIR/fade5\.wav",)),
            ("/ggret/msg", "s", (rf"Generated fade in {SECONDS}DIR/fade5\.wav",)),
        ],
    ),
    (
        "/gg/generate_pingpong",
        "ii" + FF,
        (6, 3, *S, *D),
        [
            ("/ggret/wav_id", "s", (r"6 DIR/pingpong6\.wav",)),
            ("/ggret/msg", "s", (rf"Generated pingpong in {SECONDS}DIR/pingpong6\.wav",)),
        ],
    ),
    # Pure Data has only floats.
    (
        "/gg/generate_fade",
        "ff" + FF,
        (5.0, 3.0, *S, *D),
        [
            ("/ggret/wav_id", "s", (r"5 DIR/fade5\.wav",)),
            ("/ggret/msg", "s", (rf"Generated fade in {SECONDS}DIR/fade5\.wav",)),
        ],
    ),
    (
        "/gg/generate_stems_id",
        "i" + F,
        (7, *S),
        [
            ("/ggret/stems_id", "s", (r"7 DIR/single7-kick\.wav DIR/single7-drums\.wav DIR/single7-music\.wav",)),
            ("/ggret/msg", "s", (rf"Generated single in {SECONDS}DIR/single7-kick\.wav .*",)),
        ],
    ),
]
BEYOND: list[Any] = [
    (
        "status",
        "",
        (),
        [("status", "ssifisi", (re.escape(__version__), "tiny", "64", r"\d+(\.0+)?", r"\d+", "DIR/", "0"))],
    ),
    ("list_models", "", (), [("models", "ss", ("small", "tiny"))]),
    ("load_model", "s", ("tiny",), [("model", "siff", ("tiny", "64", r"2(\.0+)?", r"120(\.0+)?"))]),
    ("set_bpm", "f", (132.5,), [("msg", "s", (r"tempo set to: 132\.5 BPM",))]),
    ("set_bpm", "i", (132,), [("msg", "s", ("tempo set to: 132 BPM",))]),
    ("cancel", "i", (7,), [("cancelled", "ii", ("7", "0"))]),
    ("cancel", "f", (7.0,), [("cancelled", "ii", ("7", "0"))]),
    ("sync", "i", (-5,), [("synced", "i", ("-5",))]),
]
ROWS: list[Any] = [
    *CC,
    *GG,
    *(
        (f"/{dialect}/{name}", tags, values, [(f"/{dialect}ret/{answer}", *rest) for answer, *rest in answers])
        for dialect in ("cc", "gg")
        for name, tags, values, answers in BEYOND
    ),
    # Letter case and underscores do not matter, in both dialects.
    ("/cc/isalive", "", (), [("/ccret/alive", "", ())]),
    ("/cc/IS_ALIVE", "", (), [("/ccret/alive", "", ())]),
    ("/gg/isAlive", "", (), [("/ggret/alive", "T", ("(True|#T)",))]),
    ("/gg/initGenerator", "", (), [("/ggret/msg", "s", ("Init Generator: network (loaded|already up)",))]),
    ("/gg/SetBpm", "f", (120,), [("/ggret/msg", "s", ("tempo set to: 120 BPM",))]),
    # An address without a dialect counts as /cc.
    ("/sync", "i", (3,), [("/ccret/synced", "i", ("3",))]),
]


def _names(rows):
    return [f"{address} {re.sub('f{64,}', 'f..', tags)}" for address, tags, *_ in rows]


def _placed(rows, directory):
    where = directory.as_posix()
    return [(address, tags, [v.replace("DIR", re.escape(where)) for v in values]) for address, tags, values in rows]


@pytest.mark.parametrize("row", ROWS, ids=_names(ROWS))
def test_with_python_osc(bridge, row):
    address, tags, values, expected = row
    values = [bridge.directory.as_posix() if value == "DIR" else value for value in values]
    replies = bridge.client.ask(address, *(float(v) if t == "f" else v for t, v in zip(tags, values, strict=True)))
    for reply, (wanted, wanted_tags, patterns) in zip(replies, _placed(expected, bridge.directory), strict=True):
        assert (reply.address, reply.tags) == (wanted, wanted_tags)
        shown = [str(argument) for argument in reply.arguments]
        for value, pattern in zip(shown, patterns, strict=True):
            assert re.fullmatch(pattern, value), value


@pytest.mark.parametrize("row", ROWS, ids=_names(ROWS))
def test_with_liblo(liblo_bridge, row):
    address, tags, values, expected = row
    values = [liblo_bridge.directory.as_posix() if value == "DIR" else value for value in values]
    oscsend(liblo_bridge.port, address, tags, *values)
    oscsend(liblo_bridge.port, "/cc/sync", "i", 777)
    lines = liblo_bridge.dump.until("/ccret/synced", "777")
    for line, (wanted, wanted_tags, patterns) in zip(lines, _placed(expected, liblo_bridge.directory), strict=True):
        assert line[:2] == (wanted, wanted_tags)
        quoted = [f'"{pattern}"' if tag == "s" else pattern for tag, pattern in zip(wanted_tags, patterns, strict=True)]
        assert re.fullmatch(" ".join(quoted), line[2]), line[2]


def test_every_command_and_every_reply_is_in_the_tables_above():
    commands = {find_command(address.rpartition("/")[2]) for address, *_ in ROWS}
    assert set(COMMANDS) - commands == {find_command("register"), find_command("unregister")}
    replies = {address.rpartition("/")[2] for *_, expected in ROWS for address, *_ in expected}
    assert replies | {"init", "error", "registered", "unregistered"} == set(REPLIES)


@pytest.mark.parametrize("dialect", ["cc", "gg"])
def test_register_and_unregister_redirect_replies(bridge, dialect):
    other, target = bridge.another(), bridge.another()
    other.send(f"/{dialect}/register", target.port)
    assert target.socket.recv(999) == encoded(f"/{dialect}ret/registered", LOOPBACK, target.port)
    other.send(f"/{dialect}/register", target.port, LOOPBACK)
    assert target.socket.recv(999) == encoded(f"/{dialect}ret/registered", LOOPBACK, target.port)
    other.send("/cc/isAlive")
    assert target.socket.recv(999) == encoded("/ccret/alive")
    other.send(f"/{dialect}/unregister")
    assert target.socket.recv(999) == encoded(f"/{dialect}ret/unregistered", LOOPBACK, target.port)
    other.send("/cc/isAlive")
    assert bridge.client.socket.recv(999) == encoded("/ccret/alive")


def test_replies_have_the_bytes_of_python_osc(bridge):
    for address, answer in (
        ("/cc/isAlive", encoded("/ccret/alive")),
        ("/gg/isalive", encoded("/ggret/alive", True)),
        ("/cc/list_models", encoded("/ccret/models", "small", "tiny")),
        ("/cc/sync", encoded("/ccret/synced", 7)),
    ):
        bridge.client.send(address, *([7] if address == "/cc/sync" else []))
        assert bridge.client.socket.recv(65536) == answer


def test_clipped_values_are_reported(bridge):
    (reply,) = bridge.client.ask("/cc/generate_single_wav_id", 1, *seed(500.0))
    assert reply.arguments[-1].endswith("(1 values clipped to -128..127)")
    (loop,) = bridge.engine.rendered
    assert loop[0].values[0] == 127


def test_a_seed_of_whole_numbers_is_the_same_seed(bridge):
    bridge.client.ask("/cc/generate_single_wav_id", 1, *map(int, S))
    bridge.client.ask("/cc/generate_single_wav_id", 1, *S)
    assert bridge.engine.rendered[0] == bridge.engine.rendered[1]
