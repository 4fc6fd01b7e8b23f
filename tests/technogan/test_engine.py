from dataclasses import replace

import numpy as np
import pytest

from technogan.engine import Engine, loop_of_images, samples_of_images
from technogan.errors import Cancelled, SeedError, SettingError, SpecMismatch
from technogan.formats import FORMATS
from technogan.network.library import find_model
from technogan.network.writing import write_bundle
from technogan.phase.reconstruction import spectral_convergence
from technogan.seeds import paths
from technogan.seeds.seed import Seed
from technogan.sound.level import TRUE_PEAK_CEILING
from technogan.transforms import transform_of
from tests.networks import STEMS, TINY, stems_network, tiny_spec

A = Seed.from_integer(1)
B = Seed.from_integer(2)


@pytest.fixture(scope="module")
def beat():
    return Engine(find_model("beat"))


@pytest.fixture(scope="module")
def bar():
    return Engine(find_model("bar"))


@pytest.mark.parametrize(("name", "frames", "beats"), [("beat", 16384, 1), ("bar", 65536, 4)])
def test_a_seed_is_rendered_to_a_loop(name, frames, beats, request):
    loop = request.getfixturevalue(name).render(A)
    assert loop.samples.shape == (frames,)
    assert loop.samples.dtype == np.float32
    assert np.isfinite(loop.samples).all()
    assert (loop.beats, loop.bpm) == (beats, 128)
    assert loop.sample_rate == pytest.approx(34952.5333)
    assert loop.origin is not None
    assert (loop.origin.model, loop.origin.seeds) == (name, (A,))


def test_the_same_seed_gives_the_same_loop(beat):
    again = Engine(find_model("beat")).render(A)
    assert (beat.render(A).samples == again.samples).all()
    assert not np.allclose(beat.render(B).samples, again.samples, atol=0.05)


@pytest.mark.parametrize("method", ["fast", "best", "griffin-lim"])
def test_every_method_is_deterministic(method):
    engine = Engine(find_model("beat"), method=method)
    assert (engine.render(A).samples == engine.render(A).samples).all()


def test_many_loops_equal_single_ones(beat):
    seeds = [Seed.from_integer(i) for i in range(6)]
    for seed, loop in zip(seeds, beat.render_many(seeds), strict=True):
        alone = beat.render(seed).samples
        # Batches may differ in their last bits, which reconstruction can amplify.
        assert np.corrcoef(loop.samples, alone)[0, 1] > 0.99


def test_the_spectrum_of_a_loop_is_that_of_its_image(bar):
    transform = transform_of(bar.spec.format)
    loop = bar.render(A)
    raw = loop.samples / np.float32(10 ** (loop.levels.gain_db / 20))
    assert spectral_convergence(raw, transform.from_rows(loop.magnitude), transform) < -9


def test_peaks_stay_below_the_ceiling_and_are_reported(beat):
    for number in range(8):
        loop = beat.render(Seed.from_integer(number))
        assert loop.levels.true_peak <= TRUE_PEAK_CEILING + 1e-3
        assert np.abs(loop.samples).max() <= 10 ** (TRUE_PEAK_CEILING / 20) + 1e-4


def test_steps_at_the_seam_are_as_small_as_others(beat):
    excess = 0
    for number in range(40):
        samples = beat.render(Seed.from_integer(number)).samples
        steps = np.abs(np.diff(samples))
        excess += abs(samples[0] - samples[-1]) > np.quantile(steps, 0.999)
    assert excess <= 2


def test_a_sequence_is_one_loop(beat):
    seeds = paths.pingpong(A, B, 6)
    loop = beat.render_sequence(seeds)
    assert loop.samples.shape == (6 * 16384,)
    assert loop.beats == 6
    assert loop.magnitude.shape == (6 * 128, 256)
    assert loop.origin.seeds == tuple(seeds)


def test_joins_within_a_sequence_do_not_click(beat):
    loop = beat.render_sequence([Seed.from_integer(i) for i in range(8)])
    steps = np.abs(np.diff(loop.samples, append=loop.samples[:1]))
    joins = steps[16383::16384]
    assert (joins > np.quantile(steps, 0.999)).sum() <= 1


def test_a_previous_loop_keeps_small_moves_small(beat):
    first = beat.render(A)
    moved = Seed([value + 2 if i == 3 and value < 120 else value for i, value in enumerate(A.values)])
    warm, cold = beat.render(moved, previous=first), beat.render(moved)
    similarity = np.corrcoef(first.samples, warm.samples)[0, 1]
    assert similarity > 0.97
    assert similarity > np.corrcoef(first.samples, cold.samples)[0, 1]


def test_a_previous_loop_that_is_not_similar_has_no_effect(beat):
    alone = beat.render(A)
    others = [beat.render(Seed.from_integer(i)) for i in range(10, 16)]
    furthest = max(others, key=lambda loop: np.linalg.norm(loop.magnitude - alone.magnitude))
    np.testing.assert_array_equal(beat.render(A, previous=furthest).samples, alone.samples)


@pytest.mark.parametrize("bpm", [90, 128, 174.5])
def test_the_tempo_sets_the_sample_rate(beat, bpm):
    loop = beat.render(A, bpm=bpm)
    assert loop.sample_rate == pytest.approx(16384 * bpm / 60)
    assert loop.duration == pytest.approx(60 / bpm)


