"""Tests of the documentation site."""

import dataclasses
import re
import subprocess
import sys

import pytest

from app.widgets.tokens import DARK, LIGHT
from tests.documents.pages import DOCS, ROOT


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    pytest.importorskip("mkdocs", reason="needs the docs extra")
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert built.returncode == 0, built.stdout + built.stderr
    return folder


def test_every_page_is_in_the_site(site):
    wanted = {page.relative_to(DOCS).with_suffix(".html") for page in DOCS.rglob("*.md")}
    assert wanted <= {page.relative_to(site) for page in site.rglob("*.html")}


def test_site_loads_no_external_files(site):
    for page in site.rglob("*.html"):
        loaded = re.findall(
            r"<(?:script|img|link|audio|iframe)\b[^>]*(?:src|href)=\"(https?:[^\"]+)", page.read_text("utf-8")
        )
        assert not loaded, page


def test_typeface_is_included(site):
    assert (site / "assets" / "fonts" / "Inter-Regular.otf").read_bytes()[:4] == b"OTTO"


@pytest.mark.parametrize(("tokens", "scheme"), [(DARK, "slate"), (LIGHT, "default")])
def test_colours_match_the_window(tokens, scheme):
    css = (DOCS / "assets" / "site.css").read_text(encoding="utf-8")
    (block,) = re.findall(rf'data-md-color-scheme="{scheme}"\] \{{(.*?)\}}', css, re.DOTALL)
    found = dict(re.findall(r"--([\w-]+): (#\w+);", block))
    known = {field.name: getattr(tokens, field.name) for field in dataclasses.fields(tokens)}
    assert len(found) > 10
    assert found == {name: known[name] for name in found}
