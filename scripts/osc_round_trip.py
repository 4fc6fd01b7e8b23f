#!/usr/bin/env python
"""How much time the OSC bridge adds: the round trip of generate_single_wav_id beside the engine alone, in one run.

usage: python scripts/osc_round_trip.py [MODEL] [COUNT]
"""

import socket
import statistics
import sys
import tempfile
import time
from pathlib import Path

from technogan.engine import Engine
from technogan.latent import Seed
from technogan.library import find
from technogan.osc.packet import Message, datagram_of
from technogan.osc.server import Server
from technogan.osc.service import Service, warm


def main() -> None:
    """Measure in turns, so that a machine that slows down slows both."""
    model, count = sys.argv[1] if len(sys.argv) > 1 else "bar", int(sys.argv[2]) if len(sys.argv) > 2 else 200
    engine = Engine(find(model))
    warm(engine)
    client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    client.bind(("127.0.0.1", 0))
    alone, through = [], []
    with tempfile.TemporaryDirectory() as folder:
        service = Service(engine, directory=Path(folder))
        server = Server(service, port=0, reply_port=client.getsockname()[1])
        server.start()
        service.start()
        for _ in range(2):
            client.recv(9999)
        for i in range(count):
            seed = Seed.from_integer(i)
            began = time.perf_counter()
            engine.render(seed)
            alone.append(time.perf_counter() - began)
            data = datagram_of(Message("/cc/generate_single_wav_id", "i" + "f" * 64, (3, *seed.values)))
            began = time.perf_counter()
            client.sendto(data, server.address)
            client.recv(9999)
            through.append(time.perf_counter() - began)
        service.stop()
        server.stop()
    added = [1e3 * (b - a) for a, b in zip(alone, through, strict=True)]
    print(
        f"{model}: engine {1e3 * statistics.median(alone):.2f} ms, round trip {1e3 * statistics.median(through):.2f} ms"
    )
    print(f"added: median {statistics.median(added):.2f} ms, 90 % below {sorted(added)[int(0.9 * count)]:.2f} ms")


if __name__ == "__main__":
    main()
