import numpy as np
import pytest

from technogan.errors import SpecError, SpecMismatch
from technogan.formats import FORMATS, ConstantQSettings
from technogan.phase.reconstruction import METHODS, Method, reconstruct, spectral_convergence
from technogan.transforms import transform_of
from technogan.transforms.constant_q import ConstantQ
from technogan.transforms.constant_q_layout import layout_of
from tests.technogan import reference

HOP = 128
OWN = ConstantQSettings()
# The rows of the format of a bar.
BAR = ConstantQSettings(widest_spacing=1 / 4)
# The rows of the prototype at its sample rate.
PROTOTYPE = ConstantQSettings(fmin=8.175 / 34952.53, bins_per_octave=24)
HIGHER = ConstantQSettings(fmin=32.7 / 34952.53, bins_per_octave=30)
LAYOUTS = pytest.mark.parametrize("settings", [OWN, PROTOTYPE, HIGHER], ids=["own", "prototype", "higher"])


def constant_q(settings=OWN, n_loops=1, n_rows=256):
    return ConstantQ(256 * n_loops, n_rows, hop_length=HOP, settings=settings)


def whole_bar():
    return ConstantQ(512, 320, hop_length=HOP, settings=BAR)


def noise(n, seed=0):
    return np.random.default_rng(seed).standard_normal(n).astype(np.float32)


def sinusoid(frequency, n=32768, phase=0.3):
    return np.cos(2 * np.pi * (frequency * np.arange(n) + phase)).astype(np.float32)


def impulse(at, n=32768):
    samples = np.zeros(n, np.float32)
    samples[at] = 1
    return samples


def chirp(start, stop, n=32768):
    time = np.arange(n)
    envelope = 0.5 - 0.5 * np.cos(2 * np.pi * time / n)
    return (envelope * np.cos(2 * np.pi * (start + (stop - start) * time / n / 2) * time)).astype(np.float32)


def beats(n=32768):
    """Return two kicks of falling pitch, a bass between them and a burst of noise on every quarter of a beat."""
    time = np.arange(n)
    since_kick = time % 16384
    kick = np.sin(2 * np.pi * (0.0015 * since_kick - 4 * np.exp(-since_kick / 700))) * np.exp(-since_kick / 3500)
    bass = np.sin(2 * np.pi * 61 / n * time) * np.clip(since_kick / 8192 - 1, 0, 1)
    hat = noise(n) * np.exp(-(time % 4096) / 400)
    return (0.6 * kick + 0.3 * bass + 0.1 * hat).astype(np.float32)


def relative_error(a, b):
    return np.linalg.norm(a - b) / np.linalg.norm(b)


def wrapped(turns):
    return turns - np.round(turns)


@pytest.fixture(params=["own", "prototype", "bar"])
def small(request):
    """Return a transform of a short loop, and the centres and reaches of its bands."""
    settings = {"own": OWN, "prototype": PROTOTYPE, "bar": BAR}[request.param]
    n_rows = 320 if request.param == "bar" else 256
    layout = layout_of(n_rows, HOP, settings)
    return ConstantQ(32, n_rows, hop_length=HOP, settings=settings), layout.centres, layout.reaches


def test_forward_agrees_with_the_definition(small):
    transform, centres, reaches = small
    samples = noise(transform.n_samples)
    wanted = reference.constant_q(samples, centres, reaches, 32)
    assert np.abs(transform.forward(samples) - wanted).max() < 2e-6 * np.abs(wanted).max()


def test_inverse_agrees_with_the_definition(small):
    transform, centres, reaches = small
    re, im = noise(2 * 32 * transform.n_bins).reshape(2, 32, transform.n_bins)
    coefficients = (re + 1j * im).astype(np.complex64)
    wanted = reference.inverse_constant_q(coefficients, transform.n_samples, centres, reaches)
    assert relative_error(transform.inverse(coefficients), wanted) < 2e-6


def test_rewriting_agrees_with_the_definition(small):
    transform, centres, reaches = small
    samples, magnitude = noise(transform.n_samples), np.abs(noise(32 * transform.n_bins, seed=1)).reshape(32, -1)

    def change(part, x):
        x *= magnitude[part] / np.abs(x)

    coefficients = reference.constant_q(samples, centres, reaches, 32)
    coefficients *= magnitude / np.abs(coefficients)
    wanted = reference.inverse_constant_q(coefficients, transform.n_samples, centres, reaches)
    got = transform.to_samples(transform.rewrite(transform.to_signal(samples), change))
    assert relative_error(got, wanted) < 1e-5


