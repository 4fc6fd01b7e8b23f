import json

import numpy as np
import pytest

from app.cli import run
from technogan.commands.bands import BANDS, compare_sounds, measure_bands
from technogan.formats import FORMATS, find_format
from technogan.transforms import transform_of
from tests.signals import RATE, beat_loop
from training.cli import render_unseen


@pytest.fixture(scope="module")
def loop():
    return beat_loop()


@pytest.fixture(scope="module")
def bars():
    return [render_unseen(number) for number in range(3)]


@pytest.fixture(scope="module")
def rows(bars):
    """Measure today's formats of a bar with the method "fast"."""
    found = measure_bands([FORMATS["bar-256"], FORMATS["bar"]], bars, lambda image, _: np.zeros(65536))
    return {(row.format, row.method): row for row in found}


def test_an_exact_copy_has_no_errors(loop):
    assert compare_sounds(loop, loop) == dict.fromkeys(BANDS, 0) | {"onsets": pytest.approx(1)}


def test_silence_is_no_copy(loop):
    errors = compare_sounds(loop, np.zeros_like(loop))
    assert errors["onsets"] == 0
    assert min(errors[name] for name in BANDS) > 100


def test_half_the_level_is_an_error_of_6_db_in_every_band(loop):
    errors = compare_sounds(loop, loop / 2)
    assert [errors[name] for name in BANDS] == pytest.approx([20 * np.log10(2)] * 4, rel=1e-5)
    assert errors["onsets"] == pytest.approx(1)


@pytest.mark.parametrize(("name", "low", "high"), [("bass", 30, 150), ("low_mids", 150, 600), ("mids", 600, 4000)])
def test_a_band_hears_its_own_frequencies_only(loop, name, low, high):
    spectrum = np.fft.rfft(loop)
    hertz = np.fft.rfftfreq(len(loop), 1 / RATE)
    spectrum[(hertz > 1.3 * low) & (hertz < high / 1.3)] *= 0.5
    errors = compare_sounds(loop, np.fft.irfft(spectrum).astype(np.float32))
    assert errors[name] == max(errors[each] for each in ("bass", "low_mids", "mids"))
    assert errors[name] > 2


def test_smeared_attacks_are_errors_of_transients_and_onsets(loop):
    # Bands are shifted in phase against each other.
    transform = transform_of(find_format("beat"))
    coefficients = transform.forward(loop)
    turned = coefficients * np.exp(2j * np.pi * np.random.default_rng(0).random(coefficients.shape[1]))
    errors = compare_sounds(loop, transform.inverse(turned.astype(np.complex64)))
    assert errors["transients"] > 3
    assert errors["onsets"] < 0.9


def test_the_format_of_a_bar_holds_what_it_promises(rows):
    # Measured over six bars: 0.4 and 0.1 dB, 0.5 and 0.3 dB.
    fast, best = rows["bar", "fast"].errors, rows["bar", "best"].errors
    assert fast.bass < 0.9
    assert best.bass < 0.4
    assert max(fast.low_mids, best.low_mids) < 0.9


@pytest.mark.parametrize("method", ["fast", "best"])
def test_the_format_of_a_bar_is_at_least_as_close_as_the_prototypes(rows, method):
    old, new = rows["bar-256", method].errors, rows["bar", method].errors
    assert new.mids < old.mids
    assert new.transients < old.transients
    assert new.onsets > old.onsets


def test_only_stft_formats_are_measured_with_the_prototypes_method(rows):
    assert ("bar-256", "prototype") in rows
    assert ("bar", "prototype") not in rows


def test_bench_prints_the_bands_of_every_format(capsys):
    assert run(["bench", "--bands", "--quick"]) == 0
    lines = capsys.readouterr().out.strip().splitlines()
    assert [line.split()[:3] for line in lines[2:]] == [
        ["beat-256", "256", "fast"],
        ["beat-256", "256", "best"],
        ["beat-256", "256", "prototype"],
        ["beat", "320", "fast"],
        ["beat", "320", "best"],
    ]


def test_bench_prints_the_bands_as_json(capsys):
    assert run(["bench", "--bands", "--quick", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found) == {"bands"}
    assert {"format", "rows", "method", "errors", "ms"} == set(found["bands"][0])
    assert found["bands"][-1]["errors"]["bass"] < 0.4
