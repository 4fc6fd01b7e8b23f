"""The player in a process of its own: messages, reports, crashes and restarts."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import cast

import numpy as np
import pytest
import soundfile

from app.audio import remote_player
from app.audio.messages import TAP_FRAMES, SetLoop
from app.audio.preparation import prepare
from app.audio.remote_player import RemotePlayer
from app.processes import child_process
from technogan.errors import DeviceError, OutputError, SettingError
from technogan.sound.loop import Loop
from tests.app.audio.loops import loop_of, loop_of_stems, techno
from tests.app.audio.test_recorder import until

RATE = 44100
# Starts a player as the window does, prints the process id of its child and dies.
ORPHAN = """
import multiprocessing, os, signal, time
from app.audio.remote_player import RemotePlayer
if __name__ == "__main__":
    player = RemotePlayer()
    player.start()
    while not player._report.loops:
        time.sleep(0.01)
    print(multiprocessing.active_children()[0].pid, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(autouse=True)
def _no_sound_card(monkeypatch, tmp_path):
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path}/none")
    monkeypatch.setattr(child_process, "_PAUSES_S", (0.02,))


@pytest.fixture
def player():
    with RemotePlayer(n_voices=3) as player:
        yield player


def child():
    (process,) = multiprocessing.active_children()
    return process.pid


def is_defunct(process_id):
    """Return whether the process ended but was never waited for, as happens in containers."""
    stat = Path(f"/proc/{process_id}/stat")
    return stat.exists() and stat.read_text().rsplit(")", 1)[1].split()[0] == "Z"


def wait_for_sound(player):
    until(lambda: np.abs(player.mixer.tap(TAP_FRAMES)).max() > 0.1, 20)
    assert player.mixer.meter().true_peak > 0.1


def kill(player):
    before = child()
    os.kill(before, signal.SIGKILL)
    until(lambda: [process.pid for process in multiprocessing.active_children()] not in ([], [before]))


def test_messages_sent_before_the_start_take_effect():
    player = RemotePlayer()
    loop = techno()
    player.set_loop(0, loop)
    player.mixer.start(0)
    player.mixer.run(True)
    assert player.loop_in(0) is None
    with player:
        wait_for_sound(player)
        assert player.loop_in(0) is loop
        assert player.mixer.tap(1024).any()


def test_the_tap_holds_frames_of_the_loop(player):
    loop = techno()
    player.set_loop(0, loop)
    player.mixer.start(0)
    player.mixer.run(True)
    whole = loop.resampled(RATE).samples

    def of_the_loop():
        newest = player.mixer.tap(TAP_FRAMES)
        place = np.flatnonzero(whole == newest[0])
        return any(np.array_equal(np.take(whole, np.arange(i, i + TAP_FRAMES), mode="wrap"), newest) for i in place)

    until(of_the_loop)


def test_a_prepared_loop_is_sent_along(player):
    loop = techno()
    player.add_prepared(prepare(loop, bpm=128.0, sample_rate=RATE))
    player.set_loop(1, loop)
    until(lambda: player.loop_in(1) is loop, 20)
    player.set_loop(1, None)
    until(lambda: player.loop_in(1) is None and player._report.loops[1] == 2)


def test_every_mixer_message_takes_effect(player):
    mixer = player.mixer
    for voice, size in enumerate((0.4, 0.2)):
        player.set_loop(voice, loop_of(np.full(16384, size), 1))
        mixer.start(voice)
    mixer.run(True)

    def level():
        return float(np.abs(mixer.tap(64)).mean())

    until(lambda: level() == pytest.approx(0.6, abs=1e-3), 20)
    mixer.set_muted(0, True)
    until(lambda: level() == pytest.approx(0.2, abs=1e-3))
    mixer.set_solo(0, True)
    until(lambda: level() == 0)
    mixer.set_muted(0, False)
    until(lambda: level() == pytest.approx(0.4, abs=1e-3))
    mixer.set_level(0, 0.5)
    until(lambda: level() == pytest.approx(0.2, abs=1e-3))
    mixer.set_master(0.5)
    until(lambda: level() == pytest.approx(0.1, abs=1e-3))
    for voice in range(2):  # a soloed voice that does not play silences no other
        mixer.stop(voice, when="beat")
    until(lambda: level() == 0)