def test_parts_are_even_and_odd_bands_that_determine_the_signal():
    transform = whole_bar()
    samples = noise(transform.n_samples)
    coefficients = transform.forward(samples)
    assert [bins for bins, _ in transform.parts] == [slice(0, None, 2), slice(1, None, 2)]
    for bins, part in transform.parts:
        assert part.n_bins == 160
        assert np.array_equal(part.forward(samples), coefficients[:, bins])
        signal = part.project(coefficients[:, bins])
        assert relative_error(transform.to_samples(signal), samples) < 1e-6


@LAYOUTS
def test_bands_that_hardly_overlap_are_not_divided(settings):
    transform = constant_q(settings)
    ((bins, part),) = transform.parts
    assert bins == slice(None)
    assert part is transform


def test_the_bass_equals_the_lowest_bands_of_the_low_passed_samples():
    transform = whole_bar()
    bass = transform.bass()
    spectrum = np.fft.rfft(beats(65536))
    low_passed = np.asarray(np.fft.irfft(spectrum[: 512 // 2 + 1], 512) / HOP, np.float32)
    lowest = transform.forward(beats(65536))[:, : bass.n_kept]
    assert relative_error(bass.transform.forward(low_passed)[:, : bass.n_kept], lowest) < 1e-4
    assert (transform.frequencies[: bass.n_mirrored + 1] < 1 / 8 / HOP).tolist() == [True] * bass.n_mirrored + [False]


# Only rounding differs; the iterations amplify it.
@pytest.mark.parametrize(("method", "tolerance"), [("fast", 1e-3), ("best", 2e-2)])
def test_rotating_the_spectrogram_rotates_the_loop(method, tolerance):
    transform = whole_bar()
    magnitude = np.ascontiguousarray(np.abs(transform.forward(beats(65536))))
    straight = reconstruct(magnitude, transform, method=method)
    turned = reconstruct(np.roll(magnitude, 41, axis=0), transform, method=method)
    assert relative_error(turned, np.roll(straight, 41 * HOP)) < tolerance


@LAYOUTS
@pytest.mark.parametrize("n_loops", [1, 3])
def test_inverse_of_forward_is_the_signal(settings, n_loops):
    transform = constant_q(settings, n_loops)
    samples = noise(transform.n_samples)
    assert relative_error(transform.inverse(transform.forward(samples)), samples) < 1e-6


@pytest.mark.parametrize(("n_frames", "hop_length"), [(16, 128), (33, 127), (100, 131)])
def test_inverse_is_exact_for_unusual_sizes(n_frames, hop_length):
    transform = ConstantQ(n_frames, 256, hop_length=hop_length, settings=OWN)
    samples = noise(n_frames * hop_length)
    assert relative_error(transform.inverse(transform.forward(samples)), samples) < 1e-6


@LAYOUTS
def test_inverse_is_the_adjoint_weighted_by_the_frame_operator(settings):
    # Least squares: the residual of arbitrary coefficients is orthogonal to every transform of a signal.
    transform = constant_q(settings)
    re, im = noise(2 * transform.n_frames * transform.n_bins).reshape(2, transform.n_frames, transform.n_bins)
    coefficients = (re + 1j * im).astype(np.complex64)
    left = coefficients - transform.forward(transform.inverse(coefficients))
    true = transform.forward(noise(transform.n_samples, seed=1))
    assert abs(np.vdot(true, left).real) < 1e-5 * np.linalg.norm(true) * np.linalg.norm(coefficients)


@LAYOUTS
def test_rotating_the_loop_rotates_coefficients_and_phases(settings):
    transform = constant_q(settings)
    samples = noise(transform.n_samples)
    rotated = transform.forward(np.roll(samples, 5 * HOP))
    assert relative_error(rotated, np.roll(transform.forward(samples), 5, axis=0)) < 1e-6


@LAYOUTS
def test_types_and_shapes(settings):
    transform = constant_q(settings)
    coefficients = transform.forward(noise(transform.n_samples))
    assert (coefficients.dtype, coefficients.shape) == (np.complex64, (transform.n_frames, transform.n_bins))
    assert transform.inverse(coefficients).dtype == np.float32
    steps = transform.phase_steps(np.abs(coefficients))
    assert [(s.dtype, s.shape) for s in steps] == 2 * [(np.float32, coefficients.shape)]
    rows = transform.to_rows(np.abs(coefficients))
    assert (rows.dtype, rows.shape) == (np.float32, (256, 256))
    assert transform.from_rows(rows).dtype == np.float32


@LAYOUTS
def test_rewriting_changes_every_coefficient_exactly_once(settings):
    transform = constant_q(settings)
    samples = noise(transform.n_samples)
    seen = np.zeros((transform.n_frames, transform.n_bins), int)

    def halve(part, coefficients):
        seen[part] += 1
        coefficients *= 0.5

    halved = transform.to_samples(transform.rewrite(transform.to_signal(samples), halve))
    assert relative_error(halved, samples / 2) < 1e-6
    assert (seen == 1).all()


@pytest.mark.parametrize("n_loops", [3, 16])
@LAYOUTS
def test_a_sequence_has_the_bands_of_its_loops(settings, n_loops):
    one, many = constant_q(settings), constant_q(settings, n_loops)
    assert np.array_equal(one.frequencies, many.frequencies)
    samples = noise(one.n_samples)
    expected = np.tile(one.forward(samples), (n_loops, 1))
    assert relative_error(many.forward(np.tile(samples, n_loops)), expected) < 1e-5


def test_the_variable_q_layout_rises_from_dc_to_nyquist_and_needs_no_other_bands():
    transform = constant_q()
    f = transform.frequencies
    gaps = np.diff(f) * HOP
    assert transform.n_bins == 256
    assert 0 < f[0] < 0.5 / 32 / HOP * 1.001
    assert np.isclose(0.5 - f[-1], 3 / 16 / HOP)
    assert np.isclose(gaps.min(), 1 / 32)
    assert np.isclose(gaps.max(), 3 / 8)
    assert np.all(np.diff(gaps) > -1e-9)


@pytest.mark.parametrize("settings", [PROTOTYPE, HIGHER])
def test_geometric_rows_are_at_the_frequencies_of_the_settings(settings):
    transform = constant_q(settings, n_rows=200)
    rows = transform.to_rows(transform.frequencies)
    assert np.allclose(rows, settings.fmin * 2 ** (np.arange(200) / settings.bins_per_octave), rtol=1e-12)


@LAYOUTS
def test_a_tone_is_strongest_in_its_row_and_as_strong_as_in_an_stft(settings):
    transform = constant_q(settings)
    centres = transform.to_rows(transform.frequencies)
    for row in (60, 120, 180, 240):
        rows = transform.to_rows(np.abs(transform.forward(sinusoid(centres[row]))))
        assert rows[128].argmax() == row
        assert rows[128, row] == pytest.approx(128, rel=0.01)


def test_an_impulse_is_strongest_on_its_frame_with_phase_zero_there():
    coefficients = constant_q().forward(impulse(77 * HOP))
    assert set(np.abs(coefficients).argmax(axis=0)) == {77}
    assert np.abs(np.angle(coefficients[77])).max() < 1e-3


@LAYOUTS
def test_rows_are_kept_when_the_other_bins_are_filled(settings):
    transform = constant_q(settings)
    rows = np.abs(noise(256 * 256)).reshape(256, 256)
    assert np.array_equal(transform.to_rows(transform.from_rows(rows)), rows)


def test_bins_between_rows_are_interpolated_and_those_outside_silent():
    transform = constant_q(HIGHER)
    f = transform.frequencies
    centres = transform.to_rows(f)
    bins = transform.from_rows(np.tile(centres, (256, 1)).astype(np.float32))
    covered = (f >= centres[0]) & (f <= centres[-1])
    assert 256 < covered.sum() < transform.n_bins
    assert np.allclose(bins[:, covered], f[covered], rtol=1e-5)
    assert not bins[:, ~covered].any()


def test_a_signal_within_the_rows_needs_only_their_bins():
    transform = constant_q(HIGHER)
    f, centres = transform.frequencies, transform.to_rows(transform.frequencies)
    # One reach further inside, so that no band outside the rows overlaps the signal.
    spectrum = np.fft.rfft(noise(transform.n_samples))
    bins = np.fft.rfftfreq(transform.n_samples)
    spectrum[(bins < centres[0] + 0.125 / HOP) | (bins > centres[-1] - 0.5 / HOP)] = 0
    samples = np.fft.irfft(spectrum).astype(np.float32)
    coefficients = transform.forward(samples)
    coefficients[:, (f < centres[0]) | (f > centres[-1])] = 0
    assert relative_error(transform.inverse(coefficients), samples) < 1e-6


@LAYOUTS
@pytest.mark.parametrize(
    ("samples", "tolerance"),
    [
        (sinusoid(102 / 32768), 0.05),
        (sinusoid(1661 / 32768), 0.05),
        (sinusoid(1680 / 32768), 0.06),
        (sinusoid(10158 / 32768), 0.05),
        (impulse(16384), 0.03),
        (impulse(9999), 0.03),
        (chirp(0.01, 0.06), 0.03),
        (chirp(0.4, 0.1), 0.05),
    ],
    ids=["bass", "tone", "odd tone", "high tone", "impulse", "odd impulse", "chirp", "falling chirp"],
)
def test_phase_steps_of_clean_signals_are_the_true_ones(settings, samples, tolerance):
    transform = constant_q(settings)
    coefficients = transform.forward(samples)
    magnitude, phase = np.abs(coefficients), np.angle(coefficients) / (2 * np.pi)
    time_steps, frequency_steps = transform.phase_steps(magnitude)
    loud = magnitude > 0.5 * magnitude.max()
    in_time = wrapped(np.roll(phase, -1, axis=0) - phase - time_steps)
    in_frequency = wrapped(np.diff(phase, axis=1) - frequency_steps[:, :-1])
    assert np.abs(in_time[loud & np.roll(loud, -1, axis=0)]).max() < tolerance
    assert np.abs(in_frequency[loud[:, 1:] & loud[:, :-1]]).max(initial=0) < tolerance


@LAYOUTS
def test_silence_stays_silent(settings):
    transform = constant_q(settings)
    assert not transform.forward(np.zeros(transform.n_samples, np.float32)).any()
    magnitude = np.zeros((transform.n_frames, transform.n_bins), np.float32)
    for steps in transform.phase_steps(magnitude):
        assert np.all(np.isfinite(steps))
    assert not transform.inverse(magnitude.astype(np.complex64)).any()
    assert not reconstruct(magnitude, transform).any()


def test_phase_steps_do_not_depend_on_the_level():
    transform = constant_q()
    magnitude = np.abs(transform.forward(noise(transform.n_samples)))
    for loud, soft in zip(transform.phase_steps(magnitude), transform.phase_steps(magnitude * 1e-3), strict=True):
        assert np.allclose(loud, soft, atol=1e-3)


@LAYOUTS
def test_reconstruction_from_gradients_beats_random_phases(settings):
    transform = constant_q(settings)
    magnitude = np.abs(transform.forward(beats()))
    ours = reconstruct(magnitude, transform, method=Method(from_gradients=True, bass=0, reflections=0, settling=6))
    theirs = reconstruct(magnitude, transform, method=METHODS["griffin-lim"], rng=np.random.default_rng(0))
    assert spectral_convergence(ours, magnitude, transform) < spectral_convergence(theirs, magnitude, transform) - 0.8


def test_the_format_selects_this_transform():
    transform = transform_of(FORMATS["half-cq"], n_loops=3)
    assert isinstance(transform, ConstantQ)
    assert (transform.n_frames, transform.n_bins, transform.n_samples) == (768, 256, 98304)


@pytest.mark.parametrize(
    ("n_frames", "n_rows", "settings"),
    [
        (8, 256, OWN),
        (256, 100, OWN),
        (256, 2000, OWN),
        (256, 300, PROTOTYPE),
    ],
    ids=["few frames", "few rows", "many rows", "rows above Nyquist"],
)
def test_impossible_settings_are_refused(n_frames, n_rows, settings):
    with pytest.raises(SpecError):
        ConstantQ(n_frames, n_rows, hop_length=HOP, settings=settings)


def test_wrong_shapes_are_refused():
    transform = constant_q(PROTOTYPE)
    with pytest.raises(SpecMismatch):
        transform.forward(np.zeros(100, np.float32))
    with pytest.raises(SpecMismatch):
        transform.inverse(np.zeros((256, 256), np.complex64))
    with pytest.raises(SpecMismatch):
        transform.phase_steps(np.zeros((256, 256), np.float32))
    with pytest.raises(SpecMismatch):
        transform.from_rows(np.zeros((256, 100), np.float32))
