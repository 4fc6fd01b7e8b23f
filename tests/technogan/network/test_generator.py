import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper

from technogan.errors import BundleError, SettingError, SpecMismatch
from technogan.formats import SpectrogramFormat, StftSettings
from technogan.graphs.metadata import with_metadata
from technogan.network.bundle import SPEC_KEY, ModelBundle
from technogan.network.generator import Generator, default_threads
from technogan.network.inference import PROVIDERS
from tests.networks import (
    LATENT_SIZE,
    N_BINS,
    N_FRAMES,
    STEMS,
    expected,
    latents,
    model_of,
    stems_network,
    tiny_network,
    tiny_spec,
    weights,
)


def bundle_of(network, **values):
    """A bundle whose spec was not compared with its network."""
    return ModelBundle.from_bytes(with_metadata(network, {SPEC_KEY: tiny_spec(**values).to_json()}), Path("tiny.onnx"))


@pytest.mark.parametrize("batch", [1, "n"])
@pytest.mark.parametrize("layout", ["nhwc", "nchw", "plain"])
@pytest.mark.parametrize("n", [1, 4, 9])
def test_images_are_those_of_the_network(batch, layout, n):
    images = Generator(bundle_of(tiny_network(batch=batch, layout=layout))).generate(latents(n))
    assert images.dtype == np.float32
    assert images.flags.c_contiguous
    np.testing.assert_allclose(images, expected(latents(n)), atol=1e-6)


def test_a_model_is_opened_by_its_path(tmp_path):
    path = tmp_path / "ünïcode tiny.onnx"
    path.write_bytes(bundle_of(tiny_network()).read())
    images = Generator(ModelBundle.open(path)).generate(latents(2))
    np.testing.assert_allclose(images, expected(latents(2)), atol=1e-6)


def test_a_fixed_batch_runs_one_by_one_and_an_open_one_in_small_batches():
    assert Generator(bundle_of(tiny_network(batch=1))).batch_size == 1
    assert 1 < Generator(bundle_of(tiny_network(batch="n"))).batch_size <= 16


def test_an_open_input_with_a_fixed_output_runs_one_by_one():
    network = tiny_network(batch="n", declared=[1, N_BINS, N_FRAMES, 1])
    np.testing.assert_allclose(Generator(bundle_of(network)).generate(latents(3)), expected(latents(3)), atol=1e-6)


def test_a_network_with_stems_returns_an_image_of_each():
    images = Generator(bundle_of(stems_network(), stems=STEMS)).generate(latents(3))
    wanted = np.tanh(latents(3) @ weights(n_stems=3)).reshape(3, 3, N_BINS, N_FRAMES)
    np.testing.assert_allclose(images, wanted, atol=1e-6)


@pytest.mark.parametrize(
    ("network", "stems", "wanted", "found"),
    [
        (tiny_network(batch="n", layout="nchw"), STEMS, "'n', 3, 32, 48", "'n', 1, 32, 48"),
        (tiny_network(batch="n"), STEMS, "'n', 3, 32, 48", "'n', 32, 48, 1"),
        (stems_network(3), STEMS[:2], "'n', 2, 32, 48", "'n', 3, 32, 48"),
        (stems_network(3), (), "'n', 32, 48", "'n', 3, 32, 48"),
    ],
)
def test_a_spec_that_is_wrong_about_its_stems_is_refused(network, stems, wanted, found):
    with pytest.raises(SpecMismatch, match=rf"network output: expected \({wanted}\), got \({found}\)"):
        Generator(bundle_of(network, stems=stems))


def test_no_latents_give_no_images():
    assert Generator(bundle_of(tiny_network())).generate(latents(0)).shape == (0, N_BINS, N_FRAMES)


def test_tensor_names_have_no_meaning():
    np.testing.assert_allclose(
        Generator(bundle_of(tiny_network(input_name="dense_input:0"))).generate(latents(1)),
        expected(latents(1)),
        atol=1e-6,
    )


def test_images_are_clipped():
    images = Generator(bundle_of(tiny_network(gain=3.0))).generate(latents(2))
    np.testing.assert_allclose(images, np.clip(3 * expected(latents(2)), -1, 1), atol=1e-5)
    assert images.max() == 1.0


