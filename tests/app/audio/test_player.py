"""The player: devices that come and go under a mixer that never stops."""

import os
import sys
import threading
from dataclasses import replace

import numpy as np
import pytest
import soundfile

from app.audio import player as module
from app.audio.clock_only import ClockOnly
from app.audio.devices import BUFFER_S
from app.audio.player import Player
from technogan.errors import OutputError, SettingError
from tests.app.audio.loops import loop_of, techno
from tests.app.audio.outputs import INTERFACE, SPEAKERS, FakeDevices
from tests.app.audio.test_recorder import until


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    monkeypatch.setattr(module, "_RETRY_S", 0.02)


@pytest.fixture
def devices():
    return FakeDevices(SPEAKERS, INTERFACE)


@pytest.fixture
def player(devices):
    with Player(devices=devices) as player:
        yield player


def plays(player, device):
    until(lambda: player.status.device is device)


def test_it_plays_through_the_systems_own_choice(player):
    plays(player, SPEAKERS)
    assert str(player.status) == "playing through Speakers (Fake) at 44100 Hz, blocks of 256, latency 30 ms"


def test_a_loop_comes_out_of_the_device(player, devices):
    loop = techno()
    player.set_loop(0, loop)
    player.mixer.start(0)
    player.mixer.run(True)
    plays(player, SPEAKERS)
    wanted = loop.resampled(44100).samples
    until(lambda: len(devices.opened[0].blocks) > 400)
    played = devices.opened[0].played[40000:]
    start = np.flatnonzero(np.isclose(played, wanted[0], atol=0))[0]
    assert np.array_equal(played[start : start + len(wanted)], wanted)


def test_another_device_goes_on_at_the_same_beat(player, devices):
    player.set_loop(0, techno())
    player.mixer.start(0)
    player.mixer.run(True)
    plays(player, SPEAKERS)
    before = player.mixer.state.beats
    player.use(INTERFACE.title)
    plays(player, INTERFACE)
    until(lambda: player.mixer.state.sample_rate == 48000)
    assert devices.opened[0].closed
    state = player.mixer.state
    assert state.beats >= before
    assert state.voices[0].loop.beat_frames == 22500


def test_a_device_that_goes_is_missed_and_welcomed_back(player, devices):
    player.mixer.run(True)
    plays(player, SPEAKERS)
    devices.unplug(SPEAKERS)
    devices.unplug(INTERFACE)
    plays(player, None)
    until(lambda: str(player.status).startswith("no sound device"))
    beats = player.mixer.state.beats
    until(lambda: player.mixer.state.beats > beats)  # the clock goes on
    devices.connected.append(SPEAKERS)
    plays(player, SPEAKERS)
    assert devices.opened[0].closed


def test_a_device_that_was_chosen_is_waited_for(player, devices):
    player.use(INTERFACE.title)
    plays(player, INTERFACE)
    devices.unplug(INTERFACE)
    until(lambda: "Interface (Fake) is not connected" in str(player.status))
    assert player.status.device is None
    devices.connected.append(INTERFACE)
    plays(player, INTERFACE)


def test_a_device_that_refuses_is_tried_again(devices):
    devices.refuses = True
    with Player(devices=devices) as player:
        until(lambda: "does not open: in use" in player.status.problem)
        devices.refuses = False
        plays(player, SPEAKERS)
        assert player.status.problem == ""


def test_a_device_of_an_impossible_rate_does_no_harm(player, devices):
    plays(player, SPEAKERS)
    odd = replace(INTERFACE, name="Odd", sample_rate=1)
    devices.connected.append(odd)
    player.use(odd.title)
    until(lambda: "rate is 1" in player.status.problem)
    loop = techno()
    player.set_loop(0, loop)
    player.use(None)
    plays(player, SPEAKERS)
    until(lambda: (held := player.mixer.state.voices[0].loop) is not None and held.source is loop)
    assert player.problems() == []


def test_another_buffer_opens_the_device_anew(player, devices):
    plays(player, SPEAKERS)
    player.use(None, buffer_s=0.2)
    until(lambda: len(devices.opened) == 2)
    assert devices.buffers == [BUFFER_S, 0.2]
    with pytest.raises(SettingError, match="buffer_s is 7"):
        player.use(None, buffer_s=7)


def test_nothing_plays_where_there_is_nothing():
    with Player(devices=FakeDevices()) as player:
        player.mixer.run(True)
        until(lambda: player.mixer.state.beats > 0.1)
        assert player.devices() == ()
        assert "no sound device is connected" in str(player.status)


def test_dropouts_of_all_devices_are_counted(player, devices):
    plays(player, SPEAKERS)
    devices.opened[0].dropouts = 3
    player.use(INTERFACE.title)
    plays(player, INTERFACE)
    devices.opened[-1].dropouts = 4
    assert player.status.dropouts == 7


def test_what_is_recorded_is_what_was_played(player, devices, tmp_path):
    player.set_loop(0, techno())
    player.mixer.start(0)
    plays(player, SPEAKERS)
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


def test_a_recording_survives_a_device_of_another_rate(player, tmp_path):
    plays(player, SPEAKERS)
    player.record(tmp_path / "set.wav")
    player.use(INTERFACE.title)
    plays(player, INTERFACE)
    until(lambda: player.recording.path.name == "set-2.wav")
    player.stop_recording()
    assert [soundfile.info(path).samplerate for path in sorted(tmp_path.iterdir())] == [48000, 44100]


def test_a_recording_that_cannot_begin_says_so(player, tmp_path):
    (tmp_path / "a.wav").touch()
    with pytest.raises(OutputError):
        player.record(tmp_path / "a.wav")


def test_problems_with_loops_are_told_once(player):
    player.set_loop(0, loop_of([np.nan]))
    player.supply.wait(20)
    assert [str(problem) for problem in player.problems()] == [
        "samples is 'not all finite'; it must be numbers, without NaN or infinity"
    ]
    assert player.problems() == []


def test_a_tempo_that_makes_no_sense_is_refused(player):
    with pytest.raises(SettingError):
        player.set_tempo(-1)


def test_closing_ends_every_thread(devices):
    with Player(devices=devices) as player:
        plays(player, SPEAKERS)
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("technogan")]
    assert all(output.closed for output in devices.opened)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux is asked")
def test_the_thread_that_plays_goes_first_where_it_may(player, devices):
    plays(player, SPEAKERS)
    policies = {t.name: os.sched_getscheduler(t.native_id or 0) for t in threading.enumerate()}
    if os.geteuid() != 0:
        pytest.skip("only root may for certain")
    assert policies["technogan-sound"] == os.SCHED_RR
    assert {policies["technogan-loops"], policies["technogan-device"]} == {os.SCHED_OTHER}


def test_turns_are_short(player):
    assert sys.getswitchinterval() <= 0.001


def test_a_player_that_was_never_started_closes(devices):
    Player(devices=devices).close()


def test_the_playhead_follows_what_is_heard(player):
    assert player.beats_heard() == 0
    plays(player, SPEAKERS)
    player.mixer.run(True)
    until(lambda: player.mixer.state.beats > 1)
    assert player.beats_heard() > 0


def test_a_clock_without_device_does_not_catch_up(monkeypatch):
    now = [100.0]
    slept: list[float] = []
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    monkeypatch.setattr("time.sleep", slept.append)
    clock = ClockOnly(1000)
    clock.write(np.zeros((500, 2), np.float32))
    now[0] += 60  # the machine slept
    clock.write(np.zeros((500, 2), np.float32))
    clock.write(np.zeros((500, 2), np.float32))
    assert slept == [0.5, 0, 0.5]
