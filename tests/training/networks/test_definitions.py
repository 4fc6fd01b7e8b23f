"""Network definitions, their files, and invalid ones. None of this loads Keras."""

import dataclasses
import json
import subprocess
import sys

import numpy as np
import pytest

from technogan.errors import SettingError, SourceError, SpecError, SpecMismatch, TechnoganError
from technogan.formats import FORMATS
from tests.networks import STEMS
from training.dataset.images import ARRAY
from training.dataset.manifest import Manifest
from training.learning.run import TrainConfig
from training.learning.start import open_dataset, prepare_keras
from training.learning.transfer import require_compatible
from training.networks import NetworkDefinition, find_network, network_names, read_network
from training.networks.backend import require_keras
from training.networks.speckle import draw_speckle, make_speckle

LEAN = ("bar", "bar-256", "beat", "beat-256", "half", "half-256", "half-cq")
PROTOTYPES = ("prototype-128x256", "prototype-256x256", "prototype-256x256-cq", "prototype-512x256")

FORMAT = 'format = "beat-256"'
FILE = f"""
{FORMAT}
[generator]
base = [16, 8]
base_channels = 8
channels = [8, 4]
strides = [2, 2]
[discriminator]
channels = [4, 4]
kernels = [4, 4]
strides = [2, 2]
patch = 1
deviation = 4
"""


def test_built_in_networks():
    assert network_names() == tuple(sorted(LEAN + PROTOTYPES))


@pytest.mark.parametrize("name", LEAN + PROTOTYPES)
def test_definitions_round_trip_through_json(name):
    definition = read_network(name)
    assert definition.name == name
    assert definition.latent_size == 64
    assert NetworkDefinition.from_dict(json.loads(json.dumps(definition.to_dict()))) == definition


@pytest.mark.parametrize("name", LEAN)
def test_lean_networks_are_named_after_their_format(name):
    assert read_network(name).format == FORMATS[name]


