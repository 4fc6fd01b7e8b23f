"""A run's metrics as TensorBoard event files: `tensorboard --logdir RUN` draws their curves."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Self

TENSORBOARD = "tensorboard"


class TensorboardLog:
    """A writer of event files, independent of Keras's back end."""

    def __init__(self, folder: Path) -> None:
        from tensorboard.summary.writer.event_file_writer import EventFileWriter

        self._writer = EventFileWriter(str(folder / TENSORBOARD))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._writer.close()

    def add(self, images: int, metrics: Mapping[str, float], group: str) -> None:
        """Add metrics after this many images, as GROUP/NAME."""
        from tensorboard.compat.proto.event_pb2 import Event
        from tensorboard.compat.proto.summary_pb2 import Summary

        values = [Summary.Value(tag=f"{group}/{name}", simple_value=value) for name, value in metrics.items()]
        self._writer.add_event(Event(wall_time=time.time(), step=images, summary=Summary(value=values)))
