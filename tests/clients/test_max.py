from __future__ import annotations

import itertools
import json
import struct

import pytest

from scripts.clients import max_performance, max_sampler
from scripts.clients.files import FOLDER
from scripts.clients.max_objects import ports
from tests.clients.max_machine import Machine

SAMPLER = f"{max_sampler.NAME}.maxpat"
PERFORMANCE = f"{max_performance.NAME}.maxpat"
SCOPE = {SAMPLER: "---", PERFORMANCE: "technogan-"}
CONTENTS = {name: json.loads((FOLDER / "max" / name).read_text(encoding="utf-8"))["patcher"] for name in SCOPE}
SEED = tuple(float(value) for value in range(-32, 32))
OTHER = tuple(-value for value in SEED)
SHORT, LONG = "C:/loops/a single1-000001.wav", "C:/loops/fade3.wav"
LENGTHS_MS = {SHORT: 468.75, LONG: 4 * 1875.0}


def patchers(content: dict, path: str = ""):
    """A patcher and all below it, each with its place."""
    yield path, content
    for item in content["boxes"]:
        if "patcher" in item["box"]:
            yield from patchers(item["box"]["patcher"], f"{path}/{item['box']['varname']}")


ALL = [pytest.param(content, id=name + path) for name in SCOPE for path, content in patchers(CONTENTS[name])]


def boxes(content: dict) -> dict[str, dict]:
    return {item["box"]["id"]: item["box"] for item in content["boxes"]}


def overlap(one, other) -> bool:
    return all(one[n] < other[n] + other[n + 2] and other[n] < one[n] + one[n + 2] for n in range(2))


@pytest.mark.parametrize("content", ALL)
def test_every_object_is_known_and_has_the_inlets_and_outlets_that_max_gives_it(content):
    assert len(boxes(content)) == len(content["boxes"])
    for box in boxes(content).values():
        if "patcher" in box:
            kinds = [inner["maxclass"] for inner in boxes(box["patcher"]).values()]
            assert (box["numinlets"], box["numoutlets"]) == (kinds.count("inlet"), kinds.count("outlet"))
        else:
            known = ports(box["text"] if box["maxclass"] == "newobj" else box["maxclass"])
            assert (box["numinlets"], box["numoutlets"]) == (len(known.inlets), len(known.outlets))
            assert box.get("outlettype", []) == known.outlet_types


@pytest.mark.parametrize("content", ALL)
def test_every_connection_has_both_ends(content):
    known = boxes(content)
    ways = [(*line["patchline"]["source"], *line["patchline"]["destination"]) for line in content["lines"]]
    assert len(set(ways)) == len(ways)
    for source, outlet, target, inlet in ways:
        assert 0 <= outlet < known[source]["numoutlets"]
        assert 0 <= inlet < known[target]["numinlets"]


@pytest.mark.parametrize("content", ALL)
def test_signals_end_where_signals_are_taken(content):
    known = boxes(content)
    for line in content["lines"]:
        (source, outlet), (target, inlet) = line["patchline"]["source"], line["patchline"]["destination"]
        box = known[target]
        if known[source]["outlettype"][outlet] == "signal" and "patcher" not in box:
            name = box["text"] if box["maxclass"] == "newobj" else box["maxclass"]
            assert ports(name).inlets[inlet] == "~"


@pytest.mark.parametrize("content", ALL)
def test_inlets_and_outlets_are_counted_from_left_to_right(content):
    for kind in ("inlet", "outlet"):
        found = sorted(
            (box["patching_rect"][0], box["index"]) for box in boxes(content).values() if box["maxclass"] == kind
        )
        assert [index for _, index in found] == list(range(1, len(found) + 1))


@pytest.mark.parametrize("content", ALL)
def test_nothing_overlaps_while_patching(content):
    rects = [box["patching_rect"] for box in boxes(content).values()]
    assert not any(overlap(one, other) for one, other in itertools.combinations(rects, 2))


@pytest.mark.parametrize("name", SCOPE)
def test_nothing_overlaps_in_the_presentation(name):
    shown = [box for box in boxes(CONTENTS[name]).values() if box.get("presentation")]
    rects = [box["presentation_rect"] for box in shown if not box.get("background")]
    assert len(rects) > 60
    assert not any(overlap(one, other) for one, other in itertools.combinations(rects, 2))


def test_the_sampler_fits_into_a_device():
    content = CONTENTS[SAMPLER]
    for box in boxes(content).values():
        if box.get("presentation"):
            x, y, width, height = box["presentation_rect"]
            assert 0 <= x < x + width <= content["devicewidth"]
            assert 0 <= y < y + height <= 169


