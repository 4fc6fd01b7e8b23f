"""Who may ask, and where answers go."""

from __future__ import annotations

import pytest

from technogan.errors import PortError, RequestError, SettingError
from technogan.osc.peers import MAX_REGISTERED, REGISTERED_FOR_S, Peers
from technogan.osc.server import Server
from technogan.osc.service import Service
from tests.osc_bridge import FakeEngine, running

ONE, TWO = ("127.0.0.1", 5001), ("127.0.0.1", 5002)


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def test_a_registration_ends_after_an_hour_without_a_message():
    clock = Clock()
    peers = Peers(10101, clock=clock)
    peers.register(ONE, 9001)
    peers.register(TWO, 9002)
    for _ in range(3):
        clock.now += 0.9 * REGISTERED_FOR_S
        assert peers.reply_address(ONE) == ("127.0.0.1", 9001)
    assert peers.reply_address(TWO) == ("127.0.0.1", 10101)
    clock.now += 1.1 * REGISTERED_FOR_S
    assert peers.reply_address(ONE) == ("127.0.0.1", 10101)
    with pytest.raises(RequestError, match="not registered"):
        peers.unregister(ONE)


def test_a_registration_ends_over_the_wire_too(tmp_path):
    clock = Clock()
    with running(tmp_path, clock=clock) as bridge:
        other = bridge.another().register()
        other.send("/cc/isAlive")
        assert other.receive().address == "/ccret/alive"
        clock.now += REGISTERED_FOR_S + 1
        other.send("/cc/isAlive")
        assert bridge.client.receive().address == "/ccret/alive"


def test_registrations_are_bounded():
    peers = Peers(10101)
    for i in range(MAX_REGISTERED):
        peers.register(("127.0.0.1", 20000 + i), 9000)
    with pytest.raises(RequestError, match="registered already"):
        peers.register(ONE, 9000)
    peers.unregister(("127.0.0.1", 20000))
    peers.register(ONE, 9000)


@pytest.mark.parametrize(
    ("host", "may"),
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
def test_who_may_ask(host, may):
    assert Peers(10101, allowed=["192.168.1.7", "10.1.0.0/16"]).may_ask(host) == may


def test_a_bridge_does_not_answer_to_itself(tmp_path):
    peers = Peers(10101)
    peers.own = ("0.0.0.0", 10102)
    with pytest.raises(RequestError, match="own"):
        peers.register(ONE, 10102)
    with pytest.raises(SettingError, match="reply port"):
        Server(Service(FakeEngine(), directory=tmp_path), port=10101, reply_port=10101)


def test_names_are_looked_up_at_the_start_only(monkeypatch):
    asked = []

    def look_up(host, *_):
        asked.append(host)
        return [(0, 0, 0, "", ("192.168.1.7", 0))]

    monkeypatch.setattr("socket.getaddrinfo", look_up)
    peers = Peers(10101, allowed=["studio", "192.168.2.0/24"])
    assert asked == ["studio"]
    assert peers.register(ONE, 9000, "studio") == ("192.168.1.7", 9000)
    assert peers.register(ONE, 9000, "localhost") == ("127.0.0.1", 9000)
    for host in ("stage", "192.168.3.1"):
        with pytest.raises(RequestError, match="may not be answered"):
            peers.register(ONE, 9000, host)
    assert asked == ["studio"]


@pytest.mark.parametrize("options", [{"port": 70000}, {"reply_port": 0}, {"allowed": ["no such host\n"]}])
def test_options_that_make_no_sense(tmp_path, options):
    with pytest.raises(SettingError):
        Server(Service(FakeEngine(), directory=tmp_path), **options)


def test_a_port_or_a_host_that_cannot_be_had(bridge, tmp_path):
    service = Service(FakeEngine(), directory=tmp_path)
    with pytest.raises(PortError, match=r"taken.*--port"):
        Server(service, port=bridge.port).start()
    for host in ("203.0.113.7", "no such host"):
        with pytest.raises(PortError, match="--host"):
            Server(service, host=host, port=0).start()


def test_two_bridges_side_by_side(bridge, tmp_path):
    with running(tmp_path / "second") as second:
        for each in (bridge, second):
            (reply,) = each.client.ask("/cc/get_target_dir")
            assert reply.arguments == (f"target dir is: {each.directory.as_posix()}/",)


def test_a_client_that_is_gone_does_not_stop_the_receiver(bridge, monkeypatch):
    """Windows tells of an answer that found nobody when the next message is received."""

    class Reset:
        def __init__(self, real):
            self.real, self.resets = real, 3

        def recvfrom(self, size):
            if self.resets:
                self.resets -= 1
                raise ConnectionResetError(10054, "forcibly closed")
            return self.real.recvfrom(size)

        def __getattr__(self, name):
            return getattr(self.real, name)

    socket = Reset(bridge.server._socket)
    monkeypatch.setattr(bridge.server, "_socket", socket)
    assert [message.address for message in bridge.client.ask("/cc/isAlive")] == ["/ccret/alive"]
    bridge.client.ask("/cc/isAlive")
    assert socket.resets == 0
