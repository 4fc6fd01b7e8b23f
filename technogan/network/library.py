"""Where models live: those that come with TechnoGAN, and the user's own folder, which is looked in first.

A model is found by the name in its facts, whatever its file is called. NAME.encoder.onnx and NAME.audio.onnx are
companions, not models.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from technogan.atomic import explain, write_atomically
from technogan.errors import BundleError, ModelNotFound, OutputError
from technogan.network.bundle import ModelBundle
from technogan.network.encoder import SUFFIX, encoder_path, read_encoder
from technogan.network.writing import verify

DEFAULT_MODEL = "bar"
# In the folder of a training run: what it dreams now.
RUN_MODEL = "model.onnx"
MODELS_VARIABLE = "TECHNOGAN_MODELS"

_COMPANIONS = (SUFFIX, ".audio.onnx")


@dataclass(frozen=True, slots=True)
class ModelListing:
    """What the folders hold: usable models, one a name, and files that are none."""

    bundles: tuple[ModelBundle, ...]
    problems: tuple[BundleError, ...]


def resources_dir() -> Path:
    """The folder of models, icons and patches: inside the installed package, else beside it in the repository."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "_resources"
    return installed if installed.is_dir() else package.parent / "resources"


def bundled_dir() -> Path:
    """The models that come with TechnoGAN; never written to."""
    return resources_dir() / "models"


def user_dir() -> Path:
    """The user's own models: the folder that TECHNOGAN_MODELS names, else the system's place for such things."""
    named = os.environ.get(MODELS_VARIABLE)
    if named:
        return Path(named).expanduser()
    from platformdirs import user_data_path

    return user_data_path("TechnoGAN", appauthor=False) / "models"


def scan_models() -> ModelListing:
    """Read both folders. Of two models of one name the user's own counts; a bad file is reported, not fatal."""
    bundles: dict[str, ModelBundle] = {}
    problems = []
    for path in _model_files():
        try:
            bundle = ModelBundle.open(path)
        except BundleError as error:
            problems.append(error)
        else:
            bundles.setdefault(bundle.spec.name.casefold(), bundle)
    return ModelListing(tuple(bundles[name] for name in sorted(bundles)), tuple(problems))


def available_models() -> list[ModelBundle]:
    """The usable models, by name."""
    return list(scan_models().bundles)


def find_model(model: str | Path = DEFAULT_MODEL) -> ModelBundle:
    """The model of this name (letter case does not matter), at this path, or of the training run in this folder.

    Raises ModelNotFound where there is neither, BundleError where the file of that name or path cannot be used.
    """
    found = scan_models()
    wanted = str(model).casefold()
    for bundle in found.bundles:
        if bundle.spec.name.casefold() == wanted:
            return bundle
    for problem in found.problems:
        if problem.path.stem.casefold() == wanted:
            raise problem
    path = Path(model).expanduser()
    if (path / RUN_MODEL).is_file():
        return ModelBundle.open(path / RUN_MODEL)
    if path.suffix.casefold() == ".onnx" and path.exists():
        return ModelBundle.open(path)
    raise ModelNotFound(str(model), (bundle.spec.name for bundle in found.bundles))


def install_model(path: Path, *, replace: bool = False) -> ModelBundle:
    """Copy the model file at `path` into the user's folder, under the name in its facts, after verifying it, and its
    encoder with it, if one is beside it.

    Raises BundleError or SpecMismatch where one of them does not verify, OutputError where it cannot be written or,
    unless `replace`, where a model of that name is there already.
    """
    bundle = ModelBundle.open(path)
    target = user_dir() / f"{bundle.spec.name}.onnx"
    if not replace and (_named(bundle.spec.name) or target.exists()):
        raise OutputError(target, f"there is already a model named {bundle.spec.name}; remove it or replace it")
    verify(bundle)
    encoder = read_encoder(bundle) if encoder_path(path).exists() else None
    earlier = _own(bundle.spec.name)
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
    """Delete the user's model of this name, with its encoder, and return where it was.

    Raises ModelNotFound where there is none, OutputError for a model that comes with TechnoGAN or cannot be deleted.
    """
    own = _own(name)
    if own:
        for bundle in own:
            _delete_model(bundle.path)
        return own[0].path
    bundled = _named(name)
    if bundled:
        raise OutputError(
            bundled.path, f"{bundled.spec.name} comes with TechnoGAN; only models you installed can be removed"
        )
    raise ModelNotFound(name, (bundle.spec.name for bundle in available_models() if bundle.path.parent == user_dir()))


def _model_files() -> list[Path]:
    files: list[Path] = []
    for folder in (user_dir(), bundled_dir()):
        found = sorted(folder.glob("*.onnx")) if folder.is_dir() else []
        files += [path for path in found if not path.name.casefold().endswith(_COMPANIONS)]
    return files


def _named(name: str) -> ModelBundle | None:
    return next((bundle for bundle in available_models() if bundle.spec.name.casefold() == name.casefold()), None)


def _own(name: str) -> list[ModelBundle]:
    """Every model of this name in the user's folder; a copy made by hand may be a second one."""
    bundles = []
    for path in _model_files():
        if path.parent == user_dir():
            try:
                bundles.append(ModelBundle.open(path))
            except BundleError:
                continue
    return [bundle for bundle in bundles if bundle.spec.name.casefold() == name.casefold()]


def _delete_model(path: Path) -> None:
    _delete(path)
    if encoder_path(path).exists():
        _delete(encoder_path(path))


def _delete(path: Path) -> None:
    try:
        path.unlink()
    except OSError as error:
        raise OutputError(path, explain(error)) from error