def test_check_refuses_a_network_of_another_range():
    with pytest.raises(BundleError, match="instead of -1 to 1"):
        Generator(bundle_of(tiny_network(gain=3.0))).check()


def test_check_passes_a_good_network():
    Generator(bundle_of(tiny_network())).check()


def test_several_threads_get_the_same_images():
    opened = Generator(bundle_of(tiny_network(batch="n")))
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda i: opened.generate(latents(5, random_seed=i)), range(16)))
    for i, images in enumerate(results):
        np.testing.assert_array_equal(images, opened.generate(latents(5, random_seed=i)))


@pytest.mark.parametrize(
    "bad",
    [
        latents(1, LATENT_SIZE - 1),
        latents(1, LATENT_SIZE + 1),
        latents(1)[0],
        latents(1)[np.newaxis],
        np.full((1, LATENT_SIZE), np.nan, np.float32),
        np.full((1, LATENT_SIZE), np.inf, np.float32),
    ],
    ids=["short", "long", "flat", "deep", "nan", "infinite"],
)
def test_invalid_latents_are_refused(bad):
    with pytest.raises(SpecMismatch, match="latents"):
        Generator(bundle_of(tiny_network())).generate(bad)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_nan_and_infinity_are_an_error(value):
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["a"]),
        helper.make_node("Reshape", ["a", "shape"], ["image"]),
    ]
    constants = {
        "w": np.full((LATENT_SIZE, N_BINS * N_FRAMES), value, np.float32),
        "shape": np.array([1, N_BINS, N_FRAMES, 1]),
    }
    network = model_of(nodes, constants, [("x", [1, LATENT_SIZE])], [("image", [1, N_BINS, N_FRAMES, 1])])
    with pytest.raises(BundleError, match="NaN or infinity"):
        Generator(bundle_of(network)).generate(latents(1))


OTHER_IMAGES = {
    "frames": SpectrogramFormat("f", 2 * N_FRAMES, N_BINS, 1, 16, transform=StftSettings(64)),
    "bins": SpectrogramFormat("b", N_FRAMES, 2 * N_BINS, 1, 16, transform=StftSettings(128)),
    "far too many frames": SpectrogramFormat("h", 1 << 16, N_BINS, 1, 16, transform=StftSettings(64)),
}


@pytest.mark.parametrize("layout", ["nhwc", "nchw", "plain"])
@pytest.mark.parametrize("declared", ["sizes declared", "sizes open"])
@pytest.mark.parametrize("other", OTHER_IMAGES.values(), ids=OTHER_IMAGES.keys())
def test_a_spec_of_another_image_is_refused_when_opened(other, declared, layout):
    rank = 3 if layout == "plain" else 4
    open_sizes = ["n", "h", "w", "c"][:rank] if declared == "sizes open" else None
    with pytest.raises(SpecMismatch, match="network output"):
        Generator(bundle_of(tiny_network(layout=layout, declared=open_sizes), format=other))


@pytest.mark.parametrize("size", [LATENT_SIZE - 1, LATENT_SIZE + 1])
def test_a_spec_of_other_latents_is_refused_when_opened(size):
    with pytest.raises(SpecMismatch, match="network input"):
        Generator(bundle_of(tiny_network(), latent_size=size))


def test_a_batch_other_than_one_is_refused():
    with pytest.raises(SpecMismatch, match="network input"):
        Generator(bundle_of(tiny_network(batch=2)))


def test_a_network_with_two_inputs_is_refused():
    node = helper.make_node("Add", ["x", "y"], ["image"])
    shape = [1, N_BINS, N_FRAMES]
    with pytest.raises(BundleError, match="2 inputs and 1 outputs"):
        Generator(bundle_of(model_of([node], {}, [("x", shape), ("y", shape)], [("image", shape)])))


def test_a_network_of_another_type_is_refused():
    model = onnx.load_model_from_string(tiny_network())
    model.graph.node.append(helper.make_node("Cast", ["image"], ["large"], to=TensorProto.DOUBLE))
    model.graph.output[0].name = "large"
    model.graph.output[0].type.tensor_type.elem_type = TensorProto.DOUBLE
    with pytest.raises(BundleError, match="not float32"):
        Generator(bundle_of(model.SerializeToString()))