@pytest.mark.skipif(sys.platform == "win32", reason="kills with a signal")
@pytest.mark.parametrize("is_prepared", [True, False])
def test_stems_are_sent_along_and_their_gains_survive_a_restart(player, is_prepared):
    loop = loop_of_stems(kick=np.full(16384, 0.4), drums=np.full(16384, 0.2), music=np.full(16384, 0.1))
    if is_prepared:
        player.add_prepared(prepare(loop, bpm=128.0, sample_rate=RATE))
    player.set_loop(0, loop)
    player.mixer.start(0)
    player.mixer.run(True)

    def level():
        return float(np.abs(player.mixer.tap(64)).mean())

    until(lambda: level() == pytest.approx(0.7, abs=1e-3), 20)
    player.mixer.set_stem(0, "kick", 0.0)
    player.mixer.set_stem(0, "drums", 0.5)
    until(lambda: level() == pytest.approx(0.2, abs=1e-3))
    kill(player)
    until(lambda: level() == pytest.approx(0.2, abs=1e-3), 20)


def test_the_playhead_moves_at_the_tempo(player):
    player.set_tempo(150.0)
    player.mixer.run(True)
    until(lambda: player._report.mark.beats_per_second == 2.5, 20)
    beats = player.beats_heard()
    until(lambda: player.beats_heard() > beats + 1)


def test_without_a_device_the_status_has_the_reason(player):
    until(lambda: "no device" not in player.status.problem, 20)
    assert player.status.device is None
    assert player.status.problem
    assert player.devices() == ()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda player: player.mixer.set_level(0, 9.0), "level"),
        (lambda player: player.mixer.start(7), "voice"),
        (lambda player: player.set_loop(7, techno()), "voice"),
        (lambda player: player.set_loop(0, loop_of(np.full(16384, np.nan))), "samples"),
    ],
)
def test_refused_messages_are_reported_and_the_sound_continues(player, call, message):
    call(player)
    until(lambda: player._problems, 20)
    (problem,) = player.take_problems()
    assert isinstance(problem, SettingError)
    assert message in str(problem)
    player.set_loop(0, techno())
    player.mixer.start(0)
    player.mixer.run(True)
    wait_for_sound(player)


def test_an_invalid_tempo_is_refused_at_once(player):
    with pytest.raises(SettingError, match="bpm"):
        player.set_tempo(0.0)


def test_the_tap_is_limited_to_the_frames_of_a_report(player):
    with pytest.raises(SettingError, match="4096"):
        player.mixer.tap(TAP_FRAMES + 1)


def test_a_recording_starts_runs_and_ends(player, tmp_path):
    player.set_loop(0, techno())
    player.mixer.start(0)
    player.mixer.run(True)
    wait_for_sound(player)
    player.record(tmp_path / "set.wav")
    until(lambda: player.recording is not None and player.recording.seconds > 0.5)
    assert player.recording.running
    player.stop_recording()
    until(lambda: not player.recording.running)
    assert soundfile.read(tmp_path / "set.wav")[0].any()


def test_a_recording_that_cannot_start_is_refused_at_once(player, tmp_path):
    (tmp_path / "set.wav").touch()
    with pytest.raises(OutputError, match=r"set\.wav"):
        player.record(tmp_path / "set.wav")


def test_closing_ends_the_recording_and_the_process(tmp_path):
    with RemotePlayer() as player:
        player.record(tmp_path / "set.wav")
        until(lambda: player.recording is not None and player.recording.seconds > 0.3)
        began = child()
    assert began not in [process.pid for process in multiprocessing.active_children()]
    assert soundfile.info(tmp_path / "set.wav").duration > 0.3


