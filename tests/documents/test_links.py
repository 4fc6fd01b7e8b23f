"""Tests of links, pictures and sounds in the documents."""

import re

import pytest

from tests.documents.pages import DOCS, ROOT, anchors, pages, prose

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)|src=\"([^\"]+)\"")
PAGES = {page.relative_to(ROOT).as_posix(): page for page in pages()}


def targets(page):
    return [one or other for one, other in LINK.findall(prose(page))]


@pytest.mark.parametrize("name", PAGES)
def test_link_targets_exist(name):
    page = PAGES[name]
    for target in targets(page):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), target
        assert not anchor or anchor in anchors(file), target


@pytest.mark.parametrize("name", [name for name in PAGES if name.startswith("docs/")])
def test_site_links_stay_within_the_site(name):
    page = PAGES[name]
    for target in targets(page):
        if not re.match(r"[a-z]+:", target):
            assert (page.parent / target.partition("#")[0]).resolve().is_relative_to(DOCS), target


@pytest.mark.parametrize("folder", ["pictures", "figures", "sounds"])
def test_every_generated_file_is_shown(folder):
    linked = {(page.parent / target).resolve() for page in PAGES.values() for target in targets(page)}
    made = {path for path in (DOCS / folder).rglob("*") if path.is_file()}
    assert made
    assert made <= linked


def test_every_page_can_be_reached_from_the_readme():
    waiting, reached = [ROOT / "README.md"], set()
    while waiting:
        page = waiting.pop()
        if page not in reached:
            reached.add(page)
            found = [(page.parent / target.partition("#")[0]).resolve() for target in targets(page)]
            waiting += [file for file in found if file.suffix == ".md" and file.exists()]
    assert set(PAGES.values()) <= reached
