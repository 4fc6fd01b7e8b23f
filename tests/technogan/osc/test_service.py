"""The service without a socket, as the window hosts it: order, replacement, cancellation, progress, files."""

import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from technogan.errors import OutputError, RequestError
from technogan.files.seed_source import read_origin
from technogan.osc import commands as c
from technogan.osc.commands import Generate, LoopKind
from technogan.osc.jobs import FileSettings, JobQueue, OscJob, OscRequest
from technogan.osc.service import Listener, Service
from technogan.osc.target import FileNames, write_with_retry
from technogan.seeds.seed import Seed
from technogan.sound.loop import Loop
from technogan.sound.wav import read_comment
from tests.osc_bridge import FORMAT, PATIENCE_S, FakeEngine, N, open_model, running, seed


class Host(Listener):
    """A host that submits commands and records events and replies."""

    def __init__(self, directory, engine=None):
        self.engine = engine or FakeEngine()
        self.events = []
        self.loops = []
        self.replies = []
        self.changed = threading.Condition()
        self.service = Service(self.engine, open_model=open_model, directory=directory, listeners=[self])
        self.service.start()

    def job_started(self, job):
        self.events.append(("started", job.id))

    def job_finished(self, job, reply, loop):
        self.events.append((reply.name, job.id))
        self.loops.append(loop)

    def job_progressed(self, job, done):
        self.events.append((done, job.id))

    def submit(self, command, client="window", **options):
        def answer(reply):
            with self.changed:
                self.replies.append((client, reply))
                self.changed.notify_all()

        self.service.submit(OscRequest(command, client, answer, type(command).__name__, **options))

    def until(self, count):
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.replies) >= count, PATIENCE_S), self.replies
        return [(client, reply.name, reply.values) for client, reply in self.replies]


def single(id=0, value=1.0):
    return Generate(LoopKind.single, "wav_id", (Seed.of(seed(value)),), id)


@pytest.fixture
def host(tmp_path):
    host = Host(tmp_path)
    yield host
    assert host.service.stop()


@pytest.fixture
def held(tmp_path):
    """A host whose engine renders only when its gate is opened."""
    host = Host(tmp_path, FakeEngine(gate=threading.Event()))
    yield host
    host.engine.gate.set()
    assert host.service.stop()


def busy(host, id=99):
    """Keep the worker busy with a job."""
    host.engine.entered.clear()
    host.submit(single(id, 99.0))
    assert host.engine.entered.wait(PATIENCE_S)


def summary(replies):
    """Return (client, id, reply or error code) of replies to generating commands."""
    return [
        (client, values[0] if name != "error" else values[1], name if name != "error" else values[2])
        for client, name, values in replies
    ]


def test_a_host_receives_events_and_the_loop(host):
    host.submit(single(3))
    ((_, name, values),) = host.until(1)
    assert (name, values[0]) == ("wav_id", 3)
    assert host.service.stop()
    assert host.events == [("started", 3), ("wav_id", 3)]
    (loop,) = host.loops
    assert isinstance(loop, Loop)
    assert loop.origin == read_origin(Path(values[1]))


def test_a_newer_request_for_an_id_replaces_the_waiting_one(held):
    busy(held)
    for id, value in ((1, 10.0), (2, 20.0), (1, 11.0), (1, 12.0)):
        held.submit(single(id, value))
    held.engine.gate.set()
    assert summary(held.until(5)) == [
        ("window", 1, "superseded"),
        ("window", 1, "superseded"),
        ("window", 99, "wav_id"),
        ("window", 1, "wav_id"),
        ("window", 2, "wav_id"),
    ]
    assert [seeds[0].values[0] for seeds in held.engine.rendered] == [99.0, 12.0, 20.0]


def test_a_request_without_an_id_has_id_0(held):
    busy(held)
    held.submit(Generate(LoopKind.single, "wav", (Seed.of(seed(1)),)))
    held.submit(Generate(LoopKind.walk, "wav", (Seed.of(seed(2)),), steps=2, morph=3.0))
    held.submit(single(0, 3.0))
    held.engine.gate.set()
    assert [what for *_, what in summary(held.until(4))] == ["superseded", "superseded", "wav_id", "wav_id"]


def test_ids_of_different_clients_are_separate(held):
    busy(held)
    held.submit(single(1, 10.0), client="a")
    held.submit(single(1, 20.0), client="b")
    held.engine.gate.set()
    assert summary(held.until(3))[1:] == [("a", 1, "wav_id"), ("b", 1, "wav_id")]


