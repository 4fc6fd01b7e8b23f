import itertools
import json
import struct

import pytest

from scripts.clients.max_objects import ports
from tests.clients.max_files import CONTENTS, DEVICES, NODE_PERFORMANCE, PERFORMANCE, SCOPE


def patchers(content: dict, path: str = ""):
    """Yield a patcher and all its subpatchers with their paths."""
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
def test_every_object_has_the_inlets_and_outlets_of_max(content):
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
def test_signals_go_to_signal_inlets(content):
    known = boxes(content)
    for line in content["lines"]:
        (source, outlet), (target, inlet) = line["patchline"]["source"], line["patchline"]["destination"]
        box = known[target]
        if known[source]["outlettype"][outlet] == "signal" and "patcher" not in box:
            name = box["text"] if box["maxclass"] == "newobj" else box["maxclass"]
            assert ports(name).inlets[inlet] == "~"


@pytest.mark.parametrize("content", ALL)
def test_inlets_and_outlets_are_numbered_from_left_to_right(content):
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


@pytest.mark.parametrize("name", DEVICES)
def test_sampler_fits_into_a_device(name):
    content = CONTENTS[name]
    for box in boxes(content).values():
        if box.get("presentation"):
            x, y, width, height = box["presentation_rect"]
            assert 0 <= x < x + width <= content["devicewidth"]
            assert 0 <= y < y + height <= 169


@pytest.mark.parametrize("name", [PERFORMANCE, NODE_PERFORMANCE])
def test_performance_patch_shows_everything_on_its_panels(name):
    shown = [box for box in boxes(CONTENTS[name]).values() if box.get("presentation")]
    panels = [box["presentation_rect"] for box in shown if box.get("background")]
    for x, y, width, height in (box["presentation_rect"] for box in shown if not box.get("background")):
        assert any(a <= x and b <= y and x + width <= a + c and y + height <= b + d for a, b, c, d in panels)


@pytest.mark.parametrize("name", SCOPE)
def test_control_names_are_unique(name):
    names = [box["varname"] for box in boxes(CONTENTS[name]).values() if "varname" in box]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("name", DEVICES)
def test_parameters_of_the_device_are_unique_and_listed(name):
    content = CONTENTS[name]
    attributes = {
        name: box["saved_attribute_attributes"]["valueof"]
        for name, box in boxes(content).items()
        if "saved_attribute_attributes" in box
    }
    names = [fact["parameter_longname"] for fact in attributes.values()]
    assert len(names) == len(set(names)) > 60
    assert {name: listed[0] for name, listed in content["parameters"].items()} == dict(
        zip(attributes, names, strict=True)
    )


@pytest.mark.parametrize("name", DEVICES)
def test_device_contains_its_source(name):
    data = DEVICES[name].read_bytes()
    chunks = {}
    while data:
        kind, length = struct.unpack("<4sI", data[:8])
        chunks[kind], data = data[8 : 8 + length], data[8 + length :]
        assert len(chunks[kind]) == length
    assert list(chunks) == [b"ampf", b"meta", b"ptch"]
    assert (chunks[b"ampf"], chunks[b"meta"]) == (b"iiii", bytes(4))
    assert chunks[b"ptch"].endswith(b"}\n\0")
    content = json.loads(chunks[b"ptch"][:-1])["patcher"]
    assert content.pop("project")["amxdtype"] == int.from_bytes(b"iiii", "big")
    assert content == CONTENTS[name]
