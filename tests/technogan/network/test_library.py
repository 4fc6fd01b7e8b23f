import pytest

from technogan.errors import BundleError, ModelExists, ModelNotFound, OutputError, SpecMismatch
from technogan.graphs.metadata import with_metadata
from technogan.network import library
from technogan.network.bundle import ModelBundle
from technogan.network.encoder import encoder_path, read_encoder
from technogan.network.library import (
    available_models,
    find_model,
    install_model,
    remove_model,
    resources_dir,
    scan_models,
    user_dir,
)
from technogan.network.writing import write_bundle
from tests.encoders import tiny_model
from tests.networks import tiny_network, tiny_spec


@pytest.fixture(autouse=True)
def folders(tmp_path, monkeypatch):
    """Empty user and bundled folders."""
    user, bundled = tmp_path / "user", tmp_path / "bundled"
    monkeypatch.setenv("TECHNOGAN_MODELS", str(user))
    monkeypatch.setattr(library, "bundled_dir", lambda: bundled)
    bundled.mkdir()
    return user, bundled


@pytest.fixture
def user(folders):
    return folders[0]


@pytest.fixture
def bundled(folders):
    return folders[1]


def put(path, name, **values):
    return write_bundle(tiny_network(), tiny_spec(name, **values), path)


def names():
    return [bundle.spec.name for bundle in available_models()]


def test_without_a_folder_there_are_no_models(user):
    assert not user.exists()
    assert available_models() == []


def test_both_folders_are_listed_by_name(user, bundled):
    put(user / "x.onnx", "mine")
    put(bundled / "y.onnx", "bar")
    assert names() == ["bar", "mine"]


def test_the_users_own_model_takes_precedence(user, bundled):
    put(bundled / "bar.onnx", "bar", version="1")
    own = put(user / "other.onnx", "Bar", version="2")
    assert available_models() == [own]
    assert find_model("bar") == own


def test_unusable_files_are_reported_and_the_rest_listed(user):
    put(user / "good.onnx", "good")
    (user / "empty.onnx").write_bytes(b"")
    (user / "old.onnx").write_bytes(tiny_network())
    (user / "folder.onnx").mkdir()
    found = scan_models()
    assert [bundle.spec.name for bundle in found.bundles] == ["good"]
    assert [problem.path.name for problem in found.problems] == ["empty.onnx", "folder.onnx", "old.onnx"]


def test_companions_and_other_files_are_not_models(user):
    put(user / "good.onnx", "good")
    for name in ("good.encoder.onnx", "good.AUDIO.onnx", "readme.txt"):
        (user / name).write_text("something else")
    assert names() == ["good"]
    assert scan_models().problems == ()


@pytest.mark.parametrize("wanted", ["Deep House", "deep house", "DEEP HOUSE"])
def test_a_model_is_found_by_its_name_in_any_case(user, wanted):
    bundle = put(user / "file.onnx", "Deep House")
    assert find_model(wanted) == bundle


def test_the_default_is_the_bar(bundled):
    put(bundled / "beat.onnx", "beat")
    bar = put(bundled / "bar.onnx", "bar")
    assert find_model() == bar


@pytest.mark.parametrize("kind", [str, lambda path: path])
def test_a_model_is_found_by_its_path(tmp_path, kind):
    bundle = put(tmp_path / "elsewhere" / "m.onnx", "mine")
    assert find_model(kind(bundle.path)) == bundle


def test_a_file_comes_before_a_model_of_that_name(tmp_path, user, monkeypatch):
    put(user / "x.onnx", "mine.onnx")
    monkeypatch.chdir(tmp_path)
    assert find_model("mine.onnx").path.parent == user
    own = put(tmp_path / "mine.onnx", "mine")
    assert find_model("mine.onnx").spec == own.spec


@pytest.mark.parametrize("wanted", ["nothing", "nothing.onnx", "~nobody/x.onnx", "good/nothing.onnx", "", "a\0b.onnx"])
def test_a_missing_model_is_an_error(user, wanted):
    put(user / "good.onnx", "good")
    with pytest.raises(ModelNotFound, match="installed: good") as caught:
        find_model(wanted)
    assert caught.value.available == ("good",)


def test_finding_a_damaged_model_is_an_error(user):
    put(user / "mine.onnx", "mine")
    (user / "mine.onnx").write_bytes(b"")
    with pytest.raises(BundleError, match=r"mine\.onnx: the file is empty"):
        find_model("mine")


def test_a_path_to_another_file_is_an_error(tmp_path):
    (tmp_path / "m.onnx").write_text("text")
    with pytest.raises(BundleError, match="not an ONNX model"):
        find_model(tmp_path / "m.onnx")


def test_installing_copies_under_the_models_name(tmp_path, user):
    source = put(tmp_path / "download (1).onnx", "mine")
    bundle = install_model(source.path)
    assert bundle.path == user / "mine.onnx"
    assert bundle.path.read_bytes() == source.path.read_bytes()
    assert find_model("mine") == bundle


@pytest.mark.parametrize("taken", ["user", "bundled", "case", "file"])
def test_installing_over_another_needs_replace(tmp_path, user, bundled, taken):
    if taken == "file":
        user.mkdir()
        (user / "mine.onnx").write_text("not even a model")
    else:
        put((bundled if taken == "bundled" else user) / "a.onnx", "MINE" if taken == "case" else "mine", version="1")
    before = {path: path.read_bytes() for folder in (user, bundled) for path in folder.glob("*")}
    source = put(tmp_path / "m.onnx", "mine", version="2")
    with pytest.raises(ModelExists, match="there is already a model named mine"):
        install_model(source.path)
    assert {path: path.read_bytes() for folder in (user, bundled) for path in folder.glob("*")} == before
    assert install_model(source.path, replace=True).spec.version == "2"
    assert [bundle.spec.version for bundle in available_models()] == ["2"]
    assert [path.name for path in user.iterdir()] == ["mine.onnx"]


