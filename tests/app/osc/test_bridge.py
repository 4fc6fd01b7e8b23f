"""The OSC service inside the window."""

import pytest

from app.osc.bridge import OscBridge
from technogan.errors import PortError
from technogan.osc.ports import LOOPBACK, free_port
from tests.app.fakes import SPEC, FakeEngine
from tests.osc_bridge import Client, seed


@pytest.fixture
def client():
    made = Client()
    yield made
    made.close()


@pytest.fixture
def bridge(qtbot, client, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    made = OscBridge()
    port = free_port()
    made.start(FakeEngine(), lambda _name: FakeEngine(), port=port, reply_port=client.port, bpm=131.0)
    client.to = (LOOPBACK, port)
    for _ in range(2):
        client.receive()
    yield made
    made.stop()
    assert not made.running


def test_a_loop_that_a_client_requests_is_emitted(bridge, client, qtbot):
    with qtbot.waitSignal(bridge.generated) as emitted:
        (reply,) = client.ask("/cc/generate_single_wav_id", 3, *seed(5))
    assert reply.arguments[0] == 3
    assert (emitted.args[0].id, emitted.args[0].kind, emitted.args[0].loop.bpm) == (3, "single", 131.0)


def test_the_tempo_is_shared_both_ways(bridge, client, qtbot):
    with qtbot.waitSignal(bridge.bpm_set) as emitted:
        client.ask("/cc/set_bpm", 140.0)
    assert emitted.args == [140.0]
    bridge.set_bpm(99.0)
    (status,) = client.ask("/cc/status")
    assert status.arguments[3] == 99.0


def test_every_message_is_counted_and_logged(bridge, client, qtbot):
    client.ask("/cc/isAlive")
    qtbot.waitUntil(lambda: bridge.count >= 2)
    assert any("/cc/isAlive" in line for line in bridge.lines)
    assert any("/ccret/alive" in line for line in bridge.lines)


def test_the_windows_own_changes_are_not_reported_back(bridge, qtbot):
    reported: list[object] = []
    bridge.bpm_set.connect(reported.append)
    bridge.model_loaded.connect(lambda *model: reported.append(model))
    bridge.set_bpm(99.0)
    bridge.set_model(SPEC.name)
    qtbot.wait(100)
    assert reported == []


def test_a_port_in_use_is_refused(bridge, client):
    other = OscBridge()
    with pytest.raises(PortError, match="in use"):
        other.start(FakeEngine(), lambda _name: FakeEngine(), port=client.to[1], reply_port=client.port, bpm=128.0)
    assert not other.running
