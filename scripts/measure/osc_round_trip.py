#!/usr/bin/env python
"""Measure the time that the OSC bridge adds to rendering: the round trip of generate_single_wav_id, including the file.

The engine is timed inside the same request, so that machine load does not distort the difference.

usage: python scripts/measure/osc_round_trip.py [MODEL] [COUNT]
"""

import socket
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from technogan.engine import Engine
from technogan.network.library import find_model
from technogan.osc.packet import Message, encode_message
from technogan.osc.ports import LOOPBACK
from technogan.osc.server import Server
from technogan.osc.service import Service, warm_up
from technogan.seeds.seed import Seed
from technogan.sound.loop import Loop


class TimedEngine(Engine):
    """An engine that records the duration of its last render."""

    took = 0.0

    def render(self, *arguments: Any, **options: Any) -> Loop:
        """See Engine."""
        began = time.perf_counter()
        try:
            return super().render(*arguments, **options)
        finally:
            self.took = time.perf_counter() - began


def measure(engine: TimedEngine, folder: Path, count: int) -> list[tuple[float, float]]:
    """Return (engine, round trip) times in seconds, one pair per request."""
    client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    client.bind((LOOPBACK, 0))
    service = Service(engine, directory=folder)
    server = Server(service, port=0, reply_port=client.getsockname()[1])
    server.start()
    service.start()
    for _ in range(2):  # the start messages in both dialects
        client.recv(9999)
    found = []
    for i in range(count):
        data = encode_message(Message("/cc/generate_single_wav_id", "i" + "f" * 64, (3, *Seed.from_integer(i).values)))
        began = time.perf_counter()
        client.sendto(data, server.address)
        client.recv(9999)
        found.append((engine.took, time.perf_counter() - began))
    service.stop()
    server.stop()
    return found


def main() -> None:
    """Measure and print."""
    model, count = sys.argv[1] if len(sys.argv) > 1 else "bar", int(sys.argv[2]) if len(sys.argv) > 2 else 200
    engine = TimedEngine(find_model(model))
    warm_up(engine)
    with tempfile.TemporaryDirectory() as folder:
        found = measure(engine, Path(folder), count)
    alone, through = (1e3 * statistics.median(times) for times in zip(*found, strict=True))
    added = sorted(1e3 * (b - a) for a, b in found)
    print(f"{model}, {count} requests: engine {alone:.2f} ms, round trip {through:.2f} ms (medians)")
    print(f"added: median {statistics.median(added):.2f} ms, 99 % below {added[int(0.99 * count)]:.2f} ms")


if __name__ == "__main__":
    main()
