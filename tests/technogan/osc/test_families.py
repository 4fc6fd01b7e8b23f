"""IPv4 and IPv6: the bridge is reached at both loopback addresses, and answers at the one that it was asked at."""

import errno
import socket

import pytest

from technogan.errors import PortError
from technogan.osc import udp_port
from technogan.osc.peers import Peers
from technogan.osc.ports import DEFAULT_REPLY_PORT, LOOPBACK, LOOPBACK_6
from technogan.osc.udp_port import UdpPort
from tests.osc_bridge import Client, running, seed


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            probe.bind((LOOPBACK_6, 0))
    except OSError:
        return False
    return True


pytestmark = pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6 loopback")


@pytest.fixture
def client6(bridge):
    client = Client((LOOPBACK_6, bridge.port), LOOPBACK_6)
    yield client
    client.close()


def bound(host, port=0):
    opened = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
    opened.bind((host, port))
    return opened


def test_both_families_are_answered(bridge, client6):
    client6.register()
    (reply,) = client6.ask("/cc/generate_single_wav_id", 3, *seed())
    assert reply.address == "/ccret/wav_id"
    (reply,) = bridge.client.ask("/cc/generate_single_wav_id", 3, *seed())
    assert reply.address == "/ccret/wav_id"


def test_replies_go_to_the_reply_port_of_the_same_family(bridge, client6):
    with bound(LOOPBACK_6, bridge.client.port) as replies:
        replies.settimeout(20)
        client6.send("/cc/isAlive")
        assert replies.recv(1000).startswith(b"/ccret/alive")
    assert bridge.client.receive_within(0.05) is None


def test_localhost_is_the_address_of_the_clients_own_family():
    peers = Peers(DEFAULT_REPLY_PORT, allowed=["localhost"])
    assert peers.register((LOOPBACK_6, 5000), 9000, "localhost") == (LOOPBACK_6, 9000)
    assert peers.register((LOOPBACK, 5000), 9000, "localhost") == (LOOPBACK, 9000)


def test_a_client_may_register_an_address_of_the_other_family(bridge, client6):
    other = bridge.another()
    client6.send("/cc/register", other.port, LOOPBACK)
    assert other.receive().arguments == (LOOPBACK, other.port)
    client6.send("/cc/isAlive")
    assert other.receive().address == "/ccret/alive"


@pytest.mark.parametrize("host", [LOOPBACK, LOOPBACK_6, "0.0.0.0", "localhost"])
@pytest.mark.parametrize("taken", [LOOPBACK, LOOPBACK_6])
def test_a_port_that_is_taken_on_one_address_is_refused_by_name(host, taken):
    with bound(taken) as other:
        port = other.getsockname()[1]
        with pytest.raises(PortError, match="in use by another program") as caught:
            UdpPort(host, port)
    assert caught.value.port == port
    assert (":" in caught.value.host) == (":" in taken)


@pytest.mark.parametrize("host", [LOOPBACK_6, "::"])
def test_the_host_can_be_an_ipv6_address(tmp_path, host):
    with running(tmp_path, host=host, reply_port=DEFAULT_REPLY_PORT) as bridge:
        for address in (LOOPBACK, LOOPBACK_6):
            client = Client((address, bridge.port), address)
            client.send("/cc/register", client.port)
            assert client.receive().address == "/ccret/registered"
            client.close()


def test_a_chosen_port_is_free_on_both_addresses(monkeypatch):
    """The system chooses the port on the first address; it may be taken on the second."""
    opened: list = []
    refused: list = []
    open_one = udp_port._open

    def refuse_once(host, port):
        if host == LOOPBACK_6 and not refused:
            refused.append(port)
            raise PortError(host, port, "in use") from OSError(errno.EADDRINUSE, "")
        opened.append((host, port))
        return open_one(host, port)

    monkeypatch.setattr(udp_port, "_open", refuse_once)
    UdpPort(LOOPBACK, 0).close()
    assert [host for host, _ in opened] == [LOOPBACK, LOOPBACK, LOOPBACK_6]


@pytest.mark.parametrize("number", [errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT])
def test_a_machine_without_ipv6_is_served_on_ipv4(monkeypatch, number):
    open_one = udp_port._open

    def refuse(host, port):
        if ":" in host:
            raise PortError(host, port, "no") from OSError(number, "")
        return open_one(host, port)

    monkeypatch.setattr(udp_port, "_open", refuse)
    port = UdpPort(LOOPBACK, 0)
    assert port.address[0] == LOOPBACK
    port.close()