def test_progress_rises_to_one(beat):
    seen: list[float] = []

    def record(done, total=1.0):
        seen.append(done / total)

    beat.render_sequence([A, B] * 4, progress=record)
    assert seen == sorted(seen)
    assert seen[-1] == 1
    seen.clear()
    list(beat.render_many([A, B], progress=record))
    assert seen == [0.5, 1]


@pytest.mark.parametrize("polls", [0, 1, 3])
def test_stop_cancels_the_render(beat, polls):
    answers = iter([False] * polls + [True] * 99)
    with pytest.raises(Cancelled):
        beat.render_sequence([A, B] * 4, stop=lambda: next(answers))


def test_seeds_of_another_size_are_refused(beat):
    with pytest.raises(SeedError, match="beat has 64 sliders; this seed has 63"):
        beat.render(Seed([0.0] * 63))
    with pytest.raises(SeedError, match="no seed"):
        beat.render_sequence([])
    assert list(beat.render_many([])) == []


def test_invalid_settings_are_refused(beat):
    with pytest.raises(SettingError, match="method"):
        Engine(find_model("beat"), method="slow")
    with pytest.raises(SettingError, match="bpm"):
        beat.render(A, bpm=0)
    with pytest.raises(SpecMismatch, match="previous"):
        beat.render(A, previous=beat.render_sequence([A, B]))


@pytest.mark.parametrize("name", list(FORMATS))
def test_every_format_can_be_rendered(rng, name):
    described = FORMATS[name]
    images = rng.uniform(-1, -0.2, (2, described.n_bins, described.n_frames)).astype(np.float32)
    loop = loop_of_images(images, described, bpm=140)
    assert len(loop.samples) == 2 * described.n_samples
    assert np.isfinite(loop.samples).all()
    assert loop.origin is None


def test_a_black_image_is_silent():
    described = FORMATS["beat-256"]
    loop = loop_of_images(np.full((1, 256, 128), -1, np.float32), described, bpm=128)
    assert not loop.samples.any()


def test_the_format_sets_the_power():
    image = np.full((1, 256, 128), -0.5, np.float32)
    quiet = loop_of_images(image, FORMATS["beat-256"], bpm=128).magnitude
    loud = loop_of_images(image, replace(FORMATS["beat-256"], power=2.0), bpm=128).magnitude
    assert loud.max() == pytest.approx(4 * quiet.max())


@pytest.fixture
def with_stems(tmp_path):
    return Engine(write_bundle(stems_network(), tiny_spec(stems=STEMS), tmp_path / "stems.onnx"))


@pytest.fixture
def stem_images(rng):
    """Quiet noise for three stems of two loops."""
    return rng.uniform(-1, 0, (2, 3, TINY.n_bins, TINY.n_frames)).astype(np.float32)


def test_stems_add_up_to_the_loop(with_stems):
    loop = with_stems.render(Seed.from_integer(1, 8))
    assert tuple(loop.stems) == STEMS
    np.testing.assert_allclose(sum(loop.stems.values()), loop.samples, atol=1e-6)
    assert all(np.abs(samples).max() > 0.01 for samples in loop.stems.values())
    assert loop.levels.true_peak <= TRUE_PEAK_CEILING + 1e-3


def test_the_stems_of_a_sequence_add_up_to_it(with_stems):
    loop = with_stems.render_sequence([Seed.from_integer(i, 8) for i in range(3)])
    assert loop.magnitude.shape == (3 * TINY.n_frames, TINY.n_bins)
    assert {len(samples) for samples in loop.stems.values()} == {3 * TINY.n_samples}
    np.testing.assert_allclose(sum(loop.stems.values()), loop.samples, atol=1e-6)


def test_a_previous_loop_with_stems_can_be_continued(with_stems):
    first = with_stems.render(Seed.from_integer(1, 8))
    again = with_stems.render(Seed.from_integer(1, 8), previous=first)
    for name, samples in again.stems.items():
        assert np.corrcoef(samples, first.stems[name])[0, 1] > 0.9


def test_a_model_without_stems_gives_a_loop_without_stems(beat):
    assert beat.render(A).stems == {}


def test_the_magnitude_of_stems_is_that_of_their_mix(stem_images):
    alone = [loop_of_images(stem_images[:, i], TINY, bpm=128).magnitude for i in range(3)]
    mixed = loop_of_images(stem_images, TINY, stems=STEMS, bpm=128).magnitude
    np.testing.assert_allclose(mixed, np.sqrt(np.square(alone).sum(axis=0)), rtol=1e-5)


def test_a_black_stem_is_silent(stem_images):
    stem_images[:, 1] = -1
    loop = loop_of_images(stem_images, TINY, stems=STEMS, bpm=128)
    assert not loop.stems["drums"].any()
    assert loop.stems["kick"].any()


@pytest.mark.parametrize(
    ("stems", "wanted"), [((), "'n', 32, 48"), (STEMS[:2], "'n', 2, 32, 48"), ((*STEMS, "bass"), "'n', 4, 32, 48")]
)
def test_images_of_other_stems_are_refused(stem_images, stems, wanted):
    with pytest.raises(SpecMismatch, match=rf"images: expected \({wanted}\), got \(2, 3, 32, 48\)"):
        loop_of_images(stem_images, TINY, stems=stems, bpm=128)


def test_samples_of_images_are_those_of_the_loop_before_levelling(stem_images):
    loop = loop_of_images(stem_images, TINY, stems=STEMS, bpm=128)
    samples = samples_of_images(stem_images, TINY, stems=STEMS)
    assert samples.shape == loop.samples.shape
    assert np.corrcoef(samples, loop.samples)[0, 1] > 0.99
