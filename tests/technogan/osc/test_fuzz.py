"""No datagram ends the service, blocks it or fills the memory."""

import random
import struct
from pathlib import Path

import psutil
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from technogan.osc.table import COMMANDS
from tests.osc_bridge import Client, encoded, own_process, running, seed

QUICK, LONG = 4_000, 1_000_000
MAX_GROWTH = 64 << 20

S = seed()
SAMPLES = [
    encoded(f"/{dialect}/{name}", *arguments)
    for dialect in ("cc", "gg")
    for name, *arguments in (
        ("isAlive",),
        ("set_target_sr", 44100),
        ("set_target_dir",),
        ("set_target_dir", "nowhere"),
        ("generate_single_wav", *S),
        ("generate_single_wav_id", 3, *S),
        ("generate_single_wav_id_img", 4, *S),
        ("generate_stems_id", 7, *S),
        ("generate_random_fade", 2, 10.0, *S),
        ("generate_fade", 5, 2, *S, *S),
        ("generate_pingpong", 6, 2, *S, *S),
        ("status",),
        ("load_model", "tiny"),
        ("set_bpm", 130.0),
        ("register", 9),
        ("unregister",),
        ("cancel", 3),
        ("sync", 1),
        ("set_bpm", b"blob", None, True, [1, 2.0], (1, 2, 3, 4)),
    )
]


def bundle(rng, *elements):
    time = rng.choice([b"\0" * 7 + b"\1", rng.randbytes(8), b"\xff" * 8])
    sizes = [rng.choice([len(e)] * 8 + [-4, 0, 1 << 30, len(e) + 4]) for e in elements]
    return b"#bundle\0" + time + b"".join(struct.pack(">i", n) + e for n, e in zip(sizes, elements, strict=True))


def mutated(rng):
    """Return one datagram: a valid one, a damaged one, a bundle, or noise."""
    data = bytearray(rng.choice(SAMPLES))
    kind = rng.randrange(8)
    if kind == 0:
        return rng.randbytes(rng.randrange(200))
    if kind == 1:
        return bytes(data[: rng.randrange(len(data) + 1)])
    if kind == 2:
        name = rng.choice(COMMANDS).name
        tags = "".join(rng.choices("ifsbhdTFNIrmtSc[]", k=rng.randrange(1, 140)))
        text = f"/{rng.choice(('cc', 'gg'))}/{name}".encode() + b"\0"
        text += b"\0" * (-len(text) % 4)
        types = f",{tags}".encode() + b"\0"
        return text + types + b"\0" * (-len(types) % 4) + rng.randbytes(rng.randrange(600))
    if kind == 3:
        return bundle(rng, *(mutated(rng)[:4000] for _ in range(rng.randrange(6))))
    for _ in range(rng.choice((0, 1, 1, 2, 8, 30))):
        data[rng.randrange(len(data))] = rng.choice((0, 0xFF, 0x2C, 0x2F, rng.randrange(256)))
    return bytes(data)


def flood(client, rng, count, *, each=50):
    """Send `count` datagrams from another socket; wait for the service after every `each` of them."""
    stranger = Client(client.to)
    for start in range(0, count, each):
        for _ in range(min(each, count - start)):
            stranger.send_bytes(mutated(rng))
        client.replies()
    stranger.close()


@pytest.mark.parametrize("count", [QUICK, pytest.param(LONG, marks=pytest.mark.slow)])
def test_the_service_survives_a_flood_of_damaged_datagrams(tmp_path, count):
    with own_process(tmp_path) as (process, client):
        memory = psutil.Process(process.pid).memory_info
        rng = random.Random(1)
        flood(client, rng, 2_000)  # what is set up once
        before = memory().rss
        flood(client, rng, count)
        grown = memory().rss - before
        print(f"{count} datagrams: {grown / (1 << 20):.1f} MB of growth")
        client.ask("/cc/load_model", "tiny")
        client.ask("/cc/set_target_dir", (tmp_path / "out").as_posix())
        replies = client.ask("/cc/generate_single_wav_id", 1, *S)
        assert [reply.address for reply in replies] == ["/ccret/wav_id"]
        assert Path(replies[0].arguments[1]).is_file()
        assert grown < MAX_GROWTH
        output, errors = process.communicate("", timeout=60)
        assert output == "stopped\n"
        assert "Traceback" not in errors


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory):
    with running(tmp_path_factory.mktemp("fuzzed")) as running_bridge:
        yield running_bridge


ANYTHING = st.one_of(
    st.integers(-(2**63), 2**63 - 1),
    st.floats(width=32),
    st.text(st.characters(exclude_characters="\0/~", exclude_categories=["Cs"]), max_size=20),
    st.booleans(),
    st.none(),
    st.binary(min_size=1, max_size=9),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
@given(
    name=st.sampled_from([row.name for row in COMMANDS if row.name not in ("register", "unregister", "sync")]),
    head=st.lists(ANYTHING, max_size=3),
    n_seeds=st.integers(0, 2),
)
def test_every_command_gets_one_reply_for_any_arguments(fuzzed, name, head, n_seeds):
    replies = fuzzed.client.ask(f"/cc/{name}", *head, *(S * n_seeds))
    last = [reply for reply in replies if not reply.address.endswith("/msg")]
    assert len(last) == 1 or (last == [] and len(replies) == 1), replies
    assert [
        reply.address for reply in fuzzed.client.ask("/cc/generate_single_wav_id", 1, *S[: fuzzed.service.latent_size])
    ]