def test_replies_for_an_id_keep_their_order_while_it_runs(held):
    busy(held, id=1)
    held.submit(single(1, 10.0))
    held.submit(single(1, 11.0))
    assert held.replies == []
    held.engine.gate.set()
    assert summary(held.until(3)) == [("window", 1, what) for what in ("wav_id", "superseded", "wav_id")]


def test_a_replaced_request_is_answered_before_the_one_that_replaced_it(tmp_path):
    """Even if delivering the first reply is slow and the second job is quick."""
    host = Host(tmp_path, FakeEngine(gate=threading.Event()))
    busy(host)
    names = []

    def answer_slowly(reply):
        time.sleep(0.2)
        names.append(reply.name)

    host.service.submit(OscRequest(single(1, 1.0), "window", answer_slowly))
    threading.Timer(0.05, host.engine.gate.set).start()
    host.service.submit(OscRequest(single(1, 2.0), "window", lambda reply: names.append(reply.name)))
    host.submit(c.Sync(1))
    host.until(2)
    assert names == ["error", "wav_id"]
    assert host.service.stop()


def test_sync_is_answered_after_everything_before_it(held):
    busy(held)
    held.submit(single(1), client="a")
    held.submit(c.Sync(1), client="a")
    held.submit(c.Sync(2), client="b")
    assert [(client, reply.name) for client, reply in held.replies] == [("b", "synced")]
    held.submit(single(1), client="a")
    held.submit(c.Sync(3), client="a")
    held.engine.gate.set()
    held.until(6)
    got = [(client, reply.values[-1] if reply.name == "synced" else reply.name) for client, reply in held.replies]
    assert got[1:] == [("a", "error"), ("a", 1), ("window", "wav_id"), ("a", "wav_id"), ("a", 3)]


def test_cancel_stops_running_and_waiting_jobs(held):
    busy(held, id=1)
    held.submit(single(1, 2.0))
    held.submit(single(2))
    held.submit(single(1), client="other")
    held.submit(c.Cancel(1))
    held.submit(c.Cancel(1))
    held.until(4)
    assert [(reply.name, reply.values[:3]) for client, reply in held.replies if client == "window"][:4] == [
        ("cancelled", (1, 2)),
        ("cancelled", (1, 0)),
        ("error", ("Generate", 1, "cancelled")),
        ("error", ("Generate", 1, "cancelled")),
    ]
    held.engine.gate.set()
    assert summary(held.until(6))[4:] == [("window", 2, "wav_id"), ("other", 1, "wav_id")]


def test_a_cancelled_job_leaves_no_file(held, tmp_path):
    busy(held, id=1)
    held.submit(c.Cancel(1))
    held.until(2)
    assert list(tmp_path.iterdir()) == []


def test_quick_commands_do_not_wait_for_a_job(held):
    busy(held)
    for command in (c.IsAlive(), c.Status(), c.GetTargetDir(), c.SetBpm(130.0)):
        held.submit(command)
    assert [reply.name for _, reply in held.replies] == ["alive", "status", "msg", "msg"]


def test_jobs_use_the_settings_at_the_time_of_the_request(held, tmp_path):
    busy(held)
    held.submit(single(1))
    held.submit(c.SetTargetDir(str(tmp_path / "other")))
    held.submit(c.SetBpm(133.0))
    held.submit(single(2))
    held.engine.gate.set()
    held.until(5)
    paths = {reply.values[0]: Path(reply.values[1]) for _, reply in held.replies if reply.name == "wav_id"}
    assert paths[1].parent == tmp_path
    assert paths[2].parent == tmp_path / "other"
    assert ['"bpm": 120' in read_comment(paths[1]), '"bpm": 133' in read_comment(paths[2])] == [True, True]


def test_stopping_answers_every_request(held):
    busy(held)
    held.submit(single(1))
    held.submit(c.Sync(5))
    assert held.service.stop()
    held.submit(single(2))
    held.submit(c.IsAlive())
    replies = held.until(5)
    assert [name for _, name, _ in replies] == ["error", "error", "synced", "error", "alive"]
    assert [values[2] for _, name, values in replies if name == "error"] == ["stopping", "cancelled", "stopping"]


def test_a_service_can_be_stopped_twice_or_before_it_starts(tmp_path):
    service = Service(FakeEngine(), directory=tmp_path)
    assert service.stop()
    assert service.stop()


