import json
import os
import re
import sys
from dataclasses import replace

import numpy as np
import onnx
import pytest

from technogan.engine import Engine
from technogan.errors import BundleError, OutputError, SettingError, SpecMismatch
from technogan.formats import FORMATS, ConstantQSettings, find_format
from technogan.graphs import optimise
from technogan.graphs.metadata import graph_digest, metadata_of, with_metadata
from technogan.network import bundle as bundle_module
from technogan.network import library
from technogan.network.bundle import CHECKSUM_KEY, SPEC_KEY, ModelBundle
from technogan.network.generator import Generator
from technogan.network.prototype import PROTOTYPE_SAMPLE_RATE, import_prototype, prototype_spec
from technogan.network.prototype_network import build_prototype_network
from technogan.network.spec import ModelSpec
from technogan.network.writing import verify, write_bundle
from tests.networks import LATENT_SIZE, N_BINS, N_FRAMES, latents, tiny_network, tiny_spec


@pytest.fixture
def tiny(tmp_path):
    return write_bundle(tiny_network(), tiny_spec(), tmp_path / "tiny.onnx")


def test_the_spec_survives_the_file(tiny):
    assert ModelBundle.open(tiny.path) == tiny
    assert tiny.spec == tiny_spec()


def test_a_written_bundle_verifies(tiny):
    verify(ModelBundle.open(tiny.path))


def test_other_metadata_survives(tmp_path):
    bundle = write_bundle(with_metadata(tiny_network(), {"author": "A. Musician"}), tiny_spec(), tmp_path / "m.onnx")
    assert metadata_of(bundle.read())["author"] == "A. Musician"


def test_the_spec_can_be_replaced(tiny, tmp_path):
    renamed = write_bundle(tiny.read(), tiny_spec("renamed"), tmp_path / "renamed.onnx")
    verify(renamed)
    assert renamed.spec.name == "renamed"
    assert graph_digest(renamed.read()) == graph_digest(tiny.read())
    assert sorted(metadata_of(renamed.read())) == [CHECKSUM_KEY, SPEC_KEY]


def test_a_model_without_metadata_points_to_import(tmp_path):
    path = tmp_path / "old.onnx"
    path.write_bytes(tiny_network())
    with pytest.raises(BundleError, match=re.escape("old.onnx: has no TechnoGAN metadata")) as caught:
        ModelBundle.open(path)
    assert "technogan models import" in str(caught.value)


@pytest.mark.parametrize("kept", [0.0, 0.001, 0.01, 0.3, 0.6, 0.9, 0.99, 0.999])
def test_a_truncated_model_does_not_open(tiny, kept):
    data = tiny.read()
    tiny.path.write_bytes(data[: int(len(data) * kept)])
    with pytest.raises(BundleError):
        ModelBundle.open(tiny.path)


def test_a_file_without_its_last_bytes_does_not_open(tiny):
    data = tiny.read()
    for missing in range(1, 700):
        with pytest.raises(BundleError):
            ModelBundle.from_bytes(data[:-missing], tiny.path)


@pytest.mark.parametrize("part", np.linspace(0.02, 0.98, 12))
def test_a_flipped_bit_is_detected(tiny, part):
    data = bytearray(tiny.read())
    data[int(len(data) * part)] ^= 1
    with pytest.raises(BundleError):
        verify(ModelBundle.from_bytes(bytes(data), tiny.path))


def test_a_changed_spec_is_detected(tiny):
    forged = tiny.read().replace(b'"bpm": 130.0', b'"bpm": 131.0')
    bundle = ModelBundle.from_bytes(forged, tiny.path)
    assert bundle.spec.bpm == 131.0
    with pytest.raises(BundleError, match="the checksum is wrong"):
        verify(bundle)


