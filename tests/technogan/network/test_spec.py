import json
from dataclasses import replace

import pytest

from technogan.errors import SettingError, SpecError
from technogan.formats import FORMATS, ConstantQSettings, SpectrogramFormat, StftSettings, find_format
from technogan.network.spec import Direction, ModelSpec

SPEC = ModelSpec("bar", FORMATS["bar"], licence="CC0-1.0", training="an hour")


@pytest.mark.parametrize(
    ("name", "frames", "rows", "samples", "beats"),
    [
        ("beat", 128, 320, 16384, 1),
        ("half", 256, 320, 32768, 2),
        ("bar", 512, 320, 65536, 4),
        ("beat-256", 128, 256, 16384, 1),
        ("half-256", 256, 256, 32768, 2),
        ("bar-256", 512, 256, 65536, 4),
        ("half-cq", 256, 256, 32768, 2),
    ],
)
def test_the_formats(name, frames, rows, samples, beats):
    described = find_format(name)
    assert (described.n_frames, described.n_bins, described.n_samples, described.beats) == (
        frames,
        rows,
        samples,
        beats,
    )


def test_every_format_is_in_the_table_above():
    (table,) = (mark for mark in test_the_formats.pytestmark if mark.name == "parametrize")
    assert [row[0] for row in table.args[1]] == list(FORMATS)


@pytest.mark.parametrize(
    ("name", "rows", "found"),
    [
        ("bar", 256, "bar-256"),
        ("half", 256, "half-256"),
        ("beat", 256, "beat-256"),
        ("bar", 320, "bar"),
        ("bar", None, "bar"),
        ("bar-256", 256, "bar-256"),
        ("half-cq", 256, "half-cq"),
    ],
)
def test_rows_tell_old_formats_from_new_ones(name, rows, found):
    assert find_format(name, rows=rows) == FORMATS[found]


@pytest.mark.parametrize(("bpm", "rate"), [(128, 34952.5333), (160, 43690.6667)])
def test_every_format_plays_a_beat_at_the_same_rate(bpm, rate):
    assert {round(f.sample_rate(bpm), 4) for f in FORMATS.values()} == {round(rate, 4)}


@pytest.mark.parametrize(
    "spec", [SPEC, replace(SPEC, format=FORMATS["half-cq"]), replace(SPEC, latent_size=32, bpm=140.5, slider_scale=0.1)]
)
def test_a_spec_survives_its_json(spec):
    assert ModelSpec.from_json(spec.to_json()) == spec


def test_an_unknown_format_names_the_known_ones():
    with pytest.raises(SettingError, match=r"'bars'.*beat, half, bar, beat-256, half-256, bar-256, half-cq"):
        find_format("bars")


@pytest.mark.parametrize(
    "change",
    [
        {"n_frames": 0},
        {"n_frames": 2},
        {"n_bins": 128},
        {"beats": -1},
        {"power": float("nan")},
        {"scale": 0},
        {"hop_length": 100},
        {"hop_length": 256},
        {"transform": StftSettings(1024)},
        {"n_frames": 10**12},
        {"beats": 10**6},
        {"power": 1e38},
        {"power": 1e-38},
        {"scale": 1e38},
        {"scale": float("inf")},
        {"name": "two\nlines"},
        {"name": "\udc80"},
    ],
)
def test_impossible_formats_are_refused(change):
    with pytest.raises(SpecError):
        replace(FORMATS["bar-256"], **change)


@pytest.mark.parametrize(
    "arguments", [(0.1, None), (None, 24), (0.7, 24), (-0.1, 24), (0.1, 0), (1e-300, 24), (0.01, 10**9)]
)
def test_impossible_constant_q_settings_are_refused(arguments):
    with pytest.raises(SpecError):
        ConstantQSettings(*arguments)


@pytest.mark.parametrize("n_fft", [0, 3, 500, -512])
def test_impossible_windows_are_refused(n_fft):
    with pytest.raises(SpecError):
        StftSettings(n_fft)


@pytest.mark.parametrize(
    "change",
    [
        {"name": ""},
        {"name": "a/b"},
        {"latent_size": 0},
        {"slider_min": 200},
        {"bpm": 0},
        {"slider_scale": float("inf")},
        {"slider_scale": 1e38},
        {"slider_max": 1 << 60},
        {"bpm": 1e308},
        {"bpm": float("nan")},
        {"licence": "\ud800"},
        {"training": "\x1b[2J"},
        {"version": "1" * 10_000},
        {"directions": (Direction("brighter", (1e38,) * 64),)},
        {"directions": (Direction("brighter", (float("nan"),) * 64),)},
        {"directions": (Direction("\a", (0.125,) * 64),)},
    ],
)
def test_impossible_models_are_refused(change):
    with pytest.raises(SpecError):
        replace(SPEC, **change)


BAD_STEMS = {
    "one": ("kick",),
    "nine": tuple("abcdefghi"),
    "twice the same": ("kick", "drums", "kick"),
    "upper case": ("Kick", "drums"),
    "not letters": ("kick", "drums-2"),
    "not ASCII": ("kick", "bässe"),
    "empty": ("kick", ""),
}


@pytest.mark.parametrize("stems", BAD_STEMS.values(), ids=BAD_STEMS)
def test_impossible_stems_are_refused(stems):
    with pytest.raises(SpecError, match="stems must be none, or 2 to 8 different names of lower-case letters"):
        replace(SPEC, stems=stems)


@pytest.mark.parametrize("stems", [(), ("kick", "drums"), tuple("abcdefgh")])
def test_stems_survive_json(stems):
    spec = replace(SPEC, stems=stems)
    assert ModelSpec.from_json(spec.to_json()) == spec


def test_the_metadata_of_a_model_without_stems_does_not_mention_them():
    assert "stems" not in json.loads(SPEC.to_json())
    assert json.loads(replace(SPEC, stems=("kick", "drums")).to_json())["stems"] == ["kick", "drums"]


@pytest.mark.parametrize(("stems", "shape"), [((), (320, 512)), (("kick", "drums"), (2, 320, 512))])
def test_the_shape_of_the_images_of_a_seed(stems, shape):
    assert replace(SPEC, stems=stems).image_shape == shape


def _without(key):
    return lambda values: values.pop(key)


def _with(key, value):
    return lambda values: values.update({key: value})


@pytest.mark.parametrize(
    "damage",
    [
        _without("name"),
        _without("format"),
        _without("schema"),
        _with("schema", 99),
        _with("bpm", "fast"),
        _with("latent_size", 64.5),
        _with("latent_size", True),
        _with("name", None),
        _with("surprise", 1),
        _with("format", []),
        _with("stems", "kick"),
        _with("stems", ["kick"]),
        _with("stems", ["kick", 3]),
        lambda values: values["format"].pop("power"),
        lambda values: values["format"]["transform"].update(kind="wavelet"),
        lambda values: values["format"]["transform"].update(n_fft="many"),
    ],
)
def test_wrong_or_missing_values_are_refused(damage):
    values = json.loads(SPEC.to_json())
    damage(values)
    with pytest.raises(SpecError):
        ModelSpec.from_json(json.dumps(values))


@pytest.mark.parametrize("text", ["", "no json", "[]", "null", '"text"', "{", "1e999"])
def test_text_that_is_not_a_spec_is_refused(text):
    with pytest.raises(SpecError):
        ModelSpec.from_json(text)


def test_formats_are_compared_by_value():
    assert FORMATS["bar-256"] == SpectrogramFormat("bar-256", n_frames=512, n_bins=256, beats=4)
    assert hash(FORMATS["bar"]) == hash(replace(FORMATS["bar"]))
