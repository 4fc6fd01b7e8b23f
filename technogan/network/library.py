"""The folders of models: those that come with TechnoGAN, and the user's own, which takes precedence.

A model is found by the name in its metadata, not by its file name. NAME.encoder.onnx and NAME.audio.onnx accompany a
model and are not models themselves.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from technogan.atomic import explain, write_atomically
from technogan.errors import BundleError, ModelExists, ModelNotFound, OutputError
from technogan.network.bundle import ModelBundle
from technogan.network.encoder import SUFFIX, encoder_path, read_encoder
from technogan.network.writing import verify

DEFAULT_MODEL = "bar"
# The newest model in the folder of a training run.
RUN_MODEL = "model.onnx"
MODELS_VARIABLE = "TECHNOGAN_MODELS"

_COMPANIONS = (SUFFIX, ".audio.onnx")


@dataclass(frozen=True, slots=True)
class ModelListing:
    """The contents of the model folders: usable models, one for each name, and why other files cannot be used."""

    bundles: tuple[ModelBundle, ...]
    problems: tuple[BundleError, ...]


def resources_dir() -> Path:
    """Return the folder of models, icons and patches: in the installed package, or in the repository."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "_resources"
    return installed if installed.is_dir() else package.parent / "resources"


def bundled_dir() -> Path:
    """Return the folder of the models that come with TechnoGAN; it is never written to."""
    return resources_dir() / "models"


def user_dir() -> Path:
    """Return the folder of the user's own models: TECHNOGAN_MODELS, or the system's folder for application data."""
    named = os.environ.get(MODELS_VARIABLE)
    if named:
        return Path(named).expanduser()
    from platformdirs import user_data_path

    return user_data_path("TechnoGAN", appauthor=False) / "models"


def scan_models() -> ModelListing:
    """Read both folders. The user's model hides a bundled one of the same name."""
    bundles: dict[str, ModelBundle] = {}
    problems = []
    for path in _model_files():
        try:
            bundle = ModelBundle.open(path)
        except BundleError as error:
            problems.append(error)
        else:
            bundles.setdefault(_key(bundle), bundle)
    return ModelListing(tuple(bundles[name] for name in sorted(bundles)), tuple(problems))


def available_models() -> list[ModelBundle]:
    """Return the usable models, sorted by name."""
    return list(scan_models().bundles)


def find_model(model: str | Path = DEFAULT_MODEL) -> ModelBundle:
    """Return a model by its name in any letter case, its path, or the folder of its training run.

    Raises:
        ModelNotFound: there is no such model.
        BundleError: the file of that name or path cannot be used.
    """
    path = _expand(model)
    # First, because a model of a stranger may have the name of a file.
    if path.suffix.casefold() == ".onnx" and path.exists():
        return ModelBundle.open(path)
    try:
        return find_installed_model(str(model))
    except ModelNotFound:
        if (path / RUN_MODEL).is_file():
            return ModelBundle.open(path / RUN_MODEL)
        raise


def find_installed_model(name: str) -> ModelBundle:
    """Return an installed model by its name in any letter case; for names from strangers, which may look like paths.

    Raises:
        ModelNotFound: there is no such model.
        BundleError: the file of that name cannot be used.
    """
    found = scan_models()
    wanted = name.casefold()
    for bundle in found.bundles:
        if _key(bundle) == wanted:
            return bundle
    for problem in found.problems:
        if problem.path.stem.casefold() == wanted:
            raise problem
    raise ModelNotFound(name, (bundle.spec.name for bundle in found.bundles))


def install_model(path: Path, *, replace: bool = False) -> ModelBundle:
    """Verify a model file and copy it, with its encoder if it has one, to the user's folder under the model's name.

    Raises:
        BundleError: the model or its encoder cannot be used.
        SpecMismatch: the network is not the one that its spec describes.
        ModelExists: a model of that name exists and `replace` is not set.
        OutputError: a file cannot be written.
    """
    bundle = ModelBundle.open(path)
    target = user_dir() / f"{bundle.spec.name}.onnx"
    if not replace and (_find_by_name(bundle.spec.name) or target.exists()):
        raise ModelExists(target, bundle.spec.name)
    verify(bundle)
    encoder = read_encoder(bundle) if encoder_path(path).exists() else None
    earlier = _find_user_models(bundle.spec.name)
    write_atomically(target, bundle.read())
    if encoder is not None:
        write_atomically(encoder_path(target), encoder)
    elif encoder_path(target).exists():
        _delete(encoder_path(target))  # of the model that was replaced
    for old in earlier:
        if not old.path.samefile(target):
            _delete_model(old.path)
    return ModelBundle.open(target)


def remove_model(name: str) -> Path:
    """Delete the user's model of this name and its encoder; return the path of the model.

    Raises:
        ModelNotFound: there is no such model.
        OutputError: the model comes with TechnoGAN, or a file cannot be deleted.
    """
    own = _find_user_models(name)
    if own:
        for bundle in own:
            _delete_model(bundle.path)
        return own[0].path
    bundled = _find_by_name(name)
    if bundled:
        raise OutputError(
            bundled.path, f"{bundled.spec.name} comes with TechnoGAN; only models that you installed can be removed"
        )
    raise ModelNotFound(name, (bundle.spec.name for bundle in available_models() if bundle.path.parent == user_dir()))


def _expand(model: str | Path) -> Path:
    try:
        return Path(model).expanduser()
    except RuntimeError:  # no such user
        return Path(model)


def _model_files() -> list[Path]:
    files: list[Path] = []
    for folder in (user_dir(), bundled_dir()):
        found = sorted(folder.glob("*.onnx")) if folder.is_dir() else []
        files += [path for path in found if not path.name.casefold().endswith(_COMPANIONS)]
    return files


def _key(bundle: ModelBundle) -> str:
    return bundle.spec.name.casefold()


def _find_by_name(name: str) -> ModelBundle | None:
    return next((bundle for bundle in available_models() if _key(bundle) == name.casefold()), None)


def _find_user_models(name: str) -> list[ModelBundle]:
    """Return every model of this name in the user's folder; a copy made by hand may be a second one."""
    bundles = []
    for path in _model_files():
        if path.parent == user_dir():
            try:
                bundles.append(ModelBundle.open(path))
            except BundleError:
                continue
    return [bundle for bundle in bundles if _key(bundle) == name.casefold()]


def _delete_model(path: Path) -> None:
    _delete(path)
    if encoder_path(path).exists():
        _delete(encoder_path(path))


def _delete(path: Path) -> None:
    try:
        path.unlink()
    except OSError as error:
        raise OutputError(path, explain(error)) from error