def test_a_damaged_model_is_refused_when_it_is_opened(tiny):
    data = bytearray(tiny.read())
    data[len(data) // 2] ^= 1
    tiny.path.write_bytes(data)
    with pytest.raises(BundleError, match=r"tiny\.onnx: the checksum is wrong"):
        Engine(tiny.path)


def test_the_checksum_is_compared_once_for_each_change_of_the_file(tiny, monkeypatch):
    compared = []
    monkeypatch.setattr(bundle_module, "require_checksum", lambda *_: compared.append(1))
    for _ in range(3):
        Generator(ModelBundle.open(tiny.path))
    assert len(compared) == 1
    tiny.path.write_bytes(tiny.read())
    os.utime(tiny.path, (1, 1))
    Generator(ModelBundle.open(tiny.path))
    assert len(compared) == 2


def test_a_model_without_a_checksum_opens(tmp_path):
    (tmp_path / "m.onnx").write_bytes(with_metadata(tiny_network(), {SPEC_KEY: tiny_spec().to_json()}))
    Generator(ModelBundle.open(tmp_path / "m.onnx"))


def test_a_file_that_is_too_large_is_refused_unread(tiny, monkeypatch):
    monkeypatch.setattr(bundle_module, "MAX_MODEL_BYTES", 1000)
    with pytest.raises(BundleError, match=r"tiny\.onnx: it is larger than"):
        Generator(tiny)


def test_a_model_whose_loops_do_not_fit_into_memory_is_refused(tiny, monkeypatch):
    monkeypatch.setattr("technogan.memory_limit.available_bytes", lambda: 1000)
    with pytest.raises(BundleError, match="its loops need 0 MB of memory, and less is free"):
        Generator(tiny)


def test_a_missing_checksum_is_an_error():
    data = with_metadata(tiny_network(), {SPEC_KEY: tiny_spec().to_json()})
    with pytest.raises(BundleError, match="has no checksum"):
        verify(ModelBundle.from_bytes(data, library.user_dir() / "m.onnx"))


SPEC = json.loads(tiny_spec().to_json())
BAD_SPECS = {
    "not JSON": "bar",
    "not an object": "[]",
    "empty": "",
    "deep": "[" * 100_000,
    "another schema": json.dumps(SPEC | {"schema": 99}),
    "no format": json.dumps({key: value for key, value in SPEC.items() if key != "format"}),
    "no name": json.dumps({key: value for key, value in SPEC.items() if key != "name"}),
    "unknown": json.dumps(SPEC | {"colour": "red"}),
    "wrong kind": json.dumps(SPEC | {"latent_size": "64"}),
    "NaN": json.dumps(SPEC | {"bpm": float("nan")}),
    "a path for a name": json.dumps(SPEC | {"name": "../../evil"}),
}


@pytest.mark.parametrize("text", BAD_SPECS.values(), ids=BAD_SPECS.keys())
def test_an_invalid_spec_is_a_bundle_error(tmp_path, text):
    path = tmp_path / "bad.onnx"
    path.write_bytes(with_metadata(tiny_network(), {SPEC_KEY: text}))
    with pytest.raises(BundleError, match="the model's metadata cannot be used") as caught:
        ModelBundle.open(path)
    assert caught.value.path == path


REFUSED = {
    "other latents": (tiny_network(), tiny_spec(latent_size=64), SpecMismatch),
    "other image": (tiny_network(), tiny_spec(format=FORMATS["bar"]), SpecMismatch),
    "NaN weights": (
        tiny_network(matrix=np.full((LATENT_SIZE, N_BINS * N_FRAMES), np.nan, np.float32)),
        tiny_spec(),
        BundleError,
    ),
    "other range": (tiny_network(gain=255.0), tiny_spec(), BundleError),
    "not a network": (b"not a network", tiny_spec(), BundleError),
    "truncated": (tiny_network()[:-5000], tiny_spec(), BundleError),
}


@pytest.mark.parametrize(("network", "spec", "error"), REFUSED.values(), ids=REFUSED.keys())
def test_a_network_that_does_not_verify_is_not_written(tmp_path, network, spec, error):
    target = tmp_path / "m.onnx"
    target.write_text("earlier content")
    with pytest.raises(error):
        write_bundle(network, spec, target)
    assert [path.name for path in tmp_path.iterdir()] == ["m.onnx"]
    assert target.read_text() == "earlier content"


def test_weights_in_a_second_file_are_refused(tmp_path, monkeypatch):
    onnx.save(
        onnx.load_model_from_string(tiny_network()),
        tmp_path / "split.onnx",
        save_as_external_data=True,
        location="weights.bin",
        size_threshold=0,
    )
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BundleError, match="cannot open"):
        write_bundle((tmp_path / "split.onnx").read_bytes(), tiny_spec(), tmp_path / "m.onnx")


def test_a_file_in_place_of_the_folder_is_an_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="a file, not a folder"):
        write_bundle(tiny_network(), tiny_spec(), tmp_path / "file" / "m.onnx")


@pytest.mark.parametrize(
    ("name", "power", "found"),
    [
        ("beat", 3.0, "beat-256"),
        ("half", 3.0, "half-256"),
        ("bar", 2.0, "bar-256"),
        ("bar-256", 2.0, "bar-256"),
        ("half-cq", 2.0, "half-cq"),
    ],
)
def test_the_prototypes_powers(name, power, found):
    spec = prototype_spec("old", name)
    assert (spec.format.power, spec.format.scale, spec.format.name) == (power, 160.0, found)
    assert spec.format.n_bins == 256
    assert prototype_spec("old", name, power=2.5).format.power == 2.5


def test_the_prototypes_constant_q():
    transform = prototype_spec("old", "half-cq").format.transform
    assert isinstance(transform, ConstantQSettings)
    assert transform.bins_per_octave == 24
    assert transform.fmin is not None
    assert transform.fmin * 34952.53 == pytest.approx(8.175, rel=1e-6)