def test_the_performance_patch_shows_everything_on_its_panels():
    shown = [box for box in boxes(CONTENTS[PERFORMANCE]).values() if box.get("presentation")]
    panels = [box["presentation_rect"] for box in shown if box.get("background")]
    for x, y, width, height in (box["presentation_rect"] for box in shown if not box.get("background")):
        assert any(a <= x and b <= y and x + width <= a + c and y + height <= b + d for a, b, c, d in panels)


@pytest.mark.parametrize("name", SCOPE)
def test_names_of_controls_are_unique(name):
    names = [box["varname"] for box in boxes(CONTENTS[name]).values() if "varname" in box]
    assert len(names) == len(set(names))


def test_parameters_of_the_device_are_unique_and_listed():
    content = CONTENTS[SAMPLER]
    facts = {
        name: box["saved_attribute_attributes"]["valueof"]
        for name, box in boxes(content).items()
        if "saved_attribute_attributes" in box
    }
    names = [fact["parameter_longname"] for fact in facts.values()]
    assert len(names) == len(set(names)) > 60
    assert {name: listed[0] for name, listed in content["parameters"].items()} == dict(zip(facts, names, strict=True))


def test_the_device_is_its_source_in_a_container():
    data = (FOLDER / "max" / f"{max_sampler.NAME}.amxd").read_bytes()
    chunks = {}
    while data:
        name, length = struct.unpack("<4sI", data[:8])
        chunks[name], data = data[8 : 8 + length], data[8 + length :]
        assert len(chunks[name]) == length
    assert list(chunks) == [b"ampf", b"meta", b"ptch"]
    assert (chunks[b"ampf"], chunks[b"meta"]) == (b"iiii", bytes(4))
    assert chunks[b"ptch"].endswith(b"}\n\0")
    content = json.loads(chunks[b"ptch"][:-1])["patcher"]
    assert content.pop("project")["amxdtype"] == int.from_bytes(b"iiii", "big")
    assert content == CONTENTS[SAMPLER]


@pytest.fixture(params=[(name, backwards) for name in SCOPE for backwards in (False, True)], ids=str)
def patch(request) -> Machine:
    name, backwards = request.param
    machine = Machine(CONTENTS[name], LENGTHS_MS, scope=SCOPE[name], backwards=backwards)
    machine.start()
    machine.sent.clear()
    return machine


def outgoing(patch: Machine) -> list:
    return patch.sent.pop("udpsend 127.0.0.1 10102", [])


def answer(patch: Machine, *message) -> None:
    port = 10101 if patch.scope == "---" else 10121
    patch.give(f"udpreceive {port}", *message)


def fill(patch: Machine, slot: int, seed, path: str = SHORT) -> None:
    patch.do("seed", *seed)
    press(patch, slot, "generate")
    answer(patch, "/ccret/wav_id", slot, path, "Generated")
    outgoing(patch)


def press(patch: Machine, slot: int, label: str) -> None:
    patch.press(label, slot - 1)


def test_registers_and_asks_for_the_state_when_it_is_opened(patch):
    port = 10101 if patch.scope == "---" else 10121
    patch.start()
    assert ("/cc/register", port) in outgoing(patch)
    patch.sent.clear()
    patch.do("reply_port", 4711)
    assert patch.sent[f"udpreceive {port}"] == [("port", 4711)]
    assert set(outgoing(patch)) == {("/cc/register", 4711), ("/cc/status",)}


@pytest.mark.parametrize(("dialect", "prefix"), [(0, "/cc"), (1, "/gg")])
def test_generate_sends_the_id_and_the_sliders_in_either_dialect(dialect, prefix, patch):
    patch.do("dialect", dialect)
    patch.do("seed", *SEED)
    press(patch, 5, "generate")
    assert outgoing(patch) == [(f"{prefix}/generate_single_wav_id", 5, *SEED)]


def test_answers_of_both_dialects_go_to_the_slot_that_asked(patch):
    answer(patch, "/ccret/wav_id", 2, SHORT, "Generated single in 0.1 sec.")
    answer(patch, "/ggret/wav_id", f"2 {SHORT}")
    name = f"buffer~ {patch.scope}2"
    assert (patch.sent[name + "a"], patch.sent[name + "b"]) == ([("replace", SHORT)], [("replace", SHORT)])


