"""A run's figures for TensorBoard, which shows them as curves: `tensorboard --logdir RUN`."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Self

BOARD = "tensorboard"


class Board:
    """Writes event files; the back end does not matter."""

    def __init__(self, folder: Path) -> None:
        from tensorboard.summary.writer.event_file_writer import EventFileWriter

        self._writer = EventFileWriter(str(folder / BOARD))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._writer.close()

    def add(self, images: int, figures: Mapping[str, float], group: str) -> None:
        """Figures after so many images."""
        from tensorboard.compat.proto.event_pb2 import Event
        from tensorboard.compat.proto.summary_pb2 import Summary

        values = [Summary.Value(tag=f"{group}/{name}", simple_value=value) for name, value in figures.items()]
        self._writer.add_event(Event(wall_time=time.time(), step=images, summary=Summary(value=values)))