def test_a_failing_listener_or_answer_does_not_affect_others(host, caplog):
    class Broken(Listener):
        def job_started(self, job):
            raise ValueError("broken listener")

    host.service.listeners.insert(0, Broken())

    def answer(reply):
        raise ValueError("broken answer")

    host.service.submit(OscRequest(single(1), "x", answer))
    host.service.submit(OscRequest(c.IsAlive(), "x", answer))
    host.submit(single(2))
    host.until(1)
    assert "broken listener" in caplog.text
    assert "broken answer" in caplog.text


def test_sequences_report_their_progress(tmp_path, monkeypatch):
    engine = FakeEngine()
    engine.shares = [0.2, 0.4, 1.0]
    monkeypatch.setattr("technogan.osc.service._PROGRESS_INTERVAL_S", 0.0)
    host = Host(tmp_path, engine)
    host.submit(Generate(LoopKind.fade, "wav_id", (Seed.of(seed(1)), Seed.of(seed(2))), 5, steps=3))
    assert [values[0] for _, name, values in host.until(3)[:2]] == ["fade 5: 20%", "fade 5: 40%"]
    assert host.service.stop()
    assert host.events == [("started", 5), (0.2, 5), (0.4, 5), (1.0, 5), ("wav_id", 5)]


def test_a_model_is_loaded_in_the_order_of_requests(held):
    busy(held)
    held.submit(single(1, 10.0))
    held.submit(c.LoadModel("small"))
    held.submit(single(1, 11.0))
    held.engine.gate.set()
    replies = held.until(4)
    assert [name for _, name, _ in replies] == ["error", "wav_id", "model", "error"]
    assert replies[2][2] == ("small", 8, 2.0, 120.0)
    assert held.service.latent_size == 8
    # Requested after the change of model, so not rendered with the earlier one.
    assert replies[3][2][2] == "wrong_arguments"


def test_the_header_has_the_loops_own_rate_until_another_is_set(host):
    for id, command in enumerate((c.SetBpm(120.0), c.SetTargetRate(44100), c.SetBpm(150.0))):
        host.submit(command)
        host.submit(single(id))
    host.until(6)
    paths = sorted(reply.values[1] for _, reply in host.replies if reply.name == "wav_id")
    files = [soundfile.info(path) for path in paths]
    own = [round(FORMAT.sample_rate(bpm)) for bpm in (120.0, 150.0)]
    assert [file.samplerate for file in files] == [own[0], 44100, own[1]]
    assert len({file.frames for file in files}) == 1  # nothing is resampled


def test_too_many_waiting_jobs_are_refused():
    queue = JobQueue(limit=2)
    settings = FileSettings(Path())
    for id in (1, 2):
        assert queue.put(OscJob(OscRequest(single(id), "a", print), settings)) == []
    with pytest.raises(RequestError, match="2 jobs are already waiting"):
        queue.put(OscJob(OscRequest(single(3), "a", print), settings))
    ((replaced, error),) = queue.put(OscJob(OscRequest(single(2, 5.0), "a", print), settings))
    assert (replaced.id, str(error)) == (2, "superseded by a newer request for the same id")


def stems(id=0):
    return Generate(LoopKind.single, "stems_id", (Seed.of(seed(64.0)),), id)


def test_stems_are_files_that_add_up_to_the_loop(host, tmp_path):
    host.submit(stems(3))
    ((_, name, (id, *paths, text)),) = host.until(1)
    names = [f"single3-000001-{stem}.wav" for stem in ("kick", "drums", "music")]
    assert (name, id, [Path(path).name for path in paths]) == ("stems_id", 3, names)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names)
    assert all(path in text for path in paths)
    assert sum(soundfile.read(path)[0].mean() for path in paths) == pytest.approx(0.5, abs=1e-4)
    origin = read_origin(Path(paths[0]))
    assert origin is not None
    assert origin.seeds == (Seed.of(seed(64.0)),)
    host.submit(single(3))
    assert host.until(2)[1][2][1].endswith("single3-000002.wav")


class LoudKick(FakeEngine):
    def render(self, *arguments, **named):
        loop = super().render(*arguments, **named)
        return replace(loop, stems=dict(loop.stems) | {"kick": loop.samples * np.float32(3)})


