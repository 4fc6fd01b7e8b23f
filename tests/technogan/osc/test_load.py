"""Many requests at once: none is lost, each is answered once, and no partial file is ever visible."""

import threading
from collections import Counter
from pathlib import Path

import pytest
import soundfile

from technogan.seeds.origin import Origin
from technogan.sound.wav import read_comment
from tests.osc_bridge import encoded, seed


class Poller:
    """Reads every WAV in a folder, over and over, and checks that it is complete."""

    def __init__(self, directory):
        self.directory = directory
        self.read = 0
        self.faults: list[str] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._poll)
        self._thread.start()

    def _poll(self):
        while not self._stop.is_set():
            for path in self.directory.glob("*.wav"):
                try:
                    data = path.read_bytes()
                except OSError:  # an old file that was deleted, or (Windows) one that is being replaced
                    continue
                whole = (
                    len(data) == 8 + int.from_bytes(data[4:8], "little")
                    if path.suffix == ".wav"
                    else data[-8:-4] == b"IEND"
                )
                if not whole:
                    self.faults.append(f"{path.name}: {len(data)} bytes")
                self.read += 1

    def stop(self):
        self._stop.set()
        self._thread.join()


def terminal(replies):
    """Return (id, file name or error code) of all final replies."""
    found = []
    for reply in replies:
        if reply.address.endswith("/error"):
            found.append((reply.arguments[1], reply.arguments[2]))
        elif reply.address == "/ccret/wav_id":
            found.append((reply.arguments[0], Path(reply.arguments[1]).name))
        elif reply.address == "/ggret/wav_id":
            id, path = reply.arguments[0].split(" ", 1)
            found.append((int(id), Path(path).name))
    return found


@pytest.mark.parametrize("dialect", ["cc", "gg"])
def test_a_thousand_requests_of_three_clients(bridge, dialect):
    """Each request gets one reply, in order for each id."""
    poller = Poller(bridge.directory)
    clients = [bridge.client, bridge.another().register(), bridge.another().register()]
    answers: dict[int, list] = {}
    pace = bridge.server.capacity // 4
    asked = [[(i % 50, i) for i in range(334)] for _ in clients]

    def play(k):
        client = clients[k]
        answers[k] = []
        for i, (id, value) in enumerate(asked[k]):
            client.send(f"/{dialect}/generate_single_wav_id", 100 * k + id, *seed(value / 4))
            if i % pace == pace - 1:  # a small receive buffer limits the rate
                answers[k] += client.replies()
        answers[k] += client.replies()

    threads = [threading.Thread(target=play, args=(k,)) for k in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    poller.stop()
    assert poller.faults == []
    assert poller.read > 0
    for k in range(3):
        got = terminal(answers[k])
        assert Counter(id for id, _ in got) == Counter(100 * k + id for id, _ in asked[k])
        for id in range(50):
            # The newest request is answered last, with a file.
            assert [what for each, what in got if each == 100 * k + id][-1].endswith(".wav")
    rendered = [seeds[0] for seeds in bridge.engine.rendered]
    assert len(rendered) == sum(what.endswith(".wav") for k in range(3) for _, what in terminal(answers[k]))


def test_replies_for_an_id_have_the_order_of_its_requests(bridge):
    for value in range(100):
        bridge.client.send("/cc/generate_single_wav_id", 5, *seed(value))
    done = [reply.arguments[1] for reply in bridge.client.replies() if reply.address == "/ccret/wav_id"]
    values = [Origin.from_json(read_comment(Path(path))).seeds[0].values[0] for path in done]
    assert values == sorted(values)
    assert values[-1] == 99


def needs_capacity(bridge):
    if bridge.server.capacity < 500:
        pytest.skip(f"the receive buffer holds only {bridge.server.capacity} requests (Linux: net.core.rmem_max)")


def test_a_burst_of_500_requests_is_answered(bridge):
    needs_capacity(bridge)
    messages = [encoded("/cc/generate_single_wav_id", i, *seed(i / 5)) for i in range(500)]
    for message in messages:
        bridge.client.send_bytes(message)
    got = terminal(bridge.client.replies())
    assert [id for id, _ in got] == list(range(500))
    newest = sorted(path.name for path in bridge.directory.iterdir())
    assert newest == sorted(name for _, name in got[-256:])
    assert soundfile.info(bridge.directory / newest[-1]).frames > 0


def test_a_burst_while_the_receiver_is_busy_is_buffered(bridge, monkeypatch):
    """The receive buffer holds 500 fades, the largest requests."""
    needs_capacity(bridge)
    handled = threading.Event()
    handle = bridge.server.handle

    def slow(datagram, source):
        handled.wait(20)
        handle(datagram, source)

    monkeypatch.setattr(bridge.server, "handle", slow)
    for i in range(500):
        bridge.client.send("/cc/generate_fade", i, 2, *seed(1), *seed(2))
    handled.set()
    assert len(terminal(bridge.client.replies())) == 500


def test_the_receive_buffer_has_a_megabyte_if_the_system_allows_it(bridge):
    limit = Path("/proc/sys/net/core/rmem_max")
    may = int(limit.read_text()) if limit.exists() else 1 << 20
    assert bridge.server.capacity >= min(1 << 20, may) // 2304
