import os

import numpy as np
import pytest
from onnx import helper

from technogan.errors import BundleError, OutputError, SpecError, SpecMismatch
from technogan.graphs.metadata import with_metadata
from technogan.network.encoder import Encoder, EncoderMetadata, encoder_path, read_encoder, write_encoder
from technogan.network.generator import Generator
from technogan.network.writing import write_bundle
from tests.encoders import plain_model, tiny_encoder, tiny_model
from tests.networks import LATENT_SIZE, N_BINS, N_FRAMES, TINY, latents, model_of, tiny_network, tiny_spec

METADATA = EncoderMetadata(TINY, LATENT_SIZE, "a" * 64, "b" * 64)


@pytest.fixture
def bundle(tmp_path):
    return tiny_model(tmp_path / "tiny.onnx")


def test_metadata_survives_its_json():
    assert EncoderMetadata.from_json(METADATA.to_json()) == METADATA


@pytest.mark.parametrize(
    "text", ["", "[]", "3", "{}", '{"schema": 2}', '{"schema": 1, "format": 3}', METADATA.to_json()[:-1]]
)
def test_invalid_metadata_is_refused(text):
    with pytest.raises(SpecError, match="the encoder's metadata"):
        EncoderMetadata.from_json(text)


def test_it_recovers_the_latents_of_images(bundle):
    given = 0.1 * latents(3)
    images = Generator(bundle).generate(given)
    found = Encoder(bundle).encode(images)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, given, atol=0.01)


def test_latents_are_clipped_to_the_sliders(bundle):
    write_encoder(tiny_encoder(gain=100), bundle)
    encoder = Encoder(bundle)
    found = encoder.encode(Generator(bundle).generate(latents(3)))
    assert (found.min(), found.max()) == pytest.approx((-3, 127 * 3 / 128))
    assert np.abs(encoder.encode_unclipped(Generator(bundle).generate(latents(3)))).max() > 3


def test_a_model_without_an_encoder_is_reported(tmp_path):
    bundle = plain_model(tmp_path / "tiny.onnx")
    with pytest.raises(BundleError, match=r"has no encoder.*tiny\.encoder\.onnx"):
        Encoder(bundle)


def test_the_encoder_of_another_network_is_refused(tmp_path, bundle):
    other = write_bundle(tiny_network(), tiny_spec(), tmp_path / "other.onnx")
    encoder_path(other.path).write_bytes(read_encoder(bundle))
    with pytest.raises(BundleError, match=r"belongs to a model other than other\.onnx"):
        Encoder(other)


def test_a_renamed_model_keeps_its_encoder(tmp_path, bundle):
    renamed = plain_model(tmp_path / "renamed.onnx", "renamed")
    encoder_path(renamed.path).write_bytes(read_encoder(bundle))
    Encoder(renamed)


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda data: b"", "empty"),
        (lambda data: b"text", "not an ONNX model"),
        (lambda data: data[: len(data) // 2], "not an ONNX model|truncated"),
        (lambda data: data[: len(data) // 2] + b"\0" + data[len(data) // 2 + 1 :], "checksum"),
        (lambda data: with_metadata(data, {"technogan.encoder": "{}"}), "metadata"),
        (lambda data: tiny_encoder(), "metadata"),
    ],
)
def test_the_error_names_a_damaged_encoder(bundle, damage, reason):
    path = encoder_path(bundle.path)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(BundleError, match=f"tiny.encoder.onnx.*({reason})"):
        Encoder(bundle)


@pytest.mark.parametrize(
    ("network", "error"),
    [
        (tiny_encoder(latent_size=LATENT_SIZE - 1), SpecMismatch),
        (tiny_encoder(frames=N_FRAMES // 2), BundleError),
        (tiny_encoder(gain=np.nan), BundleError),
        (tiny_network(), BundleError),
    ],
)
def test_a_network_that_does_not_fit_the_model_is_not_written(bundle, network, error):
    before = encoder_path(bundle.path).read_bytes()
    with pytest.raises(error):
        write_encoder(network, bundle)
    assert encoder_path(bundle.path).read_bytes() == before


def test_a_folder_in_its_place_is_an_error(tmp_path, bundle):
    encoder_path(bundle.path).unlink()
    encoder_path(bundle.path).mkdir()
    with pytest.raises(BundleError, match=r"tiny\.encoder\.onnx: it is a folder"):
        Encoder(bundle)
    with pytest.raises(OutputError):
        write_encoder(tiny_encoder(), bundle)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with a name")
def test_a_pipe_in_its_place_is_an_error(bundle):
    encoder_path(bundle.path).unlink()
    os.mkfifo(encoder_path(bundle.path))
    with pytest.raises(BundleError, match=r"tiny\.encoder\.onnx: it is not a regular file"):
        Encoder(bundle)


def test_a_network_with_two_inputs_is_refused(bundle):
    node = helper.make_node("Add", ["x", "y"], ["sum"])
    data = model_of([node], {}, [("x", ["n"]), ("y", ["n"])], [("sum", ["n"])])
    with pytest.raises(BundleError, match="2 inputs and 1 outputs"):
        Encoder(bundle, data)


@pytest.mark.parametrize("shape", [(N_BINS, N_FRAMES), (1, N_BINS, N_FRAMES + 1), (1, N_FRAMES, N_BINS)])
def test_images_of_another_size_are_refused(bundle, shape):
    with pytest.raises(SpecMismatch, match="images"):
        Encoder(bundle).encode(np.zeros(shape, np.float32))
