"""How stems play."""

import pytest

from app.session.state import Slot, Stem, StemMix
from technogan.errors import SettingError

NAMES = ("kick", "drums", "music")


def test_at_first_all_stems_play():
    assert StemMix().heard(NAMES) == NAMES


def test_a_stem_is_switched_off_and_on():
    off = StemMix().toggled("kick", NAMES)
    assert off.heard(NAMES) == ("drums", "music")
    assert off.toggled("kick", NAMES) == StemMix()


def test_a_solo_silences_the_others_and_restores_them():
    mix = StemMix().toggled("music", NAMES)
    solo = mix.with_solo_toggled("kick")
    assert solo.heard(NAMES) == ("kick",)
    assert solo.with_solo_toggled("drums").heard(NAMES) == ("drums",)
    assert solo.with_solo_toggled("kick") == mix
    assert solo.toggled("kick", NAMES) == mix


def test_a_solo_plays_a_stem_that_is_off():
    assert StemMix().toggled("kick", NAMES).with_solo_toggled("kick").heard(NAMES) == ("kick",)


def test_a_stem_joins_a_solo():
    mix = StemMix().with_solo_toggled("kick").toggled("drums", NAMES)
    assert mix.solo is None
    assert mix.heard(NAMES) == ("kick", "drums")


def test_settings_of_another_models_stems_are_kept_and_silence_nothing():
    mix = StemMix({"voice": Stem(on=False)}, solo="pads").with_level("kick", -6)
    assert mix.heard(NAMES) == NAMES
    assert mix.toggled("drums", NAMES).stem("voice") == Stem(on=False)
    assert mix.heard(("pads", "kick")) == ("pads",)


def test_a_level_is_kept_while_a_stem_is_off():
    mix = StemMix().with_level("kick", -6).toggled("kick", NAMES)
    assert mix.stem("kick") == Stem(on=False, level_db=-6)
    assert mix.toggled("kick", NAMES).stem("kick") == Stem(level_db=-6)


@pytest.mark.parametrize("make", [Stem, Slot])
@pytest.mark.parametrize("level_db", [-61, 7, float("nan")])
def test_impossible_levels_are_refused(make, level_db):
    with pytest.raises(SettingError, match="level"):
        make(level_db=level_db)
