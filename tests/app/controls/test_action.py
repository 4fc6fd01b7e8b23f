import pytest

from app.controls.action import Action, Registry


def act(action_id, *keys):
    return Action(action_id, action_id.title(), lambda: None, keys)


def test_actions_are_found_by_id_and_group():
    registry = Registry({"Edit": [act("undo", "Ctrl+Z"), act("redo")], "View": [act("axis", "F")]})
    assert [action.id for action in registry] == ["undo", "redo", "axis"]
    assert registry["axis"].keys == ("F",)
    assert [action.id for action in registry.group("Edit")] == ["undo", "redo"]


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        ({"Edit": [act("undo"), act("undo")]}, "two actions have the id undo"),
        ({"Edit": [act("undo", "Z")], "View": [act("axis", "Z")]}, "axis and undo both have the key Z"),
    ],
)
def test_ids_and_keys_are_unique(groups, message):
    with pytest.raises(ValueError, match=message):
        Registry(groups)