@pytest.mark.skipif(sys.platform == "win32", reason="kills with a signal")
def test_a_process_that_dies_is_restarted_with_the_same_state(player, tmp_path):
    loops = [loop_of(np.full(16384, size), 1) for size in (0.1, 0.2)]
    for voice, loop in enumerate(loops):
        player.set_loop(voice, techno(seed=9))
        player.set_loop(voice, loop)
        player.mixer.start(voice)
        player.mixer.set_level(voice, 0.5)
    player.mixer.run(True)
    until(lambda: float(player.mixer.tap(64).mean()) == pytest.approx(0.15, abs=1e-3), 20)
    player.record(tmp_path / "set.wav")
    until(lambda: player.recording is not None and player.recording.seconds > 0.3)
    dropouts = player.status.dropouts
    kill(player)
    (problem,) = player.take_problems()
    assert isinstance(problem, DeviceError)
    assert "audio engine stopped" in str(problem)
    assert not player.recording.running
    assert "kept" in str(player.recording.error)
    assert soundfile.info(tmp_path / "set.wav").duration > 0.3
    until(lambda: float(player.mixer.tap(64).mean()) == pytest.approx(0.15, abs=1e-3), 20)
    assert player.status.dropouts > dropouts
    until(lambda: player.loop_in(1) is loops[1])


def test_a_loop_that_cannot_be_prepared_is_reported_and_the_sound_continues(player):
    until(lambda: player._report.loops, 20)
    before = child()
    player.send(SetLoop(0, 1, cast("Loop", "not a loop"), None, "now"))
    until(lambda: player._problems, 20)
    (problem,) = player.take_problems()
    assert "cannot be played" in str(problem)
    player.set_loop(1, techno())
    player.mixer.start(1)
    player.mixer.run(True)
    wait_for_sound(player)
    assert child() == before


@pytest.mark.skipif(sys.platform == "win32", reason="stops with a signal")
def test_a_frozen_process_is_noticed_and_replaced(player):
    loop = loop_of(np.full(16384, 0.3), 1)
    player.set_loop(0, loop)
    player.mixer.start(0)
    player.mixer.run(True)
    until(lambda: float(player.mixer.tap(64).mean()) == pytest.approx(0.3, abs=1e-3), 20)
    before = child()
    os.kill(before, signal.SIGSTOP)
    until(lambda: player._problems, 20)
    (problem,) = player.take_problems()
    assert "does not respond" in str(problem)
    until(lambda: float(player.mixer.tap(64).mean()) == pytest.approx(0.3, abs=1e-3), 20)
    assert child() != before


@pytest.mark.skipif(sys.platform == "win32", reason="stops with a signal")
def test_a_frozen_process_does_not_delay_closing():
    player = RemotePlayer()
    player.start()
    until(lambda: player._report.loops, 20)
    stopped = child()
    os.kill(stopped, signal.SIGSTOP)
    began = time.monotonic()
    player.close()
    assert time.monotonic() - began < 5
    assert not multiprocessing.active_children()


@pytest.mark.skipif(sys.platform == "win32", reason="kills with a signal")
def test_a_recording_asked_of_a_frozen_process_starts_in_the_next_one(player, tmp_path):
    until(lambda: player._report.loops, 20)
    os.kill(child(), signal.SIGSTOP)
    player.record(tmp_path / "set.wav")
    until(lambda: player.recording is not None and player.recording.seconds > 0.3, 20)
    assert player.recording.running


@pytest.mark.skipif(sys.platform == "win32", reason="stops with a signal")
def test_a_recording_that_cannot_start_in_time_is_refused(player, tmp_path, monkeypatch):
    until(lambda: player._report.loops, 20)
    monkeypatch.setattr(remote_player, "_TIMEOUT_S", 0.1)
    os.kill(child(), signal.SIGSTOP)
    with pytest.raises(OutputError, match="does not respond"):
        player.record(tmp_path / "set.wav")
    until(lambda: player._report.loops, 20)
    assert not (tmp_path / "set.wav").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="kills with a signal")
def test_the_process_ends_when_its_parent_is_killed():
    done = subprocess.run([sys.executable, "-c", ORPHAN], stdout=subprocess.PIPE, text=True, timeout=60, check=False)
    process_id = int(done.stdout)

    def has_ended():
        try:
            os.kill(process_id, 0)
        except ProcessLookupError:
            return True
        return is_defunct(process_id)

    until(has_ended, 20)
