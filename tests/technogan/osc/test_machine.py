"""Other network addresses of the machine, and a service that is killed."""

import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
import soundfile

from technogan.osc.ports import LOOPBACK
from technogan.osc.service import Listener
from tests.osc_bridge import PATIENCE_S, ROOT, Client, encoded, own_process, running, seed

FAR = "10.77.0.1"


class DropRecorder(Listener):
    def __init__(self):
        self.heard = []

    def dropped(self, sender, reason):
        self.heard.append((sender, reason))


@pytest.mark.parametrize("names", ["cc", "gg"])
def test_a_service_killed_while_writing_leaves_no_partial_file(tmp_path, names):
    out = tmp_path / "out"
    with own_process(tmp_path, "slow") as (process, client):
        client.send(f"/{names}/generate_single_wav_id", 1, *seed())
        assert client.receive().address.endswith("/wav_id")
        whole = sorted(path.name for path in out.glob("*.wav"))
        before = (out / whole[0]).read_bytes()
        client.send(f"/{names}/generate_single_wav_id", 1, *seed(2))
        deadline = time.monotonic() + PATIENCE_S
        while not any(path.stat().st_size > 100 for path in out.glob(".*.part")):
            assert time.monotonic() < deadline
            time.sleep(0.001)
        process.kill()
        process.wait()
    assert sorted(path.name for path in out.glob("*.wav")) == whole
    assert (out / whole[0]).read_bytes() == before
    assert any(out.glob(".*.part"))  # it was killed while writing
    assert soundfile.info(out / whole[0]).frames == 64
    with running(out) as bridge:  # leftovers do no harm
        (reply, *_) = bridge.client.ask(f"/{names}/generate_single_wav_id", 1, *seed())
        assert reply.address.endswith("/wav_id")


def test_only_loopback_is_listened_on(bridge):
    if sys.platform == "darwin":
        pytest.skip("macOS has one loopback address only")
    assert bridge.server.address[0] == LOOPBACK
    stranger = Client(("127.0.0.2", bridge.port))
    stranger.send("/cc/isAlive")
    assert bridge.client.receive_within() is None
    stranger.close()


def test_a_host_that_is_not_allowed_gets_no_reply(tmp_path):
    drops = DropRecorder()
    with running(tmp_path, host="0.0.0.0", allowed=(), listeners=[drops]) as bridge:
        bridge.server.handle(encoded("/cc/isAlive"), ("192.0.2.1", 5000))
        assert bridge.client.replies() == []
        ((sender, reason),) = drops.heard
        assert sender == "192.0.2.1:5000"
        assert "--allow" in reason


def converse():
    """Run in a network namespace in which FAR is another address of this machine."""
    folder = Path(sys.argv[2])
    with running(folder) as bridge:
        bridge.client.to = (FAR, bridge.port)
        bridge.client.send("/cc/isAlive")
        print("loopback only:", bridge.client.receive_within())
    far = Client(host=FAR)
    for allowed in ((), (FAR,), ("10.77.0.0/16",)):
        with running(folder, host="0.0.0.0", reply_port=far.port, hosts=allowed) as bridge:
            far.to = (FAR, bridge.port)
            far.send("/cc/isAlive")
            print(allowed, far.receive_within())
            if allowed:
                far.send("/cc/register", far.port, FAR)
                print(far.receive())
    far.close()


def test_only_allowed_hosts_get_replies_at_a_second_address(tmp_path):
    if sys.platform != "linux" or not shutil.which("ip"):
        pytest.skip("network namespaces are Linux's own, and need iproute2")
    inside = f'ip link set lo up && ip address add {FAR}/32 dev lo && exec "$@"'
    done = subprocess.run(
        [
            "unshare",
            "--map-root-user",
            "--net",
            "sh",
            "-c",
            inside,
            "sh",
            sys.executable,
            __file__,
            "in",
            str(tmp_path),
        ],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(tmp_path)},
        timeout=60,
        check=False,
    )
    if "unshare" in done.stderr or "Operation not permitted" in done.stderr:
        pytest.skip("this machine does not allow network namespaces")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "loopback only: None",
        "() None",
        f"('{FAR}',) /ccret/alive",
        f"/ccret/registered '{FAR}' {_port(done.stdout, 3)}",
        "('10.77.0.0/16',) /ccret/alive",
        f"/ccret/registered '{FAR}' {_port(done.stdout, 5)}",
    ]


def _port(text, line):
    return text.splitlines()[line].rpartition(" ")[2]


if __name__ == "__main__":
    converse()
