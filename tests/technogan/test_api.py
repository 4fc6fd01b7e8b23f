"""The public API, used as a Python user would."""

import ast
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import technogan
from technogan import (
    METHODS,
    ConstantQSettings,
    Engine,
    Generator,
    Method,
    ModelBundle,
    ModelNotFound,
    NearestSeed,
    Seed,
    SettingError,
    SourceError,
    SpectrogramFormat,
    StftSettings,
    find_model,
    nearest_seed,
    pingpong,
    read_origin,
    read_seed,
    reconstruct,
    spectral_convergence,
    transform_of,
    verify,
    write_picture,
)

HEAVY = ("numpy", "onnxruntime", "PIL", "rich")
A, B = Seed.from_integer(1), Seed.from_integer(2)


@pytest.fixture(scope="module")
def engine():
    return Engine("beat")


@pytest.fixture(scope="module")
def loop(engine):
    return engine.render(A)


def test_every_public_name_can_be_imported():
    for name in technogan.__all__:
        assert getattr(technogan, name) is not None
    assert set(technogan.__all__) <= set(dir(technogan))


def test_type_checkers_see_the_public_names_where_they_are_defined():
    tree = ast.parse(Path(technogan.__file__).read_text(encoding="utf-8"))
    (block,) = (node for node in tree.body if isinstance(node, ast.If))
    seen = {}
    for statement in block.body:
        assert isinstance(statement, ast.ImportFrom)
        for alias in statement.names:
            assert alias.asname == alias.name
            seen[alias.name] = statement.module
    assert list(seen) == [*dict.fromkeys(seen)]
    assert {f"technogan.{module}": set(names) for module, names in technogan._PUBLIC.items()} == {
        module: {name for name in seen if seen[name] == module} for module in seen.values()
    }


def test_importing_the_package_loads_nothing_heavy():
    code = f"import sys, technogan, app.cli; app.cli.build(); print([m for m in {HEAVY} if m in sys.modules])"
    got = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert got.stdout.strip() == "[]"


def test_unknown_names_are_refused():
    assert not hasattr(technogan, "Hologram")


def test_the_package_declares_its_types():
    assert (Path(technogan.__file__).parent / "py.typed").is_file()


def test_a_model_is_named_or_given_as_a_path_or_bundle(loop):
    bundle = find_model("beat")
    assert isinstance(bundle, ModelBundle)
    for model in ("BEAT", str(bundle.path), bundle.path, bundle):
        assert np.array_equal(Engine(model).render(A).samples, loop.samples)
    assert Engine().spec.name == "bar"
    with pytest.raises(ModelNotFound, match="installed: bar, beat"):
        Engine("no such model")


def test_a_method_is_named_or_given(engine, loop):
    transform = transform_of(engine.spec.format)
    magnitude = transform.from_rows(loop.magnitude)
    by_name = reconstruct(magnitude, transform, method="best")
    assert np.array_equal(by_name, reconstruct(magnitude, transform, method=METHODS["best"]))
    fast = reconstruct(magnitude, transform)
    assert spectral_convergence(by_name, magnitude, transform) < spectral_convergence(fast, magnitude, transform)
    short = Method(from_gradients=True, bass=4, reflections=0, settling=1)
    assert not np.array_equal(reconstruct(magnitude, transform, method=short), fast)
    assert not np.array_equal(Engine("beat", method=short).render(A).samples, loop.samples)
    with pytest.raises(SettingError, match="one of fast, best, griffin-lim"):
        Engine("beat", method="slow")


@pytest.mark.parametrize("path_type", [str, Path])
def test_a_loop_and_its_picture_are_written_and_their_seed_is_read(tmp_path, engine, loop, path_type):
    loop.resampled(44100).save(path_type(tmp_path / "new" / "loop.wav"), subtype="16")
    write_picture(path_type(tmp_path / "loop.png"), loop, engine.spec.format)
    assert read_seed(path_type(tmp_path / "new" / "loop.wav")) == A
    assert read_seed(path_type(tmp_path / "loop.png")) == A
    assert read_origin(path_type(tmp_path / "loop.png")) == loop.origin


def test_the_picture_of_a_sequence_is_written(tmp_path, engine):
    sequence = engine.render_sequence(pingpong(A, B, 4))
    write_picture(tmp_path / "sequence.png", sequence, engine.spec.format)
    assert read_seed(tmp_path / "sequence.png") == A


def test_a_seed_is_read_from_text():
    assert read_seed("1") == A
    assert read_seed("1,2.5,-3", 3) == Seed([1, 2.5, -3])


def test_the_nearest_seed_of_a_sound_a_picture_and_a_loop_is_found(tmp_path, engine, loop):
    loop.save(tmp_path / "loop.wav")
    write_picture(tmp_path / "loop.png", loop, engine.spec.format)
    for source in (tmp_path / "loop.wav", str(tmp_path / "loop.png"), loop.resampled(48000)):
        found = nearest_seed(source, "beat", steps=1)
        assert isinstance(found, NearestSeed)
        assert found.distance < 0.6 * found.random
        assert len(found.seed) == 64


def test_what_has_no_nearest_seed_is_refused(tmp_path, engine, loop):
    with pytest.raises(SourceError, match="no such file"):
        nearest_seed(tmp_path / "missing.wav", find_model("beat"))
    with pytest.raises(SettingError, match="beats is 1; it must be 4"):
        nearest_seed(loop, "bar")


def test_the_network_is_used_without_the_engine(engine):
    bundle = find_model("beat")
    verify(bundle)
    images = Generator(bundle).generate(np.zeros((2, bundle.spec.latent_size), np.float32))
    assert images.shape == (2, bundle.spec.format.n_bins, bundle.spec.format.n_frames)


def test_a_format_of_ones_own_is_described():
    stft = SpectrogramFormat("mine", n_frames=64, n_bins=128, beats=1, hop_length=64, transform=StftSettings(n_fft=256))
    constant_q = SpectrogramFormat("mine", n_frames=256, n_bins=256, beats=2, transform=ConstantQSettings())
    for described in (stft, constant_q):
        transform = transform_of(described, n_loops=2)
        samples = np.random.default_rng(0).standard_normal(transform.n_samples).astype(np.float32)
        assert np.allclose(transform.inverse(transform.forward(samples)), samples, atol=1e-4)
