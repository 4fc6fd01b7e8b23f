"""The choice of a device, and the errors if there is none."""

import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from app.audio.devices import OutputDevice, PortAudio, choose
from technogan.errors import DeviceError

SPEAKERS = OutputDevice("Speakers", "Core Audio", 2, 48000, True, 0)
INTERFACE = OutputDevice("Interface", "Core Audio", 8, 44100, False, 1)


@pytest.mark.parametrize(
    ("devices", "title", "chosen"),
    [
        ([SPEAKERS, INTERFACE], None, SPEAKERS),
        ([INTERFACE], None, INTERFACE),
        ([SPEAKERS, INTERFACE], "Interface (Core Audio)", INTERFACE),
    ],
)
def test_choose_by_title_or_default(devices, title, chosen):
    assert choose(devices, title) is chosen


@pytest.mark.parametrize(
    ("devices", "title", "message"),
    [
        ([], None, "no sound device"),
        ([], "X (ALSA)", "no sound device"),
        ([SPEAKERS], "X (ALSA)", "X .* not connected"),
    ],
)
def test_a_missing_device_is_named(devices, title, message):
    with pytest.raises(DeviceError, match=message):
        choose(devices, title)


def test_without_portaudio_every_thread_gets_the_error(monkeypatch, tmp_path):
    """Even a thread that imports it while the import in another thread is about to fail."""
    module = "import time\ntime.sleep(0.5)\nraise OSError('PortAudio library not found')"
    (tmp_path / "sounddevice.py").write_text(module)
    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(PortAudio().outputs)
        time.sleep(0.2)
        found = [first, threads.submit(PortAudio().outputs)]
    assert {str(future.exception()).partition(";")[0] for future in found} == {"PortAudio is not installed"}


def test_without_portaudio_the_error_gives_advice(monkeypatch):
    # As on a Linux without the library: the import itself raises OSError.
    class Finder:
        def find_spec(self, name, *_):
            if name == "sounddevice":
                raise OSError("PortAudio library not found")

    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Finder(), *sys.meta_path])
    for call in (PortAudio().outputs, PortAudio().rescan, lambda: PortAudio().open(SPEAKERS, 0.06)):
        with pytest.raises(DeviceError, match="PortAudio is not installed"):
            call()


def test_devices_are_not_listed_while_portaudio_restarts(monkeypatch):
    stopped, restart, states = threading.Event(), threading.Event(), []
    running = [True]

    def terminate():
        running[0] = False
        stopped.set()
        restart.wait(10)

    def query():
        states.append(running[0])
        return ()

    fake = SimpleNamespace(
        PortAudioError=OSError,
        _terminate=terminate,
        _initialize=lambda: running.__setitem__(0, True),
        query_hostapis=query,
        query_devices=query,
    )
    monkeypatch.setattr("app.audio.devices.portaudio", lambda: fake)
    devices = PortAudio()
    threads = [threading.Thread(target=devices.rescan), threading.Thread(target=devices.outputs)]
    threads[0].start()
    assert stopped.wait(10)
    threads[1].start()
    threads[1].join(0.2)
    restart.set()
    for thread in threads:
        thread.join(10)
    assert states == [True, True]
