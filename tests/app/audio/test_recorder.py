"""Recording to a file."""

import shutil
import subprocess
import sys
import time

import numpy as np
import pytest
import soundfile

from app.audio import recorder as module
from app.audio.recorder import Recorder
from technogan.errors import OutputError

RATE = 8000


@pytest.fixture
def recorder():
    recorder = Recorder()
    yield recorder
    recorder.stop()


def until(condition, seconds=10.0):
    """Wait until another thread makes the condition true."""
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)
    assert condition()


def test_every_block_is_in_the_file(recorder, tmp_path, rng):
    sound = rng.uniform(-0.9, 0.9, (5 * RATE, 2)).astype(np.float32)
    recorder.offer(sound[:100])  # before: not recorded
    recorder.start(tmp_path / "set.wav", RATE)
    for start in range(0, len(sound), 384):
        recorder.offer(sound[start : start + 384])
    state = recorder.stop()
    recorder.offer(sound[:100])  # after: not recorded
    read, rate = soundfile.read(tmp_path / "set.wav")
    assert (rate, read.shape) == (RATE, sound.shape)
    assert np.abs(read - sound).max() < 2**-22
    assert (state.path, state.seconds, state.running, state.error) == (tmp_path / "set.wav", 5.0, False, None)


def test_it_is_written_while_it_runs(recorder, tmp_path):
    recorder.start(tmp_path / "set.wav", RATE)
    recorder.offer(np.zeros((RATE, 2), np.float32))
    until(lambda: recorder.state.seconds == 1.0)
    assert soundfile.info(tmp_path / "set.wav").frames == RATE
    assert recorder.state.running


def test_the_next_recording_is_another_file(recorder, tmp_path):
    for name, n_frames in (("a.wav", 100), ("b.wav", 200)):
        recorder.start(tmp_path / name, RATE)
        recorder.offer(np.zeros((n_frames, 2), np.float32))
    recorder.stop()
    assert [soundfile.info(tmp_path / name).frames for name in ("a.wav", "b.wav")] == [100, 200]


def test_another_rate_is_another_file(recorder, tmp_path):
    (tmp_path / "set-2.wav").touch()
    recorder.start(tmp_path / "set.wav", RATE)
    recorder.offer(np.zeros((100, 2), np.float32))
    recorder.change_rate(2 * RATE)
    recorder.offer(np.zeros((300, 2), np.float32))
    assert recorder.stop().path == tmp_path / "set-3.wav"
    infos = [soundfile.info(tmp_path / name) for name in ("set.wav", "set-3.wav")]
    assert [(info.frames, info.samplerate) for info in infos] == [(100, RATE), (300, 2 * RATE)]


def test_another_rate_starts_nothing_unless_it_records(recorder, tmp_path):
    recorder.change_rate(RATE)
    assert recorder.state is None
    recorder.start(tmp_path / "a.wav", RATE)
    recorder.stop()
    recorder.change_rate(RATE)
    assert [path.name for path in tmp_path.iterdir()] == ["a.wav"]


def test_an_existing_file_is_refused_and_kept(recorder, tmp_path):
    (tmp_path / "a.wav").write_bytes(b"precious")
    with pytest.raises(OutputError, match="a file of that name exists"):
        recorder.start(tmp_path / "a.wav", RATE)
    assert (tmp_path / "a.wav").read_bytes() == b"precious"
    assert recorder.stop() is None


def test_a_slow_disk_ends_it_with_a_reason(recorder, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_WRITE_EVERY_S", 60)
    recorder.start(tmp_path / "a.wav", RATE)
    for _ in range(21):
        recorder.offer(np.zeros((RATE, 2), np.float32))
    state = recorder.stop()
    assert "too slow" in str(state.error)
    assert soundfile.info(tmp_path / "a.wav").frames == 20 * RATE


@pytest.mark.skipif(sys.platform != "linux" or shutil.which("mount") is None, reason="mounts a small disk")
def test_a_full_disk_keeps_what_was_recorded(recorder, tmp_path, rng):
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", disk], check=False).returncode:
        pytest.skip("only root can mount a small disk")
    try:
        sound = rng.uniform(-0.9, 0.9, (20 * RATE, 2)).astype(np.float32)
        recorder.start(disk / "set.wav", RATE)
        recorder.offer(sound[:RATE])
        until(lambda: recorder.state.seconds == 1.0)
        recorder.offer(sound[RATE:])
        until(lambda: not recorder.state.running)
        state = recorder.stop()
        assert "the disk is full" in str(state.error)
        assert not (disk / "other.wav").exists()
        read, _ = soundfile.read(disk / "set.wav")
        assert len(read) >= RATE
        assert np.abs(read - sound[: len(read)]).max() < 2**-22
    finally:
        recorder.stop()
        subprocess.run(["umount", disk], check=True)


def test_after_a_kill_the_file_is_valid_up_to_then(tmp_path):
    code = f"""
import numpy, time
from pathlib import Path
from app.audio.recorder import Recorder
recorder = Recorder()
recorder.start(Path({str(tmp_path / "set.wav")!r}), {RATE})
recorder.offer(numpy.full(({RATE}, 2), 0.25, numpy.float32))
while recorder.state.seconds < 1: time.sleep(0.01)
print("written", flush=True)
time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            assert process.stdout.readline() == "written\n"
        finally:
            process.kill()
    read, _ = soundfile.read(tmp_path / "set.wav")
    assert np.allclose(read, 0.25)
    assert read.shape == (RATE, 2)