def test_a_definition_file(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(FILE, encoding="utf-8")
    definition = read_network(path)
    assert definition.name == "mine"
    assert definition.generator.channels == (8, 4)
    assert definition.generator.sub_pixel == 4
    path.write_text('name = "other"\nlatent_size = 3\n' + FILE, encoding="utf-8")
    assert (read_network(str(path)).name, read_network(path).latent_size) == ("other", 3)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (FORMAT, "", "format is missing"),
        (FORMAT, 'format = "song"', "half-256, bar-256, half-cq or a table, not 'song'"),
        (FORMAT, "format = {name = 'x'}", "format: n_frames is missing"),
        (FORMAT, f"{FORMAT}\nlatents = 64", "unknown key 'latents'; known are name, format"),
        (FORMAT, f"{FORMAT}\nlatent_size = 0", "latent_size must be between 1 and 4096, not 0"),
        (FORMAT, f"{FORMAT}\nlatent_size = true", "latent_size must be a whole number, not True"),
        (FORMAT, f"{FORMAT}\nlatent_size = 3.5", "latent_size must be a whole number, not 3.5"),
        ("base = [16, 8]", "base = [16]", "generator: base must be a list of 2, not [16]"),
        ("base = [16, 8]", "base = 16", "generator: base must be a list, not 16"),
        ("base = [16, 8]", "base = [0, 8]", "generator: base must be two positive numbers, not [0, 8]"),
        ("base = [16, 8]", "base = [8, 8]", "a base of 8 x 8 grows to 128 x 128 (bins x frames), but format beat-256"),
        ("channels = [8, 4]", "channels = [8, 0]", "generator: channels must be between 1 and 4096, not 0"),
        ("channels = [8, 4]", "channels = []", "generator: channels must list 1 to 16 blocks, not 0"),
        ("channels = [8, 4]", "channels = [8]", "generator: strides must list one for each of the 1 channels, not 2"),
        ("channels = [8, 4]", 'channels = [8, "4"]', "generator: channels[1] must be a whole number, not '4'"),
        ("base_channels = 8", "wide = 8", "generator: unknown key 'wide'"),
        ("base_channels = 8", "", "generator: base_channels is missing"),
        ("base_channels = 8", "base_channels = 8\nkernel = 4", "kernel must be odd for upsampling by nearest, not 4"),
        ("base_channels = 8", "base_channels = 8\nkernel = 1", "kernel must be between its stride, 2, and 31, not 1"),
        ("base_channels = 8", "base_channels = 8\nkernel = 19", "generator: 8 frames are too few"),
        ("base_channels = 8", "base_channels = 8\nslope = 1", "slope must be at least 0 and less than 1, not 1"),
        ("base_channels = 8", "base_channels = 8\nslope = nan", "slope must be at least 0 and less than 1, not nan"),
        ("base_channels = 8", "base_channels = 8\nnoise = 1", "generator: noise must be true or false, not 1"),
        ("base_channels = 8", "base_channels = 8\nsub_pixel = 1", "noise needs an even sub_pixel, not 1"),
        ("base_channels = 8", 'base_channels = 8\noutput = "tanh"', 'noise needs output = "rows"'),
        ("base_channels = 8", 'base_channels = 8\noutput = "x"', "output must be 'rows' or 'tanh', not 'x'"),
        ("base_channels = 8", "base_channels = 8\ntiled_beats = [1]", "tiled_beats contains 1; a loop of 1 beats"),
        ("patch = 1", "patch = 2", "discriminator: patch must be between -1 and 1, not 2"),
        ("deviation = 4", "deviation = 64", "deviation must be between 0 and the last of channels, 4, not 64"),
        ("patch = 1", "patch = 1\nsub_pixel = 3", "discriminator: 256 x 128 is not divisible by 12"),
        ("patch = 1", "patch = 1\ncompared_beats = [2]", "discriminator: compared_beats contains 2; a loop of 1 beats"),
        ("[discriminator]", "[disc]", "unknown key 'disc'"),
        ("[generator]", "[generator", "is not valid TOML"),
    ],
)  # fmt: skip
def test_an_invalid_file_is_explained_in_one_line(tmp_path, old, new, words):
    path = tmp_path / "mine.toml"
    assert old in FILE
    path.write_text(FILE.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(SourceError) as caught:
        read_network(path)
    message = str(caught.value)
    assert words in message
    assert message.startswith(str(path))
    assert "\n" not in message


def test_unknown_names_and_missing_files():
    with pytest.raises(SettingError, match=r"network is 'bars'; it must be one of bar, .* or a \.toml file"):
        read_network("bars")
    with pytest.raises(SourceError, match=r"nowhere\.toml"):
        read_network("nowhere.toml")


def test_a_file_that_is_not_text(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SourceError, match="not UTF-8 text"):
        read_network(path)


def test_a_network_for_another_format_of_the_same_size():
    half = read_network("half-256")
    strong = dataclasses.replace(FORMATS["half-256"], power=2.0)
    assert half.for_format(strong).format == strong
    assert half.for_format(FORMATS["half-cq"]).format == FORMATS["half-cq"]
    for other in ("bar-256", "half"):
        with pytest.raises(SpecMismatch, match=f"format {other} for network half-256"):
            half.for_format(FORMATS[other])


def test_the_generator_must_match_the_format():
    bar, beat = read_network("bar"), read_network("beat")
    with pytest.raises(SpecError, match="grows to 320 x 128"):
        dataclasses.replace(bar, generator=beat.generator)


@pytest.mark.parametrize("name", ["beat", "beat-256", "half-cq"])
def test_speckle_is_standardised_and_seamless(name):
    fields = make_speckle(FORMATS[name], 4)
    assert fields.shape == (4, FORMATS[name].n_bins, FORMATS[name].n_frames)
    np.testing.assert_allclose(fields.mean(axis=2), 0, atol=1e-4)
    np.testing.assert_allclose(fields.std(axis=2), 1, atol=1e-4)
    steps = np.abs(np.diff(fields, axis=2, append=fields[..., :1])).mean(axis=(0, 1))
    assert steps[-1] < 1.3 * steps.mean()


def test_drawn_speckle_is_rolled(rng):
    fields = make_speckle(FORMATS["beat"], 2)
    np.testing.assert_array_equal(fields, make_speckle(FORMATS["beat"], 2))
    drawn = draw_speckle(fields, 5, rng)
    assert drawn.shape == (5, 320, 128, 1)
    for one in drawn[..., 0]:
        assert any(np.array_equal(np.roll(field, n, axis=1), one) for field in fields for n in range(128))
    assert len({one.tobytes() for one in drawn}) == 5


def test_each_stem_has_speckle_of_its_own(rng):
    fields = make_speckle(FORMATS["beat"], 3)
    drawn = draw_speckle(fields, 4, rng, n_stems=2)
    assert drawn.shape == (4, 320, 128, 2)
    for one in np.moveaxis(drawn, 3, 1).reshape(8, 320, 128):
        assert any(np.array_equal(np.roll(field, n, axis=1), one) for field in fields for n in range(128))
    assert all((image[..., 0] != image[..., 1]).any() for image in drawn)


def test_one_stem_draws_the_speckle_of_a_network_without_stems():
    fields = make_speckle(FORMATS["beat"], 3)
    one, other = (draw_speckle(fields, 4, np.random.default_rng(5), **kw) for kw in ({}, {"n_stems": 1}))
    np.testing.assert_array_equal(one, other)


def test_a_network_takes_the_stems_of_its_dataset():
    network = read_network("beat")
    assert (network.stems, network.n_stems) == ((), 1)
    chosen = network.for_format(FORMATS["beat"], STEMS)
    assert (chosen.stems, chosen.n_stems) == (STEMS, 3)
    assert NetworkDefinition.from_dict(json.loads(json.dumps(chosen.to_dict()))) == chosen


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"stems": STEMS[:2]}, r"the dataset's stems: expected \('kick', 'drums', 'music'\), got \('kick', 'drums'\)"),
        ({"stems": ()}, r"the dataset's stems: expected \('kick', 'drums', 'music'\), got none"),
        ({"format": FORMATS["beat-256"]}, "the dataset's format: expected name beat, got name beat-256"),
        (
            {"format": dataclasses.replace(FORMATS["beat-256"], name="beat")},
            "the dataset's format: expected n_bins 320, got n_bins 256",
        ),
        ({"format": dataclasses.replace(FORMATS["beat"], power=2.0)}, "expected power 3.0, got power 2.0"),
    ],
)
def test_a_dataset_that_does_not_fit_the_network_is_refused(tmp_path, change, message):
    manifest = dataclasses.replace(Manifest(FORMATS["beat"], "array", 1, {}, {}, stems=STEMS), **change)
    np.save(tmp_path / ARRAY, np.zeros((1, *manifest.image_shape), np.uint8))
    manifest.save(tmp_path)
    network = read_network("beat").for_format(FORMATS["beat"], STEMS)
    with pytest.raises(SpecMismatch, match=message):
        open_dataset(TrainConfig(network, str(tmp_path), 1))


