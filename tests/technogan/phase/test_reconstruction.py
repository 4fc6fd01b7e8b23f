import numpy as np
import pytest

from technogan.errors import Cancelled, SettingError, SpecMismatch
from technogan.formats import ConstantQSettings
from technogan.phase.reconstruction import METHODS, Method, _find_best_turns, reconstruct, spectral_convergence
from technogan.transforms.constant_q import ConstantQ
from technogan.transforms.stft import Stft
from tests.signals import beat_loop
from tests.technogan import reference


@pytest.fixture(scope="module")
def transform():
    return Stft(128)


@pytest.fixture(scope="module")
def magnitude(transform):
    return np.abs(transform.forward(beat_loop()))


def test_settling_is_fast_griffin_lim(transform, magnitude):
    first = np.random.default_rng(3).random(magnitude.shape, dtype=np.float32)
    coefficients = magnitude * np.exp(2j * np.pi * first)
    # The reference starts from consistent coefficients, as `reconstruct` does after its inverse.
    begun = reference.stft(reference.inverse_stft(coefficients, 512, 128), 512, 128)
    wanted = reference.griffin_lim(magnitude, begun, 5, 512, 128)
    method = Method(from_gradients=False, bass=0, reflections=0, settling=5)
    got = reconstruct(magnitude, transform, method=method, rng=np.random.default_rng(3))
    assert np.linalg.norm(got - wanted) < 1e-3 * np.linalg.norm(wanted)


@pytest.mark.parametrize("count", [1, 2, 6])
def test_reflections_agree_with_the_paper(transform, magnitude, count):
    first = np.random.default_rng(4).random(magnitude.shape, dtype=np.float32)
    wanted = reference.reflections(magnitude, magnitude * np.exp(2j * np.pi * first), count, 512, 128)
    method = Method(from_gradients=False, bass=0, reflections=count, settling=0)
    got = reconstruct(magnitude, transform, method=method, rng=np.random.default_rng(4))
    assert np.linalg.norm(got - wanted) < 1e-3 * np.linalg.norm(wanted)


def test_fast_is_much_better_than_the_prototype_and_best_is_better_still(transform, magnitude):
    prototype = reconstruct(magnitude, transform, method=METHODS["griffin-lim"], rng=np.random.default_rng(0))
    fast = reconstruct(magnitude, transform, method=METHODS["fast"])
    best = reconstruct(magnitude, transform, method=METHODS["best"])
    figures = [spectral_convergence(samples, magnitude, transform) for samples in (prototype, fast, best)]
    assert figures[1] < figures[0] - 4
    assert figures[2] < figures[1] - 0.5


def test_rotating_the_spectrogram_rotates_the_loop(transform, magnitude):
    straight = reconstruct(magnitude, transform)
    turned = reconstruct(np.roll(magnitude, 41, axis=0), transform)
    error = turned - np.roll(straight, 41 * 128)
    # Only rounding differs; the iterations amplify it a little.
    assert np.linalg.norm(error) < 1e-3 * np.linalg.norm(straight)


def test_rotating_an_8_bit_spectrogram_rotates_the_loop(transform, magnitude):
    # Many bins of an 8-bit image are equal, and several are white.
    grey = np.rint(255 * np.minimum(magnitude / (0.8 * magnitude.max()), 1) ** (1 / 3))
    picture = (160 * (grey / 255) ** 3).astype(np.float32)
    assert (grey == 255).sum() > 2
    straight = reconstruct(picture, transform)
    turned = reconstruct(np.roll(picture, 41, axis=0), transform)
    assert np.linalg.norm(turned - np.roll(straight, 41 * 128)) < 1e-3 * np.linalg.norm(straight)


def test_reconstruction_is_deterministic(transform, magnitude):
    assert (reconstruct(magnitude, transform) == reconstruct(magnitude, transform)).all()


def test_a_previous_loop_keeps_the_timbre(transform):
    loop = beat_loop()
    first = reconstruct(np.abs(transform.forward(loop)), transform)
    moved = np.abs(transform.forward(loop))
    moved[:, 40:80] *= 0.7
    cold = reconstruct(moved, transform)
    warm = reconstruct(moved, transform, previous=first)
    assert np.corrcoef(first, warm)[0, 1] > 0.99
    assert spectral_convergence(warm, moved, transform) < spectral_convergence(cold, moved, transform)


def test_a_long_sequence_is_integrated_in_pieces():
    loops = np.concatenate([beat_loop(seed=seed) for seed in range(20)])
    long = Stft(20 * 128)
    wanted = np.abs(long.forward(loops))
    polls = iter(range(99))
    samples = reconstruct(wanted, long, stop=lambda: next(polls) < 0)
    assert spectral_convergence(samples, wanted, long) < -20
    assert next(polls) > 2 + METHODS["fast"].settling  # polled between the pieces


@pytest.mark.parametrize("turn", [0, 3, 5])
def test_phases_are_rotated_to_fit_the_mirror_image_of_the_bass(turn):
    bass = ConstantQ(128, 320, hop_length=128, settings=ConstantQSettings(widest_spacing=1 / 4)).bass()
    samples = np.fft.irfft(np.fft.rfft(beat_loop())[: 128 // 2 + 1], 128) / 128
    coefficients = bass.transform.forward(samples.astype(np.float32))
    turned = np.asarray(coefficients * np.exp(-2j * np.pi * turn / (2 * bass.n_angles)), np.complex64)
    found = _find_best_turns(turned, np.abs(coefficients), bass, [128])
    assert found.shape == (128, 1)
    assert (found == np.float32(turn / (2 * bass.n_angles))).all()


def test_silence_stays_silent(transform):
    samples = reconstruct(np.zeros((128, 257), np.float32), transform)
    assert not samples.any()


def test_progress_rises_to_one(transform, magnitude):
    seen: list[float] = []
    reconstruct(magnitude, transform, progress=lambda done, total=1.0: seen.append(done / total))
    assert seen == sorted(seen)
    assert seen[-1] == 1
    assert len(seen) == 1 + METHODS["fast"].reflections + METHODS["fast"].settling


def test_stop_is_polled_at_every_step(transform, magnitude):
    polls = iter([False, False, True])
    with pytest.raises(Cancelled):
        reconstruct(magnitude, transform, stop=lambda: next(polls))


def test_another_shape_is_refused(transform):
    with pytest.raises(SpecMismatch, match="257"):
        reconstruct(np.zeros((128, 256), np.float32), transform)


@pytest.mark.parametrize("method", [METHODS["best"], "best"])
def test_a_method_is_selected_by_name_or_value(transform, magnitude, method):
    polls = iter(range(99))
    reconstruct(magnitude, transform, method=method, stop=lambda: next(polls) < 0)
    assert next(polls) == 2 + METHODS["best"].reflections + METHODS["best"].settling


def test_an_unknown_method_is_refused(transform, magnitude):
    with pytest.raises(SettingError, match=r"'slow'.*fast, best, griffin-lim"):
        reconstruct(magnitude, transform, method="slow")


def test_convergence_is_low_for_the_original_and_0_db_for_silence(transform):
    loop = beat_loop()
    magnitude = np.abs(transform.forward(loop))
    assert spectral_convergence(loop, magnitude, transform) < -110
    assert spectral_convergence(loop * np.float32(1.1), magnitude, transform) == pytest.approx(-20, abs=1e-3)
    assert spectral_convergence(loop, transform.to_rows(magnitude), transform) < -110
    assert abs(spectral_convergence(np.zeros_like(loop), magnitude, transform)) < 1e-6
