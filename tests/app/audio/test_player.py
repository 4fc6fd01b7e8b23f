"""The player: devices are connected and disconnected while the mixer keeps running."""

import os
import sys
import threading
from dataclasses import replace

import numpy as np
import pytest
import soundfile

from app.audio import player as module
from app.audio.devices import BUFFER_S
from app.audio.null_output import NullOutput
from app.audio.player import Player
from technogan.errors import OutputError, SettingError
from tests.app.audio.loops import loop_of, techno
from tests.app.audio.outputs import INTERFACE, SPEAKERS, FakeDevices
from tests.app.audio.test_recorder import until


@pytest.fixture(autouse=True)
def _short_retry(monkeypatch):
    monkeypatch.setattr(module, "_RETRY_S", 0.02)


@pytest.fixture
def devices():
    return FakeDevices(SPEAKERS, INTERFACE)


@pytest.fixture
def player(devices):
    with Player(devices=devices) as player:
        yield player


def wait_for_device(player, device):
    until(lambda: player.status.device is device)


def test_it_plays_through_the_default_device(player):
    wait_for_device(player, SPEAKERS)
    assert str(player.status) == "playing through Speakers (Fake) at 44100 Hz, blocks of 256, latency 30 ms"


def test_a_loop_comes_out_of_the_device(player, devices):
    loop = techno()
    player.set_loop(0, loop)
    player.mixer.start(0)
    player.mixer.run(True)
    wait_for_device(player, SPEAKERS)
    wanted = loop.resampled(44100).samples
    until(lambda: len(devices.opened[0].blocks) > 400)
    played = devices.opened[0].played[40000:]
    start = np.flatnonzero(np.isclose(played, wanted[0], atol=0))[0]
    assert np.array_equal(played[start : start + len(wanted)], wanted)


def test_another_device_continues_at_the_same_beat(player, devices):
    player.set_loop(0, techno())
    player.mixer.start(0)
    player.mixer.run(True)
    wait_for_device(player, SPEAKERS)
    before = player.mixer.state.beats
    player.use_device(INTERFACE.title)
    wait_for_device(player, INTERFACE)
    until(lambda: player.mixer.state.sample_rate == 48000)
    assert devices.opened[0].closed
    state = player.mixer.state
    assert state.beats >= before
    assert state.voices[0].loop.beat_frames == 22500


def test_a_disconnected_device_is_used_again_when_it_returns(player, devices):
    player.mixer.run(True)
    wait_for_device(player, SPEAKERS)
    devices.unplug(SPEAKERS)
    devices.unplug(INTERFACE)
    wait_for_device(player, None)
    until(lambda: str(player.status).startswith("no sound device"))
    beats = player.mixer.state.beats
    until(lambda: player.mixer.state.beats > beats)  # the clock keeps running
    devices.connected.append(SPEAKERS)
    wait_for_device(player, SPEAKERS)
    assert devices.opened[0].closed


def test_it_waits_for_the_chosen_device(player, devices):
    player.use_device(INTERFACE.title)
    wait_for_device(player, INTERFACE)
    devices.unplug(INTERFACE)
    until(lambda: "Interface (Fake) is not connected" in str(player.status))
    assert player.status.device is None
    devices.connected.append(INTERFACE)
    wait_for_device(player, INTERFACE)


def test_a_device_that_does_not_open_is_tried_again(devices):
    devices.refuses = True
    with Player(devices=devices) as player:
        until(lambda: "cannot open Speakers (Fake): in use" in player.status.problem)
        devices.refuses = False
        wait_for_device(player, SPEAKERS)
        assert player.status.problem == ""


def test_a_device_with_an_impossible_rate_does_no_harm(player, devices):
    wait_for_device(player, SPEAKERS)
    odd = replace(INTERFACE, name="Odd", sample_rate=1)
    devices.connected.append(odd)
    player.use_device(odd.title)
    until(lambda: "rate is 1" in player.status.problem)
    loop = techno()
    player.set_loop(0, loop)
    player.use_device(None)
    wait_for_device(player, SPEAKERS)
    until(lambda: (held := player.mixer.state.voices[0].loop) is not None and held.source is loop)
    assert player.take_problems() == []