def test_a_stem_that_is_louder_than_full_scale_is_not_clipped(tmp_path):
    host = Host(tmp_path, LoudKick())
    host.submit(stems(), fixed_names=True)
    ((_, _, (_, kick, drums, _, _)),) = host.until(1)
    assert (soundfile.info(kick).subtype, soundfile.info(drums).subtype) == ("FLOAT", "PCM_24")
    assert soundfile.read(kick)[0].max() == pytest.approx(1.5)
    assert host.service.stop()


def test_a_model_without_stems_refuses_and_writes_nothing(host, tmp_path):
    host.submit(c.LoadModel("small"))
    host.submit(Generate(LoopKind.single, "stems_id", (Seed.of(seed(1.0, 8)),), 5))
    _, name, (_, id, code, text) = host.until(2)[1]
    assert (name, id, code) == ("error", 5, "no_stems")
    assert text == "the model small has no stems; load a model that has, or generate a wav"
    assert list(tmp_path.iterdir()) == []


def test_only_old_files_of_the_bridge_are_deleted(tmp_path):
    names = FileNames(kept=3)
    (tmp_path / "mine-000001.wav").write_bytes(b"x")
    for _ in range(5):
        with names.unique(tmp_path, "single1", picture=True) as target:
            for path in target.paths:
                path.write_bytes(b"x")
    left = sorted(path.name for path in tmp_path.iterdir())
    assert left == ["mine-000001.wav", *(f"single1-{i:06d}.{e}" for i in (4, 5, 6) for e in ("png", "wav"))]


def test_two_bridges_never_choose_the_same_name(tmp_path):
    one, two = FileNames(), FileNames()
    with one.unique(tmp_path, "single1") as first, two.unique(tmp_path, "single1") as second:
        assert first.wavs != second.wavs
        for target in (first, second):
            target.wavs[0].write_bytes(b"x")
    assert len(list(tmp_path.iterdir())) == 2


def test_a_failed_job_leaves_neither_files_nor_reservation(tmp_path):
    names = FileNames()

    def fail():
        with names.unique(tmp_path, "single1", picture=True) as target:
            for path in target.paths:
                path.write_bytes(b"x")
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        fail()
    assert list(tmp_path.iterdir()) == []


class SharingViolation(PermissionError):
    """The error of Windows if another program holds the file open."""

    winerror = 32


def failing_write(times, cause):
    """Return a `write` that fails `times` times, and the list of its calls."""
    calls: list[int] = []

    def write():
        calls.append(1)
        if len(calls) <= times:
            raise OutputError(Path("x.wav"), "refused") from cause

    return write, calls


def test_writing_is_retried_while_a_client_holds_the_file_open():
    write, calls = failing_write(3, SharingViolation())
    write_with_retry(write, pause_s=0.001)
    assert len(calls) == 4


def test_retries_end_after_a_while():
    write, calls = failing_write(1000, SharingViolation())
    with pytest.raises(OutputError, match="refused"):
        write_with_retry(write, patience_s=0.05, pause_s=0.01)
    assert 2 <= len(calls) <= 7


def test_other_errors_are_not_retried():
    write, calls = failing_write(1, PermissionError())
    with pytest.raises(OutputError, match="refused"):
        write_with_retry(write)
    assert len(calls) == 1


def test_a_bridge_keeps_the_newest_files(tmp_path):
    with running(tmp_path, kept_files=4) as bridge:
        for i in range(7):
            bridge.client.send("/cc/generate_single_wav_id", i, *seed())
        replies = bridge.client.replies()
        assert len(replies) == 7
        newest = sorted(Path(reply.arguments[1]).name for reply in replies[-4:])
        assert sorted(path.name for path in tmp_path.iterdir()) == newest


def test_files_with_fixed_names_are_replaced(tmp_path):
    with running(tmp_path) as bridge:
        for value in (1.0, 2.0):
            bridge.client.ask("/gg/generate_single_wav_id_img", 3, *seed(value))
        assert sorted(path.name for path in tmp_path.iterdir()) == ["single3.png", "single3.wav"]
        assert '"seeds": [[2' in read_comment(tmp_path / "single3.wav")


def test_a_walk_begins_at_its_seed_and_has_different_steps(host):
    host.submit(Generate(LoopKind.walk, "wav", (Seed.of(seed(5)),), steps=4, morph=2.0))
    host.until(1)
    (seeds,) = host.engine.rendered
    assert len(seeds) == 4
    assert seeds[0] == Seed.of(seed(5))
    assert len(set(seeds)) == 4
    assert len(seeds[0]) == N
