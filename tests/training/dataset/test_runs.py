"""The events that dataset commands write to a run folder, and the commands that they obey."""

import json
import threading
import time

import numpy as np
import pytest
import soundfile

from app.cli import run
from technogan.errors import Cancelled, OutputError
from technogan.files.sound_reader import UNREADABLE
from technogan.run_folder import EVENTS, RunFolder
from tests.training.track_makers import Truth, samples_of
from training.commands.report import RESULT, open_report

TRUTH = Truth(7, 124.0, "peak-time", rate=44100, offset=0.7, bars=24)


@pytest.fixture
def sounds(tmp_path):
    """A folder of four bars: the second is silent, the third is clipped and the fourth is like the first."""
    folder = tmp_path / "sounds"
    assert run(["dataset", "synth", "--bars", "4", "--seed", "40", "-o", str(folder), "--jobs", "1"]) == 0
    first, second, third, fourth = sorted(folder.glob("*.wav"))
    samples, rate = soundfile.read(first)
    soundfile.write(second, np.zeros_like(samples), rate)
    loud, rate = soundfile.read(third)
    soundfile.write(third, np.clip(20 * loud, -1, 1), rate)
    soundfile.write(fourth, 0.999 * samples, rate)
    return folder


@pytest.fixture
def track(tmp_path):
    path = tmp_path / "one.wav"
    soundfile.write(path, samples_of(TRUTH), TRUTH.rate)
    return path


def events_of(folder):
    return RunFolder(folder).read_events()


def result_of(folder):
    return json.loads((folder / RESULT).read_text())


def convert(sounds, tmp_path, *more):
    arguments = ["dataset", "convert", str(sounds), "-f", "bar", "-o", str(tmp_path / "data"), "-j", "1"]
    return run([*arguments, "--run", str(tmp_path / "run"), *map(str, more)])


def names_of(tmp_path):
    entries = json.loads((tmp_path / "data" / "dataset.json").read_text())["sources"]
    return [entry["path"] for entry in entries]


# --- events


def test_events_cover_a_run_from_start_to_end(sounds, tmp_path):
    assert convert(sounds, tmp_path) == 0
    events = events_of(tmp_path / "run")
    assert [event["event"] for event in events][:2] == ["started", "progress"]
    assert events[0]["command"] == "convert"
    assert [event["event"] for event in events][-2:] == ["result", "finished"]
    last = [event for event in events if event["event"] == "progress"][-1]
    assert (last["what"], last["done"], last["total"]) == ("sounds", 4, 4)


def test_the_result_is_what_json_prints(sounds, tmp_path, capsys):
    assert convert(sounds, tmp_path, "--json") == 0
    printed = capsys.readouterr().out
    assert result_of(tmp_path / "run") == json.loads(printed[printed.index("{") :])


def test_skipped_sounds_and_warnings_are_reported(sounds, tmp_path):
    (sounds / "broken.wav").write_bytes(b"RIFF")
    assert convert(sounds, tmp_path) == 1
    events = events_of(tmp_path / "run")
    assert [event["message"] for event in events if event["event"] == "skipped"] == [UNREADABLE]
    assert any("silent" in event["message"] for event in events if event["event"] == "warning")
    assert events[-1]["event"] == "finished"


def test_an_error_ends_the_run_with_its_message(tmp_path):
    (tmp_path / "sounds").mkdir()
    assert convert(tmp_path / "sounds", tmp_path) == 1
    last = events_of(tmp_path / "run")[-1]
    assert last["event"] == "failed"
    assert "contains no sounds" in last["message"]


def test_a_bug_ends_the_run_too(tmp_path):
    with pytest.raises(ZeroDivisionError), open_report(tmp_path, "divide"):
        _ = 1 / 0
    assert "bug in TechnoGAN" in events_of(tmp_path)[-1]["message"]


def test_only_one_process_can_use_a_folder(sounds, tmp_path, capsys):
    with RunFolder(tmp_path / "run").lock():
        assert convert(sounds, tmp_path) == 1
    assert "another process is running in this folder" in capsys.readouterr().err
    assert not (tmp_path / "data").exists()


def test_a_folder_that_cannot_be_written_is_refused(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputError, match="cannot write"), open_report(tmp_path / "file" / "run", "x"):
        raise AssertionError


