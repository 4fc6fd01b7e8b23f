"""Fake sound devices that tests connect, disconnect and make fail."""

import time

import numpy as np

from app.audio.devices import OutputDevice
from technogan.errors import DeviceError

SPEAKERS = OutputDevice("Speakers", "Fake", 2, 44100, True, 0)
INTERFACE = OutputDevice("Interface", "Fake", 8, 48000, False, 1)


class FakeOutput:
    """Plays as fast as it is written to, and keeps what it played."""

    block_frames = 256
    latency = 0.03

    def __init__(self, device):
        self.device = device
        self.sample_rate = device.sample_rate
        self.dropouts = 0
        self.blocks = []
        self.connected = True
        self.closed = False

    def wait(self):
        pass

    def write(self, block):
        if not self.connected:
            raise DeviceError(f"{self.device.title} was disconnected: unplugged")
        assert not self.closed
        self.blocks.append(block)
        time.sleep(0.0005)

    def close(self):
        self.closed = True

    @property
    def played(self):
        return np.concatenate(self.blocks)[:, 0]


class FakeDevices:
    """Devices that are found at the next scan, as with PortAudio. connected: those that are plugged in."""

    def __init__(self, *connected):
        self.connected = list(connected)
        self._found = tuple(connected)
        self.refuses = False
        self.opened = []
        self.buffers = []

    def outputs(self):
        return self._found

    def rescan(self):
        assert all(output.closed for output in self.opened)
        self._found = tuple(self.connected)

    def open(self, device, buffer_s):
        self.buffers.append(buffer_s)
        if self.refuses:
            raise DeviceError(f"cannot open {device.title}: in use")
        self.opened.append(FakeOutput(device))
        return self.opened[-1]

    def unplug(self, device):
        self.connected.remove(device)
        for output in self.opened:
            output.connected = output.connected and output.device is not device
