"""Which hosts may send commands, and where replies go."""

import pytest

from technogan.errors import PortError, RequestError, SettingError
from technogan.osc.peers import MAX_REGISTERED, REGISTERED_FOR_S, Peers
from technogan.osc.ports import DEFAULT_PORT, DEFAULT_REPLY_PORT, LOOPBACK
from technogan.osc.server import Server
from technogan.osc.service import Service
from tests.osc_bridge import FakeEngine, running

ONE, TWO = (LOOPBACK, 5001), (LOOPBACK, 5002)


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def test_a_registration_expires_after_an_hour_without_a_message():
    clock = Clock()
    peers = Peers(DEFAULT_REPLY_PORT, clock=clock)
    peers.register(ONE, 9001)
    peers.register(TWO, 9002)
    for _ in range(3):
        clock.now += 0.9 * REGISTERED_FOR_S
        assert peers.reply_address(ONE) == (LOOPBACK, 9001)
    assert peers.reply_address(TWO) == (LOOPBACK, DEFAULT_REPLY_PORT)
    clock.now += 1.1 * REGISTERED_FOR_S
    assert peers.reply_address(ONE) == (LOOPBACK, DEFAULT_REPLY_PORT)
    with pytest.raises(RequestError, match="not registered"):
        peers.unregister(ONE)


def test_a_registration_expires_over_the_network(tmp_path):
    clock = Clock()
    with running(tmp_path, clock=clock) as bridge:
        other = bridge.another().register()
        other.send("/cc/isAlive")
        assert other.receive().address == "/ccret/alive"
        clock.now += REGISTERED_FOR_S + 1
        other.send("/cc/isAlive")
        assert bridge.client.receive().address == "/ccret/alive"


def test_registrations_are_bounded():
    peers = Peers(DEFAULT_REPLY_PORT)
    for i in range(MAX_REGISTERED):
        peers.register((LOOPBACK, 20000 + i), 9000)
    with pytest.raises(RequestError, match="already registered"):
        peers.register(ONE, 9000)
    peers.unregister((LOOPBACK, 20000))
    peers.register(ONE, 9000)


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("::ffff:192.168.1.7", True),
        ("::ffff:192.168.1.8", False),
        ("192.168.1.7", True),
        ("10.1.2.3", True),
        ("10.2.0.1", False),
        ("192.168.1.8", False),
        ("0.0.0.0", False),
        ("fe80::1%eth0", False),
        ("nonsense", False),
    ],
)
def test_only_loopback_and_listed_hosts_are_allowed(host, allowed):
    assert Peers(DEFAULT_REPLY_PORT, allowed=["192.168.1.7", "10.1.0.0/16"]).is_allowed(host) == allowed


def test_a_bridge_does_not_reply_to_itself(tmp_path):
    peers = Peers(DEFAULT_REPLY_PORT)
    peers.own = ("0.0.0.0", DEFAULT_PORT)
    with pytest.raises(RequestError, match="own"):
        peers.register(ONE, DEFAULT_PORT)
    with pytest.raises(SettingError, match="reply port"):
        Server(Service(FakeEngine(), directory=tmp_path), port=DEFAULT_REPLY_PORT, reply_port=DEFAULT_REPLY_PORT)


def test_names_are_looked_up_only_at_the_start(monkeypatch):
    asked = []

    def look_up(host, *_):
        asked.append(host)
        return [(0, 0, 0, "", ("192.168.1.7", 0))]

    monkeypatch.setattr("socket.getaddrinfo", look_up)
    peers = Peers(DEFAULT_REPLY_PORT, allowed=["studio", "192.168.2.0/24"])
    assert asked == ["studio"]
    assert peers.register(ONE, 9000, "studio") == ("192.168.1.7", 9000)
    assert peers.register(ONE, 9000, "localhost") == (LOOPBACK, 9000)
    for host in ("stage", "192.168.3.1"):
        with pytest.raises(RequestError, match="are not allowed"):
            peers.register(ONE, 9000, host)
    assert asked == ["studio"]


@pytest.mark.parametrize("options", [{"port": 70000}, {"reply_port": 0}, {"allowed": ["no such host\n"]}])
def test_impossible_options_are_refused(tmp_path, options):
    with pytest.raises(SettingError):
        Server(Service(FakeEngine(), directory=tmp_path), **options)


def test_an_unavailable_port_or_host_is_an_error(bridge, tmp_path):
    service = Service(FakeEngine(), directory=tmp_path)
    with pytest.raises(PortError, match=r"in use.*--port"):
        Server(service, port=bridge.port).start()
    for host in ("203.0.113.7", "no such host"):
        with pytest.raises(PortError, match="--host"):
            Server(service, host=host, port=0).start()


def test_two_bridges_run_side_by_side(bridge, tmp_path):
    with running(tmp_path / "second") as second:
        for each in (bridge, second):
            (reply,) = each.client.ask("/cc/get_target_dir")
            assert reply.arguments == (f"target dir is: {each.directory.as_posix()}/",)


def test_a_vanished_client_does_not_stop_the_receiver(bridge, monkeypatch):
    """Windows reports an undeliverable reply when the next message is received."""

    class Reset:
        def __init__(self, real):
            self.real, self.resets = real, 3

        def receive(self):
            if self.resets:
                self.resets -= 1
                raise ConnectionResetError(10054, "forcibly closed")
            return self.real.receive()

        def __getattr__(self, name):
            return getattr(self.real, name)

    udp = Reset(bridge.server._udp)
    monkeypatch.setattr(bridge.server, "_udp", udp)
    assert [message.address for message in bridge.client.ask("/cc/isAlive")] == ["/ccret/alive"]
    bridge.client.ask("/cc/isAlive")
    assert udp.resets == 0