@pytest.mark.parametrize(
    ("name", "stems", "message"),
    [
        ("bar", STEMS, r"the stems of the parent network: expected none, got \('kick', 'drums', 'music'\)"),
        ("bar-256", (), "expected 320 rows, 128 frames per beat, got 256 rows, 128 frames per beat"),
    ],
)
def test_a_parent_with_other_stems_or_rows_is_refused(name, stems, message):
    parent = dataclasses.replace(read_network(name), stems=stems)
    with pytest.raises(SpecMismatch, match=message):
        require_compatible(read_network("beat"), parent)


@pytest.mark.parametrize("name", ["bar", "half", "beat"])
def test_networks_are_found_by_the_rows_of_a_format(name):
    assert find_network(FORMATS[name]) == name
    assert find_network(FORMATS[f"{name}-256"]) == f"{name}-256"
    assert find_network(dataclasses.replace(FORMATS[f"{name}-256"], name=name)) == f"{name}-256"


def test_a_format_without_a_network_is_reported():
    with pytest.raises(SettingError, match="network is 'mine'"):
        find_network(dataclasses.replace(FORMATS["bar"], name="mine"))


def test_an_old_definition_file_of_256_rows_keeps_its_format(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(FILE.replace("beat-256", "beat"), encoding="utf-8")
    assert read_network(path).format == FORMATS["beat-256"]


def test_an_invalid_old_definition_file_is_explained(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(FILE.replace("beat-256", "beat").replace("patch = 1", "patch = 2"), encoding="utf-8")
    with pytest.raises(SourceError, match="patch must be between -1 and 1, not 2"):
        read_network(path)


def test_a_definition_file_of_320_rows(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(FILE.replace("beat-256", "beat").replace("[16, 8]", "[20, 8]"), encoding="utf-8")
    assert read_network(path).format == FORMATS["beat"]


@pytest.mark.parametrize(
    ("bands", "message"), [(-1, "onset_bands must be 0 or more, not -1"), (7, "not divisible by 7")]
)
def test_impossible_onset_bands_are_refused(bands, message):
    network = read_network("beat")
    with pytest.raises(SpecError, match=message):
        dataclasses.replace(network, discriminator=dataclasses.replace(network.discriminator, onset_bands=bands))


def test_keras_is_not_loaded():
    program = (
        "import sys, training.cli, training.networks as n; n.read_network('bar')\n"
        "sys.exit(any(name in sys.modules for name in ('keras', 'tensorflow', 'torch')))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_an_unknown_back_end():
    with pytest.raises(SettingError, match="backend is 'jax'; it must be one of tensorflow, torch"):
        require_keras("jax")


def test_a_broken_back_end(monkeypatch, tmp_path):
    monkeypatch.setenv("KERAS_BACKEND", "tensorflow")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: True)
    monkeypatch.setitem(sys.modules, "keras", None)
    config = TrainConfig(read_network("beat"), str(tmp_path), 48)
    with pytest.raises(
        TechnoganError, match=r"tensorflow is installed but cannot be loaded \(.*keras.*\); reinstall it: pip"
    ):
        prepare_keras(config)


def test_a_missing_back_end(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(TechnoganError, match=r"needs keras; install it with: pip install 'technogan\[training\]'"):
        require_keras("tensorflow")
