"""Test projects, sound files and preview loops, without a window."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from app.wizards.dataset.preview_loops import add_clicks, read_loop, read_loop_with_clicks
from app.wizards.dataset.project import PROJECT, Project, Track, make_track_name
from app.wizards.dataset.sounds import COLUMN, find_tracks, probe, read_overview, read_span
from technogan.errors import Cancelled, SourceError
from technogan.progress import ignore_progress

TEMPO = {"path": "/a.wav", "bpm": 120.0, "first_downbeat_s": 0.5, "verdict": "exact"}


def never():
    return False


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path).with_tracks([Track("/a.wav", "a", 60.0, 44100, 2), Track("/b/a.wav", "a", 30.0, 48000, 1)])


# --- the project


def test_tracks_get_unique_names(project):
    assert [track.name for track in project.tracks] == ["a", "a-2"]


def test_a_track_that_is_added_again_keeps_its_measurement(project):
    known = project.with_track("/a.wav", tempo=TEMPO)
    assert known.with_tracks([Track("/a.wav", "a", 60.0)]).tracks[0].tempo == TEMPO


def test_a_project_is_read_as_it_was_saved(project):
    known = project.with_track("/a.wav", tempo=TEMPO, shift=2).with_result("slice", [1, ["x"]]).with_pending("tempo")
    known.save()
    assert Project.open(project.folder) == known


def test_a_project_can_be_moved(project, tmp_path):
    (tmp_path / "here" / "slices").mkdir(parents=True)
    file = tmp_path / "here" / "conformed" / "a.wav"
    file.parent.mkdir()
    file.write_bytes(b"")
    here = Project(tmp_path / "here", project.tracks[:1]).with_track("/a.wav", tempo=TEMPO).with_options(bpm=128.0)
    made = {"file": "conformed/a.wav", "first_downbeat_s": 0.4, "asked": here.conform_key(here.tracks[0])}
    here = here.with_track("/a.wav", conformed=made)
    here = here.with_result("slice", here.cut_key())
    here.save()
    shutil.move(tmp_path / "here", tmp_path / "there")
    moved = Project.open(tmp_path / "there")
    assert moved.is_cut
    assert moved.sources()[0]["path"] == str(tmp_path / "there" / "conformed" / "a.wav")


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        '{"schema": 9}',
        '{"schema": 1, "tracks": 3}',
        '{"schema": 1, "tracks": [{"path": "/a", "name": "../../a"}], "choices": {}, "rejected": [], "done": {}}',
        '{"schema": 1, "tracks": [{"path": "/a", "name": "a", "treatment": "eat"}], "choices": {}}',
    ],
)
def test_an_invalid_project_is_refused(tmp_path, content):
    (tmp_path / PROJECT).write_text(content)
    with pytest.raises(SourceError, match="is not a valid project"):
        Project.open(tmp_path)


@pytest.mark.parametrize("name", ["../../victim", "/victim", "a/../../victim", ""])
@pytest.mark.parametrize(
    "make",
    [
        lambda project, name: project.with_options(format=name),
        lambda project, name: project.with_options(level=name),
        lambda project, name: replace(project, rejected=frozenset({name})),
        lambda project, name: project.with_track("/a.wav", conformed={"file": name}),
    ],
    ids=["format", "level", "rejected", "conformed"],
)
def test_a_project_that_names_files_outside_of_its_folder_is_refused(project, make, name):
    make(project, name).save()
    with pytest.raises(SourceError, match="not inside of its folder"):
        Project.open(project.folder)


def test_a_missing_folder_is_reported(tmp_path):
    with pytest.raises(SourceError, match="no longer exists"):
        Project.open(tmp_path / "gone")


def test_unknown_keys_are_ignored(project):
    project.save()
    path = project.folder / PROJECT
    values = json.loads(path.read_text())
    values["tracks"][0]["mood"] = "dark"
    path.write_text(json.dumps(values))
    assert Project.open(project.folder).tracks == project.tracks


@pytest.mark.parametrize(("shift", "place"), [(0, 0.5), (1, 1.0), (2, 1.5), (3, 0.0), (-1, 0.0)])
def test_the_downbeat_is_the_earliest(shift, place):
    track = Track("/a.wav", "a", tempo=TEMPO, shift=shift)
    assert track.downbeat == pytest.approx(place)


def test_another_tempo_or_grid_requires_conforming_again(project):
    (project.folder / "conformed").mkdir()
    (project.folder / "conformed" / "a.wav").write_bytes(b"")
    known = project.with_track("/a.wav", tempo=TEMPO).without_tracks(["/b/a.wav"]).with_options(bpm=128.0)
    made = {"file": "conformed/a.wav", "first_downbeat_s": 0.4, "asked": known.conform_key(known.tracks[0])}
    known = known.with_track("/a.wav", conformed=made)
    assert not known.unconformed()
    assert known.with_options(bpm=130.0).unconformed()
    assert known.with_track("/a.wav", shift=1).unconformed()


def test_rejecting_a_slice_requires_converting_again(project):
    (project.dataset).mkdir()
    (project.dataset / "dataset.json").write_text("{}")
    done = project.with_result("convert", project.convert_key())
    assert done.is_converted
    other = Project(done.folder, done.tracks, done.options, frozenset(["a/a-0001.wav"]), done.done)
    assert not other.is_converted


@pytest.mark.parametrize(
    ("text", "name"), [("b: c?", "b_ c_"), ("...", "track"), ("\x00", "_"), ("x" * 300, "x" * 100)]
)
def test_track_names_are_valid_on_every_system(text, name):
    assert make_track_name(Path(f"{text}.wav")) == name


# --- sound files


def write_noise(path, seconds, *, rate=8000, channels=1):
    noise = np.random.default_rng(3).uniform(-1, 1, (round(seconds * rate), channels))
    soundfile.write(path, noise, rate)
    return path


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("empty.wav", b"", "is empty"),
        ("text.mp3", b"hello", "cannot be read as sound"),
        ("head.wav", b"RIFF\0\0\1\0WAVE", "cannot be read as sound"),
    ],
)
def test_an_unreadable_file_states_the_problem(tmp_path, name, content, why):
    (tmp_path / name).write_bytes(content)
    assert why in probe(tmp_path / name).problem


def test_a_missing_file_states_the_problem(tmp_path):
    assert probe(tmp_path / "gone.wav").problem == "the file no longer exists"


@pytest.mark.parametrize(
    ("seconds", "why"), [(1, "measuring a tempo takes 20 s"), (2000, "cut it into tracks"), (30, "")]
)
def test_a_track_must_have_a_usable_length(tmp_path, seconds, why):
    found = probe(write_noise(tmp_path / "a.wav", seconds, rate=1000))
    assert why in found.problem
    assert bool(found.problem) == bool(why)


def test_rates_and_channels_may_be_mixed(tmp_path):
    for name, rate, channels in (("a.wav", 44100, 2), ("b.flac", 8000, 1), ("c.ogg", 22050, 2)):
        write_noise(tmp_path / name, 21, rate=rate, channels=channels)
    found = find_tracks([tmp_path], ignore_progress, never)
    assert [(t.sample_rate, t.channels, t.problem) for t in found] == [(44100, 2, ""), (8000, 1, ""), (22050, 2, "")]


def test_each_track_in_subfolders_and_playlists_is_found_once(tmp_path):
    (tmp_path / "deep").mkdir()
    write_noise(tmp_path / "deep" / "a.wav", 21, rate=1000)
    (tmp_path / "note.txt").write_text("no")
    (tmp_path / "set.m3u").write_text("#EXTM3U\ndeep/a.wav\nb.wav\n")
    found = find_tracks([tmp_path, tmp_path / "set.m3u"], ignore_progress, never)
    assert [track.name for track in found] == ["a", "b"]
    assert found[1].problem == "the file no longer exists"


def test_reading_can_be_cancelled(tmp_path):
    path = write_noise(tmp_path / "a.wav", 21, rate=1000)
    with pytest.raises(Cancelled):
        find_tracks([path], ignore_progress, lambda: True)
    with pytest.raises(Cancelled):
        read_overview(path, ignore_progress, lambda: True)


@pytest.mark.parametrize("channels", [1, 2])
def test_an_overview_has_the_peaks_of_the_waveform(tmp_path, channels):
    path = tmp_path / "a.wav"
    samples = np.zeros((COLUMN * 10 + 7, channels))
    samples[COLUMN * 4 + 3] = 0.5
    samples[-1] = -1.0
    soundfile.write(path, samples, 8000, subtype="FLOAT")
    overview = read_overview(path, ignore_progress, never)
    assert overview.peaks.shape == (11, 2)
    assert overview.peaks[4].tolist() == [0, 64]
    assert overview.peaks[10].tolist() == [-127, 0]
    assert overview.seconds == pytest.approx(len(samples) / 8000)


@pytest.mark.parametrize(("start", "span"), [(0, 30), (-5, 40), (29.9, 50), (100, 1), (12.3, 0.01)])
def test_any_part_of_an_overview_can_be_drawn(tmp_path, start, span):
    overview = read_overview(write_noise(tmp_path / "a.wav", 30), ignore_progress, never)
    shown = overview.outline(start, span, 333)
    assert shown.shape == (333, 2)
    assert (np.abs(shown) <= 1).all()
    assert shown.any() == (start < 30)


def test_nan_in_a_file_is_drawn_as_silence(tmp_path):
    soundfile.write(tmp_path / "a.wav", np.full(8000 * 21, np.nan, np.float32), 8000, subtype="FLOAT")
    assert not read_overview(tmp_path / "a.wav", ignore_progress, never).peaks.any()


def test_a_span_beyond_the_file_is_padded(tmp_path):
    path = tmp_path / "a.wav"
    soundfile.write(path, np.full(8000, 0.5), 8000, subtype="FLOAT")
    samples, rate = read_span(path, -0.5, 2.0)
    assert rate == 8000
    np.testing.assert_array_equal(samples, np.repeat(np.asarray([0, 0.5, 0.5, 0], np.float32), 4000))


# --- preview loops


def test_a_slice_is_a_loop_of_its_beats(tmp_path):
    soundfile.write(tmp_path / "a.wav", np.random.default_rng(0).uniform(-0.5, 0.5, (82687, 2)), 44100)
    loop = read_loop(tmp_path / "a.wav", 4)
    assert loop.beats == 4
    assert loop.bpm == pytest.approx(128.0, abs=0.01)


def test_a_silent_slice_can_be_played(tmp_path):
    soundfile.write(tmp_path / "a.wav", np.zeros(82687), 44100)
    assert not read_loop(tmp_path / "a.wav", 4).samples.any()


@pytest.mark.parametrize("content", [b"", b"RIFF"])
def test_an_error_names_the_slice(tmp_path, content):
    (tmp_path / "a.wav").write_bytes(content)
    with pytest.raises(SourceError, match=r"a\.wav"):
        read_loop(tmp_path / "a.wav", 4)


def test_every_beat_has_a_click_and_the_first_of_a_bar_is_higher():
    clicked = add_clicks(np.zeros(8 * 4000, np.float32), 8000, 8)
    beats = np.abs(clicked).reshape(8, 4000)
    assert (beats[:, :200].max(axis=1) > 0.4).all()
    assert (beats[:, 400:] == 0).all()
    crossings = [np.count_nonzero(np.diff(np.sign(beat[:200]))) for beat in clicked.reshape(8, 4000)]
    assert crossings[0] == crossings[4] > crossings[1] == crossings[5]


def test_bars_with_clicks_have_the_tempo_of_the_track(tmp_path):
    loop = read_loop_with_clicks(write_noise(tmp_path / "a.wav", 30), 126.0, 1.5, 16)
    assert (loop.beats, loop.bpm) == (16, 126.0)