def test_a_loop_that_came_fades_in_over_the_one_before_and_turns_with_the_transport(patch):
    patch.send(f"{patch.scope}bpm", (128.0,))
    answer(patch, "/ccret/wav_id", 1, SHORT, "")
    answer(patch, "/ccret/wav_id", 1, LONG, "")
    periods = patch.sent["phasor~ @frequency 480 ticks @lock 1"]
    assert periods == [("frequency", 480, "ticks"), ("frequency", 16 * 480, "ticks")]
    fades = [value for value in patch.sent["line~ 0."] if value[1] == 20]
    assert sorted(fades) == [(0.0, 20), (0.0, 20), (1.0, 20), (1.0, 20)]


@pytest.mark.parametrize("kind", ["fade", "pingpong"])
def test_morph_sends_id_steps_and_both_seeds(kind, patch):
    fill(patch, 1, SEED)
    fill(patch, 2, OTHER)
    patch.do("morph_steps", 8)
    patch.press(kind)
    assert outgoing(patch) == [(f"/cc/generate_{kind}", 3, 8, *SEED, *OTHER)]
    answer(patch, "/ccret/wav_id", 3, LONG, "")
    press(patch, 3, "recall")
    assert patch.sent["seed"][-1] == (OTHER if kind == "fade" else SEED)


def test_morph_from_the_sliders_and_none_with_an_empty_slot(patch):
    fill(patch, 2, OTHER)
    patch.do("seed", *SEED)
    patch.do("morph_a", 0)
    patch.press("fade")
    assert outgoing(patch) == [("/cc/generate_fade", 3, 4, *SEED, *OTHER)]
    patch.do("morph_b", 7)
    patch.press("fade")
    assert outgoing(patch) == []
    assert ("set", "a", "slot", "of", "this", "morph", "is", "empty") in patch.sent["comment"]


def test_renew_asks_again_for_every_slot_that_has_a_seed(patch):
    fill(patch, 1, SEED)
    fill(patch, 4, OTHER)
    patch.press("renew")
    assert sorted(outgoing(patch)) == [
        ("/cc/generate_single_wav_id", 1, *SEED),
        ("/cc/generate_single_wav_id", 4, *OTHER),
    ]


def test_a_scene_that_is_recalled_loads_the_file_and_the_seed(patch):
    patch.do("slot_6_values", *SEED)
    patch.do("slot_6_file", LONG)
    assert patch.sent[f"buffer~ {patch.scope}6a"] == [("replace", LONG)]
    press(patch, 6, "recall")
    assert patch.sent["seed"][-1] == SEED


def test_a_memory_that_was_never_filled_loads_nothing(patch):
    patch.do("slot_6_file", 0)
    patch.do("slot_6_values", 0)
    press(patch, 6, "recall")
    assert patch.sent[f"buffer~ {patch.scope}6a"] == []
    assert patch.sent["seed"] == []


@pytest.mark.parametrize(
    ("moves", "gains"),
    [
        ({}, (1.0, 1.0)),
        ({"slot_1_level": 0.5}, (0.25, 1.0)),
        ({"slot_1_mute": 1}, (0.0, 1.0)),
        ({"slot_2_solo": 1}, (0.0, 1.0)),
        ({"slot_1_solo": 1, "slot_2_solo": 1}, (1.0, 1.0)),
        ({"slot_2_solo": 1, "slot_2_mute": 1}, (0.0, 0.0)),
    ],
    ids=str,
)
def test_level_mute_and_solo_make_the_gain(moves, gains, patch):
    for slot in (1, 2):
        patch.do(f"slot_{slot}_level", 1.0)
    for name, value in moves.items():
        patch.do(name, value)
    assert tuple(patch.last(f"p_slot-{slot}", "pack 0. 20")[0] for slot in (1, 2)) == gains


def test_random_gives_64_values_within_the_range(patch):
    patch.press("random")
    (seed,) = patch.sent["seed"]
    assert len(seed) == 64
    assert all(-128 <= value <= 127 for value in seed)


def test_notes_open_slots_where_notes_are_on():
    patch = Machine(CONTENTS[SAMPLER], LENGTHS_MS, scope="---")
    patch.do("slot_1_level", 1.0)
    patch.do("notes", 1)
    gains = [patch.last("p_slot-1", "pack 0. 20")[0]]
    for velocity in (100, 0):
        patch.give("notein", velocity, outlet=1)
        patch.give("notein", 36)
        gains.append(patch.last("p_slot-1", "pack 0. 20")[0])
    assert gains == [0, 1, 0]


def test_scenes_are_stored_and_recalled_by_number():
    patch = Machine(CONTENTS[PERFORMANCE], LENGTHS_MS, scope="technogan-")
    patch.start()
    patch.press("store")
    patch.press("recall", 8)  # after those of the eight slots
    assert patch.sent["pattrstorage technogan-scenes"] == [("store", 1), ("recall", 1)]
