"""Test the page that compares a slice with its reconstruction."""

import pytest

from tests.app.fakes import loop_of, seed_of


@pytest.fixture
def page(slices, wizard, monkeypatch):
    """The page with both sides of a slice; commands do not start."""
    page = wizard.round_trip_page
    monkeypatch.setattr(page, "run_command", lambda _command, _arguments: None)
    page._show({side: loop_of(seed_of(1), beats=4) for side in page.spectrograms})
    wizard.go("round_trip")
    return page


def test_pictures_and_sounds_are_those_of_the_slice_that_is_named(page):
    assert all(button.isEnabled() for button in page.plays.values())
    page.try_slice("song/song-0003.wav")
    assert page.chosen.text() == "song-0003"
    assert not any(button.isEnabled() for button in page.plays.values())
    assert {view.hint for view in page.spectrograms.values()} == {"Converting and reconstructing…"}
    page._show({side: loop_of(seed_of(2), beats=4) for side in page.spectrograms})
    assert all(button.isEnabled() for button in page.plays.values())


def test_without_slices_the_page_says_so(page):
    page.try_slice("")
    assert {view.hint for view in page.spectrograms.values()} == {"There are no slices to play."}
