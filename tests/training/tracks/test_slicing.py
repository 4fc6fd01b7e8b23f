"""The start, length and note of slices."""

import json
from fractions import Fraction

import numpy as np
import pytest
import soundfile

from technogan.errors import OutputError, SettingError, SourceError
from tests.training.track_makers import Truth, samples_of
from training.tracks.slicing import NOTE, Cut, cut_slice, distinct_names, read_note, slice_track

RATE = 8000


@pytest.fixture
def ramp(tmp_path):
    """A stereo track of 10 s whose samples encode their position."""
    path = tmp_path / "ramp.wav"
    left = np.arange(10 * RATE, dtype=np.float32) / (1 << 17)
    soundfile.write(path, np.stack([left, -left / 2], axis=1), RATE, subtype="FLOAT")
    return path


@pytest.mark.parametrize("rate", [44100, 48000, 96000])
@pytest.mark.parametrize("bpm", ["110", "123.821", "127.9973", "137", "179.99"])
@pytest.mark.parametrize(("beats", "every"), [(1, 1), (4, 1), (2, 3)])
def test_every_slice_starts_within_half_a_sample(rate, bpm, beats, every):
    cut = Cut(float(bpm), beats, every)
    for k in (0, 1, 2, 3, 999, 1000, 5000, 9999, 10000):
        exact = (Fraction(1, 8) + Fraction(60 * beats * every * k) / Fraction(bpm)) * rate
        assert abs(cut.start(k, 0.125, rate) - exact) <= Fraction(1, 2) + Fraction(1, 1000)


def test_all_whole_slices_are_cut_and_equally_long(ramp, tmp_path):
    cut = Cut(127, 4, offset=0.25)
    sliced = slice_track(ramp, cut, tmp_path / "out")
    assert len(sliced.paths) == int((10 - 0.25) / (240 / 127))
    for k, path in enumerate(sliced.paths):
        samples, rate = soundfile.read(path)
        assert (samples.shape, rate) == ((round(240 * RATE / 127), 2), RATE)
        assert round(samples[0, 0] * (1 << 17)) == round((0.25 + 240 * k / 127) * RATE)


def test_every_third_slice(ramp, tmp_path):
    one = slice_track(ramp, Cut(120, 1, offset=0), tmp_path / "one")
    three = slice_track(ramp, Cut(120, 1, every=3, offset=0), tmp_path / "three")
    assert [path.read_bytes() for path in three.paths] == [path.read_bytes() for path in one.paths[::3]]


def test_mono_slices_loop_at_their_tempo(ramp, tmp_path):
    path = slice_track(ramp, Cut(120, 2, offset=0, mono=True), tmp_path).paths[0]
    samples, _ = soundfile.read(path)
    assert samples.shape == (RATE,)
    assert samples[800] == pytest.approx(800 / (1 << 17) / 4, abs=1e-6)
    assert b"smpl" in path.read_bytes()


def test_the_note_describes_the_cut(ramp, tmp_path):
    sliced = slice_track(ramp, Cut(120, 2, offset=1), tmp_path)
    note = read_note(sliced.folder)
    assert note is not None
    assert (note.beats, note.bpm, note.offset_s, note.samples) == (2, 120, 1, RATE)
    assert note.slices == tuple(path.name for path in sliced.paths)
    assert json.loads(json.dumps(sliced.to_dict()))["slices"] == 9


def test_an_earlier_cut_is_replaced(ramp, tmp_path):
    slice_track(ramp, Cut(120, 1, offset=0), tmp_path)
    again = slice_track(ramp, Cut(120, 4, offset=0), tmp_path)
    assert sorted(path.name for path in again.folder.iterdir()) == sorted([NOTE, *(p.name for p in again.paths)])


def test_a_crossfade_leads_to_the_start_of_the_slice():
    samples = np.arange(1000, dtype=np.float32)[:, np.newaxis]
    cut = Cut(60 * 1000 / 500, 1, crossfade_ms=100)
    piece = cut_slice(samples, 200, cut, 1000)[:, 0]
    assert len(piece) == 500
    np.testing.assert_array_equal(piece[:400], samples[200:600, 0])
    # The end leads to the sample before the start.
    assert piece[-1] == pytest.approx(199, abs=1)
    assert piece[400] == pytest.approx(600, abs=1)


def test_a_slice_at_the_start_of_the_track_is_not_faded():
    samples = np.ones((1000, 1), np.float32)
    np.testing.assert_array_equal(cut_slice(samples, 0, Cut(120, 1, crossfade_ms=100), 1000), samples[:500])


def test_slices_start_at_the_first_downbeat(tmp_path):
    truth = Truth(7, 124.0, "peak-time", rate=44100, offset=0.7, bars=24)
    soundfile.write(tmp_path / "track.wav", samples_of(truth), truth.rate)
    sliced = slice_track(tmp_path / "track.wav", Cut(124.0, 4), tmp_path / "out")
    assert sliced.offset == pytest.approx(0.7, abs=0.005)
    assert not sliced.warnings
    wrong = slice_track(tmp_path / "track.wav", Cut(125.0, 4), tmp_path / "out")
    assert "124.0" in wrong.warnings[0]


