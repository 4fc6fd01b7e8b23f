"""Check that files, modules and public names in the documents exist."""

import importlib.util
import re

import pytest

import technogan
from tests.documents.pages import DOCS, ROOT, pages

# `folder/file.py` and `package.module` or `package.module.name`, perhaps with arguments.
_PATH = re.compile(r"`(?:python |bash )?((?:\w[\w.-]*/)+[\w.-]*)[^`]*`")
_MODULE = re.compile(r"`(?:python -m )?((?:app|scripts|technogan|tests|training)(?:\.\w+)+)(?![\w(])[^`]*`")
# Created when a wheel is built; a patch; entries of the ONNX metadata.
_OTHER = {"technogan/_resources", "technogan.pd", "technogan.spec", "technogan.sha256", "technogan.frequencies"}
_ROOTS = {path.name for path in ROOT.iterdir() if path.is_dir()} - {"build", "dist"}
_PAGES = {
    page.relative_to(ROOT).as_posix(): page for page in [*pages(), *sorted((ROOT / "resources").rglob("README.md"))]
}


@pytest.mark.parametrize("name", _PAGES)
def test_named_files_exist(name):
    found = set(_PATH.findall(_PAGES[name].read_text(encoding="utf-8"))) - _OTHER
    assert not {path for path in found if path.split("/")[0] in _ROOTS and not (ROOT / path).exists()}


@pytest.mark.parametrize("name", _PAGES)
def test_named_modules_exist(name):
    found = set(_MODULE.findall(_PAGES[name].read_text(encoding="utf-8"))) - _OTHER
    assert not {each for each in found if not exists(each)}


def exists(dotted):
    """Return True for a module, or for a name in a module."""
    try:
        if importlib.util.find_spec(dotted):
            return True
    except ModuleNotFoundError:
        pass
    module, _, name = dotted.rpartition(".")
    return bool(importlib.util.find_spec(module)) and hasattr(importlib.import_module(module), name)


def test_every_public_name_is_on_the_api_page():
    names = re.findall(r"^::: technogan\.(\w+)$", (DOCS / "api.md").read_text(encoding="utf-8"), re.M)
    assert len(names) == len(set(names))
    assert set(names) | {"__version__"} == set(technogan.__all__)


@pytest.mark.parametrize(("text", "found"), [("`app/cli.py`", True), ("`app/nothing.py`", False)])
def test_missing_files_are_noticed(text, found):
    (path,) = _PATH.findall(text)
    assert (ROOT / path).exists() is found


@pytest.mark.parametrize(
    ("dotted", "found"), [("app.cli.run", True), ("app.nothing", False), ("app.cli.nothing", False)]
)
def test_missing_modules_are_noticed(dotted, found):
    assert exists(dotted) is found