def test_constant_q_from_hertz():
    transform = prototype_spec("old", "half-cq", fmin_hz=32.7, bins_per_octave=30).format.transform
    assert transform == ConstantQSettings(32.7 / PROTOTYPE_SAMPLE_RATE, 30)


@pytest.mark.parametrize(
    "options",
    [
        {"format_name": "banana"},
        {"format_name": "bar", "power": 0.0},
        {"format_name": "bar", "power": -1.0},
        {"format_name": "bar", "power": float("nan")},
        {"format_name": "bar", "fmin_hz": 8.0},
        {"format_name": "half", "bins_per_octave": 24},
        {"format_name": "half-cq", "fmin_hz": 0.0},
        {"format_name": "half-cq", "fmin_hz": -8.0},
        {"format_name": "half-cq", "fmin_hz": float("nan")},
        {"format_name": "half-cq", "fmin_hz": 8000.0},
        {"format_name": "half-cq", "bins_per_octave": 0},
        {"format_name": "half-cq", "bins_per_octave": -3},
        {"format_name": "half-cq", "bins_per_octave": 12},
    ],
)
def test_impossible_options_of_an_import_are_refused(options):
    with pytest.raises(SettingError):
        prototype_spec("old", **options)


def small_prototype(**options):
    return build_prototype_network(
        N_FRAMES, n_bins=N_BINS, channels=(8, 32, 16, 16), latent_size=LATENT_SIZE, **options
    )


@pytest.mark.parametrize("batch", [1, "n"])
@pytest.mark.parametrize("layout", ["nhwc", "nchw"])
@pytest.mark.parametrize("optimise", [True, False])
def test_a_prototype_model_is_imported(tmp_path, batch, layout, optimise):
    source = tmp_path / "old.onnx"
    network = small_prototype(batch=batch, layout=layout)
    source.write_bytes(network)
    imported = import_prototype(source, tmp_path / "new.onnx", tiny_spec("new"), optimise=optimise)
    verify(imported.bundle)
    assert source.read_bytes() == network
    assert (graph_digest(imported.bundle.read()) == graph_digest(network)) == (not optimise)
    assert any("4 of 4 transposed convolutions rewritten" in note for note in imported.notes) == optimise
    kept = ModelBundle.from_bytes(with_metadata(network, {SPEC_KEY: tiny_spec().to_json()}), source)
    np.testing.assert_allclose(
        Generator(imported.bundle).generate(latents(3)), Generator(kept).generate(latents(3)), atol=1e-5
    )


def test_an_import_without_the_onnx_package_has_a_note(tmp_path, monkeypatch):
    source = tmp_path / "old.onnx"
    source.write_bytes(small_prototype())
    monkeypatch.setitem(sys.modules, "onnx", None)
    imported = import_prototype(source, tmp_path / "new.onnx", tiny_spec("new"))
    assert len(imported.notes) == 1
    assert "the onnx package is not installed" in imported.notes[0]
    assert graph_digest(imported.bundle.read()) == graph_digest(source.read_bytes())


def test_an_import_under_the_wrong_format_writes_nothing(tmp_path):
    source = tmp_path / "old.onnx"
    source.write_bytes(tiny_network())
    with pytest.raises(SpecMismatch):
        import_prototype(source, tmp_path / "new.onnx", prototype_spec("new", "bar"))
    assert [path.name for path in tmp_path.iterdir()] == ["old.onnx"]


@pytest.mark.parametrize("content", [b"", b"some text", tiny_network()[:-9], b"\x08\x08\x3a\x02\xff\xff"])
def test_the_error_names_the_file_that_cannot_be_imported(tmp_path, content):
    source = tmp_path / "old.onnx"
    source.write_bytes(content)
    with pytest.raises(BundleError, match=r"^old\.onnx: "):
        import_prototype(source, tmp_path / "new.onnx", tiny_spec())


def test_importing_a_missing_file_is_an_error(tmp_path):
    with pytest.raises(BundleError, match=r"none\.onnx: no such file"):
        import_prototype(tmp_path / "none.onnx", tmp_path / "new.onnx", tiny_spec())


@pytest.mark.parametrize("name", ["bar", "beat", "half", "half-cq"])
def test_the_bundled_models_verify(name):
    bundle = ModelBundle.open(library.bundled_dir() / f"{name}.onnx")
    verify(bundle)
    # The models were trained when the formats of 256 rows had names without "-256".
    described = replace(find_format(name, rows=256), name=name)
    assert bundle.spec == ModelSpec(
        name, described, version=bundle.spec.version, licence="CC0-1.0", training=bundle.spec.training
    )
    assert bundle.spec.training


def test_the_bundled_models_are_optimised_already():
    data = (library.bundled_dir() / "beat.onnx").read_bytes()
    assert optimise.optimise(data)[0] is data
