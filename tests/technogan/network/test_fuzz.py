"""Damaged and absurd models: each is refused with a TechnoganError, or makes a loop."""

import json

import numpy as np
import pytest

from technogan.engine import Engine
from technogan.errors import TechnoganError
from technogan.graphs.metadata import with_metadata
from technogan.network.bundle import CHECKSUM_KEY, SPEC_KEY, checksum_of
from technogan.network.library import find_model
from technogan.seeds.seed import Seed
from tests.encoders import tiny_model
from tests.mutations import NASTY, mutate, places, with_value
from tests.networks import tiny_network, tiny_spec

SPEC = json.loads(tiny_spec().to_json()) | {"directions": [{"name": "up", "vector": [1.0] + [0.0] * 7}]}


def try_out(path):
    """Open a model and render a loop with it; return the samples, or None if it is refused."""
    try:
        bundle = find_model(path)
        samples = Engine(bundle, threads=1).render(Seed((1.0,) * bundle.spec.latent_size)).samples
    except TechnoganError as error:
        message = str(error)
    else:
        assert np.isfinite(samples).all()
        return samples
    assert "\n" not in message
    assert len(message) < 400
    return None


def fuzz(path, rounds, first=0):
    original = path.read_bytes()
    before = try_out(path)
    refused = 0
    for number in range(first, first + rounds):
        path.write_bytes(mutate(original, np.random.default_rng(number)))
        samples = try_out(path)
        refused += samples is None
        if samples is not None:
            np.testing.assert_array_equal(samples, before)
    assert refused > 0.9 * rounds


def test_a_mutated_model_is_refused_or_sounds_the_same(tmp_path):
    fuzz(tiny_model(tmp_path / "m.onnx").path, 120)


@pytest.mark.slow
def test_many_mutated_models_are_refused_or_sound_the_same(tmp_path):
    fuzz(tiny_model(tmp_path / "m.onnx").path, 20_000, first=1000)


@pytest.mark.parametrize("path", [path for path in places(SPEC) if len(path) < 4], ids=str)
def test_an_absurd_value_anywhere_in_the_metadata_is_refused_or_harmless(tmp_path, path):
    network, model = tiny_network(), tmp_path / "m.onnx"
    for value in NASTY:
        text = json.dumps(with_value(SPEC, path, value))
        metadata = {CHECKSUM_KEY: checksum_of(network, text, model), SPEC_KEY: text}
        model.write_bytes(with_metadata(network, metadata, model))
        try_out(model)