def test_another_buffer_reopens_the_device(player, devices):
    wait_for_device(player, SPEAKERS)
    player.use_device(None, buffer_s=0.2)
    until(lambda: len(devices.opened) == 2)
    assert devices.buffers == [BUFFER_S, 0.2]
    with pytest.raises(SettingError, match="buffer_s is 7"):
        player.use_device(None, buffer_s=7)


def test_without_devices_the_clock_still_runs():
    with Player(devices=FakeDevices()) as player:
        player.mixer.run(True)
        until(lambda: player.mixer.state.beats > 0.1)
        assert player.devices() == ()
        assert "no sound device is connected" in str(player.status)


def test_dropouts_of_all_devices_are_counted(player, devices):
    wait_for_device(player, SPEAKERS)
    devices.opened[0].dropouts = 3
    player.use_device(INTERFACE.title)
    wait_for_device(player, INTERFACE)
    devices.opened[-1].dropouts = 4
    assert player.status.dropouts == 7


def test_the_recording_is_what_was_played(player, devices, tmp_path):
    player.set_loop(0, techno())
    player.mixer.start(0)
    wait_for_device(player, SPEAKERS)
    player.record(tmp_path / "set.wav")
    player.mixer.run(True)
    until(lambda: player.mixer.state.beats > 2)
    player.stop_recording()
    read, rate = soundfile.read(tmp_path / "set.wav")
    played = devices.opened[0].played
    sounding = np.flatnonzero(played)[0]
    recorded = read[np.flatnonzero(read[:, 0])[0] :, 0]
    assert rate == 44100
    assert len(recorded) > 30000
    assert np.abs(recorded - played[sounding : sounding + len(recorded)]).max() < 2**-21


def test_a_recording_continues_on_a_device_with_another_rate(player, tmp_path):
    wait_for_device(player, SPEAKERS)
    player.record(tmp_path / "set.wav")
    player.use_device(INTERFACE.title)
    wait_for_device(player, INTERFACE)
    until(lambda: player.recording.path.name == "set-2.wav")
    player.stop_recording()
    assert [soundfile.info(path).samplerate for path in sorted(tmp_path.iterdir())] == [48000, 44100]


def test_a_recording_that_cannot_start_raises(player, tmp_path):
    (tmp_path / "a.wav").touch()
    with pytest.raises(OutputError):
        player.record(tmp_path / "a.wav")


def test_problems_with_loops_are_returned_once(player):
    player.set_loop(0, loop_of([np.nan]))
    player._preparer.wait(20)
    assert [str(problem) for problem in player.take_problems()] == [
        "samples is 'not all finite'; it must be numbers, without NaN or infinity"
    ]
    assert player.take_problems() == []


def test_an_invalid_tempo_is_refused(player):
    with pytest.raises(SettingError):
        player.set_tempo(-1)


def test_closing_ends_every_thread(devices):
    with Player(devices=devices) as player:
        wait_for_device(player, SPEAKERS)
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("technogan")]
    assert all(output.closed for output in devices.opened)


@pytest.mark.skipif(sys.platform != "linux", reason="scheduling policies of Linux")
def test_the_thread_that_plays_has_real_time_priority(player, devices):
    wait_for_device(player, SPEAKERS)
    policies = {t.name: os.sched_getscheduler(t.native_id or 0) for t in threading.enumerate()}
    if os.geteuid() != 0:
        pytest.skip("only root is sure to be permitted")
    assert policies["technogan-sound"] == os.SCHED_RR
    assert {policies["technogan-loops"], policies["technogan-device"]} == {os.SCHED_OTHER}


def test_the_switch_interval_is_short(player):
    assert sys.getswitchinterval() <= 0.001


def test_a_player_that_was_never_started_closes(devices):
    Player(devices=devices).close()


def test_the_playhead_follows_the_sound(player):
    assert player.beats_heard() == 0
    wait_for_device(player, SPEAKERS)
    player.mixer.run(True)
    until(lambda: player.mixer.state.beats > 1)
    assert player.beats_heard() > 0


def test_a_null_output_does_not_catch_up(monkeypatch):
    now = [100.0]
    slept: list[float] = []
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    monkeypatch.setattr("time.sleep", slept.append)
    clock = NullOutput(1000)
    clock.write(np.zeros((500, 2), np.float32))
    now[0] += 60  # the machine slept
    clock.write(np.zeros((500, 2), np.float32))
    clock.write(np.zeros((500, 2), np.float32))
    assert slept == [0.5, 0, 0.5]