def test_a_model_is_replaced_by_itself(tmp_path, user):
    source = put(user / "mine.onnx", "mine")
    assert install_model(source.path, replace=True) == source
    assert source.path.exists()


def test_a_model_that_does_not_verify_is_not_installed(tmp_path, user):
    source = put(tmp_path / "m.onnx", "mine")
    data = bytearray(source.read())
    data[len(data) // 2] ^= 1
    source.path.write_bytes(data)
    with pytest.raises(BundleError, match="checksum"):
        install_model(source.path)
    assert not user.exists()


def test_a_model_with_a_wrong_spec_is_not_installed(tmp_path, user, monkeypatch):
    monkeypatch.setattr("technogan.network.bundle.checksum_of", lambda *parts: "same")
    metadata = {"technogan.sha256": "same", "technogan.spec": tiny_spec("mine", latent_size=64).to_json()}
    (tmp_path / "m.onnx").write_bytes(with_metadata(tiny_network(), metadata))
    with pytest.raises(SpecMismatch):
        install_model(tmp_path / "m.onnx")
    assert not user.exists()


def test_a_file_in_place_of_the_users_folder_is_an_error(tmp_path, user):
    user.write_text("")
    with pytest.raises(OutputError):
        install_model(put(tmp_path / "m.onnx", "mine").path)


def test_a_model_is_removed(user):
    path = put(user / "file.onnx", "Mine").path
    assert remove_model("mine") == path
    assert names() == []
    assert not path.exists()


def test_removing_a_model_removes_its_copies(user):
    put(user / "a.onnx", "mine")
    put(user / "b.onnx", "mine")
    remove_model("mine")
    assert names() == []


def test_bundled_models_cannot_be_removed(bundled):
    path = put(bundled / "bar.onnx", "bar").path
    with pytest.raises(OutputError, match="comes with TechnoGAN"):
        remove_model("bar")
    assert path.exists()


def test_removing_the_users_own_uncovers_the_bundled_one(user, bundled):
    original = put(bundled / "bar.onnx", "bar")
    put(user / "bar.onnx", "bar")
    remove_model("bar")
    assert find_model("bar") == original


def test_removing_a_missing_model_is_an_error(user, bundled):
    put(bundled / "bar.onnx", "bar")
    put(user / "mine.onnx", "mine")
    with pytest.raises(ModelNotFound) as caught:
        remove_model("nothing")
    assert caught.value.available == ("mine",)


def test_a_file_that_cannot_be_deleted_is_an_error(user, monkeypatch):
    path = put(user / "mine.onnx", "mine").path

    def refuse(self, missing_ok=False):
        raise PermissionError(13, "no")

    monkeypatch.setattr(type(path), "unlink", refuse)
    with pytest.raises(OutputError, match="permission denied"):
        remove_model("mine")


def test_the_users_folder_is_in_the_systems_data_folder(monkeypatch):
    monkeypatch.delenv("TECHNOGAN_MODELS")
    assert user_dir().name == "models"
    assert "TechnoGAN" in user_dir().parts


def test_a_tilde_is_expanded(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("TECHNOGAN_MODELS", "~/my models")
    assert user_dir() == tmp_path / "my models"


def test_the_repository_holds_the_four_models():
    found = resources_dir() / "models"
    names = sorted(ModelBundle.open(path).spec.name for path in found.glob("*.onnx"))
    assert names == ["bar", "beat", "half", "half-cq"]


def test_installed_resources_come_first(monkeypatch, tmp_path):
    package = tmp_path / "site-packages" / "technogan"
    (package / "_resources").mkdir(parents=True)
    monkeypatch.setattr(library, "__file__", str(package / "network" / "library.py"))
    assert resources_dir() == package / "_resources"


def test_an_encoder_is_installed_with_its_model(tmp_path, user):
    source = tiny_model(tmp_path / "download.onnx", "mine")
    installed = install_model(source.path)
    assert encoder_path(installed.path) == user / "mine.encoder.onnx"
    assert read_encoder(installed) == read_encoder(source)


def test_an_encoder_is_removed_with_its_model(tmp_path, user):
    install_model(tiny_model(tmp_path / "m.onnx", "mine").path)
    remove_model("mine")
    assert list(user.iterdir()) == []


def test_a_model_without_an_encoder_replaces_both(tmp_path, user):
    install_model(tiny_model(tmp_path / "m.onnx", "mine").path)
    install_model(put(tmp_path / "n.onnx", "mine").path, replace=True)
    assert [path.name for path in user.iterdir()] == ["mine.onnx"]


def test_a_model_with_an_encoder_is_replaced_by_itself(user):
    source = tiny_model(user / "mine.onnx", "mine")
    install_model(source.path, replace=True)
    assert sorted(path.name for path in user.iterdir()) == ["mine.encoder.onnx", "mine.onnx"]


def test_the_encoder_of_another_model_is_not_installed(tmp_path, user):
    source = put(tmp_path / "m.onnx", "mine")
    encoder_path(source.path).write_bytes(read_encoder(tiny_model(tmp_path / "other.onnx")))
    with pytest.raises(BundleError, match="belongs to a model other than"):
        install_model(source.path)
    assert not user.exists()
