"""Conformed tracks are exact, and exact tracks stay unchanged."""

import numpy as np
import pytest
import soundfile

from technogan.errors import OutputError, SettingError, SourceError
from tests.training.track_makers import Truth, bent, samples_of, seconds_of
from training.tempo import estimate_tempo
from training.tracks.conform import conform_samples, conform_track, find_method
from training.tracks.warping import warp

TRUTH = Truth(7, 123.821, "peak-time", "offbeat", 44100, 0.6, bars=32)


@pytest.fixture(scope="module")
def exact():
    return samples_of(TRUTH)


@pytest.fixture(scope="module")
def drifting(exact):
    seconds = seconds_of(exact, TRUTH.rate)
    return bent(exact, TRUTH.rate, seconds + 2e-5 * np.square(seconds) + 0.010 * np.sin(2 * np.pi * seconds / 9))


def test_a_drifting_track_becomes_exact(drifting, tmp_path):
    soundfile.write(tmp_path / "in.wav", drifting, TRUTH.rate)
    done = conform_track(tmp_path / "in.wav", 126, tmp_path / "out")
    assert done.before.verdict == "conform"
    assert done.before.drift.p95 > 8
    assert done.after.drift.p95 < 5
    assert done.after.grid.bpm == pytest.approx(126, abs=0.003)
    assert not done.copied
    assert done.path == tmp_path / "out" / "in.wav"


def test_an_exact_track_is_copied(exact, tmp_path):
    path = tmp_path / "ü.flac"
    soundfile.write(path, np.stack([exact, exact], axis=1), TRUTH.rate)
    done = conform_track(path, TRUTH.bpm, tmp_path / "out")
    assert done.copied
    assert done.path.read_bytes() == path.read_bytes()


@pytest.mark.parametrize(("method", "bpm"), [("stretch", 126.0), ("stretch", 123.9), ("resample", 120.0)])
def test_the_length_is_exact_to_the_sample(exact, method, bpm):
    tempo = estimate_tempo(exact, TRUTH.rate)
    out = conform_samples(exact[:, np.newaxis], TRUTH.rate, tempo, bpm, method=method)
    assert len(out) == round(len(exact) * tempo.grid.bpm / bpm)
    assert out.shape[1] == 1


@pytest.mark.parametrize("method", ["stretch", "resample"])
def test_the_first_attack_survives(method):
    truth = Truth(7, 124.0, "peak-time", rate=44100, bars=24)
    exact = samples_of(truth)
    exact[:400] += 0.5 * np.sin(np.arange(400) / 3).astype(np.float32)
    out = conform_samples(exact[:, np.newaxis], truth.rate, estimate_tempo(exact, truth.rate), 126.0, method=method)
    assert np.abs(out[:600]).max() > 0.6 * np.abs(exact[:600]).max()


@pytest.mark.parametrize(("method", "pitch"), [("stretch", 1000.0), ("resample", 1000.0 * 120 / 123.821)])
def test_only_stretching_keeps_the_pitch(exact, method, pitch):
    tone = 0.3 * np.sin(2 * np.pi * 1000 * seconds_of(exact, TRUTH.rate)).astype(np.float32)
    out = conform_samples(tone[:, np.newaxis], TRUTH.rate, estimate_tempo(exact, TRUTH.rate), 120.0, method=method)[
        :, 0
    ]
    middle = out[len(out) // 2 :][: 1 << 17] * np.hanning(1 << 17)
    found = np.argmax(np.abs(np.fft.rfft(middle))) * TRUTH.rate / (1 << 17)
    assert found == pytest.approx(pitch, abs=1)


def test_noise_is_not_conformed(rng, tmp_path):
    soundfile.write(tmp_path / "noise.wav", 0.1 * rng.standard_normal(44100 * 30), 44100)
    with pytest.raises(SourceError, match="no steady beat"):
        conform_track(tmp_path / "noise.wav", 128, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_track_does_not_overwrite_itself(exact, tmp_path):
    path = tmp_path / "in.wav"
    soundfile.write(path, exact, TRUTH.rate)
    before = path.read_bytes()
    for bpm in (TRUTH.bpm, 126):
        with pytest.raises(OutputError, match="the track itself"):
            conform_track(path, bpm, tmp_path)
    assert path.read_bytes() == before


def test_an_unknown_method_is_refused():
    with pytest.raises(SettingError, match="stretch, resample"):
        find_method("squeeze")


@pytest.mark.parametrize(("frequency", "worst"), [(100, -90), (1000, -80), (10000, -70)])
def test_interpolation_between_samples_is_accurate(frequency, worst):
    turns = 2 * np.pi * frequency / 44100
    tone = np.sin(turns * np.arange(44100)).astype(np.float32)[:, np.newaxis]
    out = warp(tone, lambda places: 1.0003 * places + 0.37, 40000)[100:-100, 0]
    wanted = np.sin(turns * (1.0003 * np.arange(40000) + 0.37))[100:-100]
    assert 20 * np.log10(np.std(out - wanted) / np.std(wanted)) < worst


def test_a_sound_is_silent_beyond_its_ends():
    out = warp(np.ones((1000, 2), np.float32), lambda places: places - 500, 2000)
    assert np.abs(out[:480]).max() < 1e-6
    np.testing.assert_allclose(out[520:1480], 1, atol=1e-5)
    assert np.abs(out[1520:]).max() < 1e-6


def test_conformed_tracks_of_others_are_kept(drifting, tmp_path):
    for album, gain in (("one", 1.0), ("two", 0.5)):
        (tmp_path / album).mkdir()
        soundfile.write(tmp_path / album / "01.wav", gain * drifting, TRUTH.rate)
    names = [
        conform_track(tmp_path / album / "01.wav", bpm, tmp_path / "out").path.name
        for album, bpm in (("one", 126), ("two", 126), ("one", 125))
    ]
    assert names == ["01.wav", "01-2.wav", "01.wav"]


def test_copied_tracks_of_others_are_kept(exact, tmp_path):
    names = []
    for album, gain in (("one", 1.0), ("two", 0.5), ("two", 0.5)):
        (tmp_path / album).mkdir(exist_ok=True)
        soundfile.write(tmp_path / album / "01.flac", gain * exact, TRUTH.rate)
        names.append(conform_track(tmp_path / album / "01.flac", TRUTH.bpm, tmp_path / "out").path.name)
    assert names == ["01.flac", "01-2.flac", "01-2.flac"]