def test_a_failure_at_run_time_is_an_error():
    nodes = [helper.make_node("Reshape", ["x", "shape"], ["image"])]
    shape = {"shape": np.array([1, N_BINS, N_FRAMES])}
    network = model_of(nodes, shape, [("x", ["n", LATENT_SIZE])], [("image", ["n", N_BINS, N_FRAMES])])
    with pytest.raises(BundleError, match="the network failed: "):
        Generator(bundle_of(network)).generate(latents(1))


@pytest.mark.parametrize(
    "network", [b"\x08\x08\x3a\x04\xff\xff\xff\xff", tiny_network(opset=999)], ids=["garbage", "opset of the future"]
)
def test_a_network_that_does_not_open_is_an_error_of_one_line(network):
    with pytest.raises(BundleError, match="ONNX Runtime cannot open the network: ") as caught:
        Generator(bundle_of(network))
    assert "\n" not in str(caught.value)
    assert "ONNXRuntimeError" not in str(caught.value)


def test_a_deleted_file_is_an_error(tmp_path):
    path = tmp_path / "tiny.onnx"
    path.write_bytes(bundle_of(tiny_network()).read())
    bundle = ModelBundle.open(path)
    path.unlink()
    with pytest.raises(BundleError, match="no such file"):
        Generator(bundle)


@pytest.mark.parametrize("threads", [0, -1])
def test_thread_counts_below_1_are_refused(threads):
    with pytest.raises(SettingError, match="threads"):
        Generator(bundle_of(tiny_network()), threads=threads)


def test_threads_can_be_chosen():
    assert Generator(bundle_of(tiny_network()), threads=2).threads == 2
    assert Generator(bundle_of(tiny_network())).threads == default_threads()


def test_an_unknown_provider_is_refused():
    with pytest.raises(SettingError, match="'tpu'; it must be one of cpu, cuda, coreml, directml"):
        Generator(bundle_of(tiny_network()), provider="tpu")


def test_a_missing_provider_is_reported_and_the_cpu_used(monkeypatch):
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: [PROVIDERS["cpu"]])
    opened = Generator(bundle_of(tiny_network()), provider="cuda")
    assert opened.provider == "cpu"
    assert opened.notes == (
        "cuda cannot be used (this ONNX Runtime was built without it); the network runs on the CPU",
    )
    np.testing.assert_allclose(opened.generate(latents(1)), expected(latents(1)), atol=1e-6)


def test_a_provider_that_does_not_load_is_reported_and_the_cpu_used(monkeypatch, capfd):
    missing = next(name for name, full in PROVIDERS.items() if full not in onnxruntime.get_available_providers())
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: list(PROVIDERS.values()))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # ONNX Runtime warns about a provider that it does not know
        opened = Generator(bundle_of(tiny_network()), provider=missing)
    assert opened.provider == "cpu"
    assert len(opened.notes) == 1
    assert opened.notes[0].startswith(f"{missing} cannot be used (")
    assert capfd.readouterr() == ("", "")


def test_the_cpu_needs_no_note():
    opened = Generator(bundle_of(tiny_network()))
    assert (opened.provider, opened.notes) == ("cpu", ())


@pytest.mark.parametrize(
    ("machine", "cores", "threads"),
    [("x86_64", 1, 1), ("x86_64", 2, 1), ("AMD64", 8, 3), ("x86_64", 16, 7), ("arm64", 8, 7), ("aarch64", 4, 3)],
)
def test_one_core_is_left_to_audio(monkeypatch, machine, cores, threads):
    monkeypatch.setattr("platform.machine", lambda: machine)
    monkeypatch.setattr("os.sched_getaffinity", lambda process: set(range(cores)), raising=False)
    assert default_threads() == threads


def test_onnxruntime_is_imported_only_when_a_model_is_opened():
    modules = "technogan.network.generator, technogan.network.library, technogan.graphs.optimise"
    code = f"import sys, {modules}; sys.exit('onnxruntime' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