@pytest.mark.parametrize("command", ["tempo", "conform", "slice"])
def test_every_track_is_an_item_as_soon_as_it_is_done(track, tmp_path, command):
    arguments = ["--bpm", "124", "-o", str(tmp_path / "out")] if command != "tempo" else ["--curve"]
    assert run(["dataset", command, str(track), *arguments, "--run", str(tmp_path / "run")]) == 0
    items = [event["value"] for event in events_of(tmp_path / "run") if event["event"] == "item"]
    assert items == result_of(tmp_path / "run")


def test_the_curve_has_a_point_for_each_beat(track, tmp_path):
    assert run(["dataset", "tempo", str(track), "--curve", "--run", str(tmp_path / "run")]) == 0
    (found,) = result_of(tmp_path / "run")
    curve = found["curve"]
    assert len(curve["times_s"]) == len(curve["late_ms"]) == len(curve["sure"])
    assert 95 <= len(curve["times_s"]) <= 100
    assert max(map(abs, curve["late_ms"])) < 5


# --- commands


def test_after_a_stop_the_next_run_resumes(sounds, tmp_path):
    RunFolder(tmp_path / "run").send_command("stop")
    assert convert(sounds, tmp_path) == 1
    assert events_of(tmp_path / "run")[-1]["event"] == "stopped"
    assert convert(sounds, tmp_path) == 0
    assert len(names_of(tmp_path)) == 4


def counted(folder, upto):
    """Count things; the test asks for a stop after the first."""
    with open_report(folder.folder, "count") as report, report.progress("things", upto) as done:
        for i in range(upto):
            done(i + 1, upto)
            folder.send_command("stop")


def test_a_stop_reports_how_much_was_done(tmp_path, capsys):
    folder = RunFolder(tmp_path)
    with pytest.raises(Cancelled):
        counted(folder, 9)
    assert folder.read_events()[-1]["event"] == "stopped"
    assert folder.take_command() is None
    assert "stopped after 2 things" in capsys.readouterr().err


def send_when_paused(folder, command):
    """Send a command to the run in a folder as soon as the run reports that it is paused."""

    def send():
        while not any(event["event"] == "paused" for event in folder.read_events()):
            time.sleep(0.01)
        folder.send_command(command)

    thread = threading.Thread(target=send)
    thread.start()
    return thread


def test_a_paused_run_waits_until_it_is_resumed(tmp_path):
    folder = RunFolder(tmp_path)
    folder.send_command("pause")
    other = send_when_paused(folder, "resume")
    with open_report(tmp_path, "count") as report, report.progress("things", 1) as done:
        done(1, 1)
    other.join()
    events = [event["event"] for event in folder.read_events()]
    assert events.index("paused") < events.index("resumed") < events.index("finished")


def test_a_paused_run_can_be_stopped(tmp_path):
    folder = RunFolder(tmp_path)
    folder.send_command("pause")
    other = send_when_paused(folder, "stop")
    with pytest.raises(Cancelled), open_report(tmp_path, "count") as report, report.progress("things", 1) as done:
        done(1, 1)
    other.join()
    assert folder.read_events()[-1]["event"] == "stopped"


def test_events_that_cannot_be_written_do_not_stop_the_run(tmp_path, sounds):
    (tmp_path / "run" / EVENTS).mkdir(parents=True)
    assert convert(sounds, tmp_path) == 0


# --- unwanted slices


def test_slices_are_marked(sounds, tmp_path):
    arguments = ["dataset", "inspect", str(sounds), "--run", str(tmp_path / "run"), "-j", "1"]
    assert run(arguments) == 0
    first, second, third, fourth = result_of(tmp_path / "run")
    assert first["marks"] == []
    assert second["marks"] == ["silent"]
    assert "clipped" in third["marks"]
    assert (fourth["marks"], fourth["twin"]) == (["repeated"], first["path"])
    assert len(first["outline"]) == 48
    assert 0.5 < max(first["outline"]) <= 1


def test_marked_slices_are_left_out_of_the_dataset(sounds, tmp_path):
    assert convert(sounds, tmp_path) == 0
    listed = tmp_path / "excluded.txt"
    assert run(["dataset", "inspect", str(sounds), "--exclude", str(listed), "-j", "1"]) == 0
    assert convert(sounds, tmp_path, "--exclude", listed) == 0
    assert names_of(tmp_path) == [sorted(sounds.glob("*.wav"))[0].name]
    assert len(list((tmp_path / "data" / "images").iterdir())) == 1
    assert run(["dataset", "check", str(tmp_path / "data")]) == 0