def test_names_are_distinct_and_short(tmp_path):
    paths = [tmp_path / "a" / "Track.wav", tmp_path / "b" / "track.flac", tmp_path / ("響" * 80 + ".wav")]
    names = distinct_names(paths)
    assert names[:2] == ["Track-1", "track-2"]
    assert len(names[2].encode()) <= 120


@pytest.mark.parametrize(
    "wrong",
    [
        {"bpm": 0}, {"bpm": float("nan")}, {"beats": 0}, {"every": 0}, {"offset": -1}, {"offset": float("inf")},
        {"crossfade_ms": -1}, {"crossfade_ms": 1000},
    ],
)  # fmt: skip
def test_impossible_cuts_are_refused(wrong):
    with pytest.raises(SettingError):
        Cut(**{"bpm": 120, "beats": 4} | wrong)


def test_a_track_shorter_than_a_slice_is_reported(ramp, tmp_path):
    with pytest.raises(SourceError, match="no slice of 4 beats"):
        slice_track(ramp, Cut(120, 4, offset=9), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_target_that_cannot_be_written_is_reported(ramp, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OutputError):
        slice_track(ramp, Cut(120, 4, offset=0), tmp_path / "file")


def test_a_damaged_note_is_reported(tmp_path):
    (tmp_path / NOTE).write_text("{")
    with pytest.raises(SourceError, match=r"slices\.json"):
        read_note(tmp_path)
    assert read_note(tmp_path / "elsewhere") is None


def slices_in(folder):
    return sorted(path.name for path in folder.iterdir())


def test_the_slices_of_another_album_are_kept(tmp_path):
    for album, seconds in (("one", 10), ("two", 6)):
        (tmp_path / album).mkdir()
        soundfile.write(tmp_path / album / "01.flac", np.sin(np.arange(seconds * RATE) / 9) / 2, RATE)
    one = slice_track(tmp_path / "one" / "01.flac", Cut(120, 2, offset=0), tmp_path / "out")
    two = slice_track(tmp_path / "two" / "01.flac", Cut(120, 2, offset=0), tmp_path / "out")
    assert (one.folder.name, two.folder.name) == ("01", "01-2")
    assert len(slices_in(one.folder)) == 11
    assert len(slices_in(two.folder)) == 7


def test_a_track_that_was_edited_or_moved_is_cut_again(ramp, tmp_path):
    first = slice_track(ramp, Cut(120, 2, offset=0), tmp_path / "out").folder
    soundfile.write(ramp, np.sin(np.arange(6 * RATE) / 9) / 2, RATE)
    assert slice_track(ramp, Cut(120, 2, offset=0), tmp_path / "out").folder == first
    ramp.rename(tmp_path / "moved.wav")
    assert slice_track(tmp_path / "moved.wav", Cut(120, 2, offset=0), tmp_path / "out", name="ramp").folder == first
    assert len(slices_in(first)) == 7


@pytest.mark.parametrize("name", ["notes.txt", "ramp-0001.wav"])
def test_a_folder_of_other_files_is_kept(ramp, tmp_path, name):
    (tmp_path / "out" / "ramp").mkdir(parents=True)
    (tmp_path / "out" / "ramp" / name).write_text("mine")
    assert slice_track(ramp, Cut(120, 2, offset=0), tmp_path / "out").folder.name == "ramp-2"
    assert (tmp_path / "out" / "ramp" / name).read_text() == "mine"


def test_a_hostile_note_deletes_nothing(ramp, tmp_path):
    home = slice_track(ramp, Cut(120, 2, offset=0), tmp_path / "out").folder
    kept = [home / "notes.txt", home.parent / "victim.txt", home / "ramp-01.wav"]
    for path in kept:
        path.write_text("kept")
    note = json.loads((home / NOTE).read_text())
    names = ["notes.txt", "../victim.txt", str(kept[1]), "../ramp/notes.txt", "ramp-01.wav", "x/../notes.txt"]
    (home / NOTE).write_text(json.dumps(note | {"slices": names}))
    slice_track(ramp, Cut(120, 4, offset=0), tmp_path / "out")
    assert all(path.read_text() == "kept" for path in kept)


def test_a_killed_cut_is_done_again_in_its_folder(ramp, tmp_path):
    def fail(done, total=1.0, /):
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        slice_track(ramp, Cut(120, 1, offset=0), tmp_path / "out", progress=fail)
    again = slice_track(ramp, Cut(120, 4, offset=0), tmp_path / "out")
    assert slices_in(again.folder) == sorted([NOTE, *(path.name for path in again.paths)])
    assert again.folder.name == "ramp"