def test_excluding_all_sounds_is_refused(sounds, tmp_path, capsys):
    listed = tmp_path / "excluded.txt"
    listed.write_text("".join(f"{path.name}\n" for path in sounds.iterdir()))
    assert convert(sounds, tmp_path, "--exclude", listed) == 1
    assert "all sounds in it are excluded" in capsys.readouterr().err


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00\xd8"])
def test_a_list_that_cannot_be_read_is_refused(sounds, tmp_path, content, capsys):
    listed = tmp_path / "excluded.txt"
    if content is not None:
        listed.write_bytes(content)
    assert convert(sounds, tmp_path, "--exclude", listed) == 1
    assert "excluded.txt" in capsys.readouterr().err


# --- corrected grids


def grids(tmp_path, *entries):
    path = tmp_path / "grids.json"
    path.write_text(json.dumps(list(entries)))
    return str(path)


def test_a_track_is_sliced_at_its_given_grid(track, tmp_path):
    given = grids(tmp_path, {"path": str(track), "bpm": 124.0, "first_downbeat_s": 1.5})
    arguments = ["--bpm", "99", "-o", str(tmp_path / "out"), "--grids", given, "--run", str(tmp_path / "run")]
    assert run(["dataset", "slice", str(track), *arguments]) == 0
    (found,) = result_of(tmp_path / "run")
    assert found["offset_s"] == 1.5
    note = json.loads((tmp_path / "out" / "one" / "slices.json").read_text())
    assert (note["bpm"], note["samples"]) == (124.0, round(240 * 44100 / 124))


def test_conforming_keeps_a_corrected_downbeat(track, tmp_path):
    beat = 60 / 124
    given = grids(tmp_path, {"path": str(track), "bpm": 124.0, "first_downbeat_s": 0.7 + 2 * beat})
    arguments = ["--bpm", "126", "-o", str(tmp_path / "out"), "--grids", given, "--run", str(tmp_path / "run")]
    assert run(["dataset", "conform", str(track), *arguments]) == 0
    (found,) = result_of(tmp_path / "run")
    expected = (0.7 + 2 * beat) * 124 / 126
    assert found["first_downbeat_s"] == pytest.approx(expected, abs=0.002)
    assert found["after"]["first_downbeat_s"] == pytest.approx(0.7 * 124 / 126, abs=0.003)


def test_the_grid_can_name_the_output_of_a_track(track, tmp_path):
    given = grids(tmp_path, {"path": str(track), "bpm": 124.0, "first_downbeat_s": 0, "name": "other"})
    assert run(["dataset", "slice", str(track), "--bpm", "124", "-o", str(tmp_path / "out"), "--grids", given]) == 0
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["other"]


def test_a_playlist_can_list_the_tracks(track, tmp_path):
    playlist = tmp_path / "lists" / "set.m3u8"
    playlist.parent.mkdir()
    playlist.write_text(f"\ufeff#EXTM3U\n\n../one.wav\n{track}\n", encoding="utf-8")
    assert run(["dataset", "slice", str(playlist), "--bpm", "124", "--offset", "0", "-o", str(tmp_path / "out")]) == 0
    assert len(list((tmp_path / "out").iterdir())) == 2


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00\xd8", b"#EXTM3U\n"])
def test_a_playlist_without_tracks_is_refused(tmp_path, content, capsys):
    playlist = tmp_path / "set.m3u8"
    if content is not None:
        playlist.write_bytes(content)
    assert run(["dataset", "tempo", str(playlist)]) == 1
    assert "set.m3u8" in capsys.readouterr().err


@pytest.mark.parametrize(
    "entries",
    [
        [{"path": "one.wav", "bpm": 128, "first_downbeat_s": 0, "name": "../one"}],
        [{"path": "one.wav"}],
        [{"path": "one.wav", "bpm": 0, "first_downbeat_s": 0}],
        [{"path": "one.wav", "bpm": 128, "first_downbeat_s": -1}],
        [{"path": "one.wav", "bpm": "fast", "first_downbeat_s": 0}],
        [3],
    ],
)
def test_invalid_grids_are_refused(track, tmp_path, entries, capsys):
    arguments = ["--bpm", "124", "-o", str(tmp_path / "out"), "--grids", grids(tmp_path, *entries)]
    assert run(["dataset", "slice", str(track), *arguments]) == 1
    assert "contains no grids" in capsys.readouterr().err
